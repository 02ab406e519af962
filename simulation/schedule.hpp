// Virtual time: what happens next, and nothing in between.
#pragma once

#include <algorithm>
#include <cstddef>
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
    std::size_t place = tasks_.size();
    if (free_.empty()) {
      tasks_.push_back(std::move(task));
    } else {
      place = free_.back();
      free_.pop_back();
      tasks_[place] = std::move(task);
    }
    planned_.push_back({std::max(when, now()), ++count_, place});
    std::push_heap(planned_.begin(), planned_.end(), Later{});
  }
  void after(Duration wait, Task task) { at(now() + wait, std::move(task)); }

  /// Lets the next task happen. Something must be planned.
  void run_next() {
    POURTOCOL_ASSERT(!planned_.empty());
    std::pop_heap(planned_.begin(), planned_.end(), Later{});
    const Planned next = planned_.back();
    planned_.pop_back();
    clock_.now = next.when;
    // Out of its place first: what it plans may move all of them.
    Task task = std::move(tasks_[next.place]);
    free_.push_back(next.place);
    task();
  }
  [[nodiscard]] Instant next_at() const noexcept {
    return planned_.empty() ? Instant::max() : planned_.front().when;
  }

 private:
  /// The heap moves these about, and the tasks stay where they are: in `tasks_`, at `place`.
  struct Planned {
    Instant when;
    std::uint64_t order;
    std::size_t place;
  };
  struct Later {
    bool operator()(const Planned& a, const Planned& b) const noexcept {
      return a.when != b.when ? a.when > b.when : a.order > b.order;
    }
  };

  firmware::VirtualClock clock_{Instant{} + std::chrono::hours{1}};
  std::uint64_t count_ = 0;
  std::vector<Planned> planned_;
  std::vector<Task> tasks_;
  std::vector<std::size_t> free_;
};

}  // namespace pourtocol::simulation
