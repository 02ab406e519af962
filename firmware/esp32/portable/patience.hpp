// How long one task may be kept waiting by many who take their time.
#pragma once

#include <algorithm>
#include <cstdint>

namespace pourtocol::board {

/// An allowance of time that is used up by waiting and comes back as slowly as it went: whatever
/// the others do, of any longer stretch the task waits little more than half, and the rest it is
/// free.
class Patience {
 public:
  constexpr explicit Patience(std::int64_t most_us) noexcept
      : most_us_{most_us}, left_us_{most_us} {}

  /// Whether there is any left. All times by one clock that never goes back.
  [[nodiscard]] bool left(std::int64_t now_us) noexcept {
    left_us_ = std::min(most_us_, left_us_ + (now_us - told_at_us_));
    told_at_us_ = now_us;
    return left_us_ > 0;
  }

  /// A wait that began at the last `left` is over.
  void waited(std::int64_t now_us) noexcept {
    left_us_ -= now_us - told_at_us_;
    told_at_us_ = now_us;
  }

 private:
  std::int64_t most_us_;
  std::int64_t left_us_;
  std::int64_t told_at_us_ = 0;
};

}  // namespace pourtocol::board
