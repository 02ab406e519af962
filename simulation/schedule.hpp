// Virtual time: what happens next, and nothing in between.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "core/assert.hpp"
#include "core/time.hpp"
#include "firmware/simulator/plant/virtual_board.hpp"

namespace pourtocol::simulation {

/// Tasks in the order of their instants; tasks of one instant in the order they were planned. So a
/// run depends on nothing but what was planned.
class Schedule {
 public:
  using Task = std::move_only_function<void()>;

  [[nodiscard]] Instant now() const noexcept { return clock_.now; }
  /// The same time, as virtual boards read it.
  [[nodiscard]] const firmware::VirtualClock& clock() const noexcept { return clock_; }

  void at(Instant when, Task task) {
    planned_.push_back({std::max(when, now()), ++count_, std::move(task)});
    std::push_heap(planned_.begin(), planned_.end(), Later{});
  }
  void after(Duration wait, Task task) { at(now() + wait, std::move(task)); }

  /// Lets the next task happen. Something must be planned.
  void run_next() {
    POURTOCOL_ASSERT(!planned_.empty());
    std::pop_heap(planned_.begin(), planned_.end(), Later{});
    Planned next = std::move(planned_.back());
    planned_.pop_back();
    clock_.now = next.when;
    next.task();
  }
  [[nodiscard]] Instant next_at() const noexcept {
    return planned_.empty() ? Instant::max() : planned_.front().when;
  }

 private:
  struct Planned {
    Instant when;
    std::uint64_t order;
    Task task;
  };
  struct Later {
    bool operator()(const Planned& a, const Planned& b) const noexcept {
      return std::pair{a.when, a.order} > std::pair{b.when, b.order};
    }
  };

  firmware::VirtualClock clock_{Instant{} + std::chrono::hours{1}};
  std::uint64_t count_ = 0;
  std::vector<Planned> planned_;
};

}  // namespace pourtocol::simulation
