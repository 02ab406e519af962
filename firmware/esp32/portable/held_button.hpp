// Whether a button has been held long enough to mean it.
#pragma once

#include <cstdint>

namespace pourtocol::board {

/// Only what was pressed while somebody watched counts: a line that is low from the start (a button
/// that is stuck, a shorted wire, a board without one) is nobody's wish, and a machine that took it
/// for one would restart for ever.
class HeldButton {
 public:
  explicit HeldButton(std::int64_t hold_us) noexcept : hold_us_{hold_us} {}

  /// To be called again and again, with a clock that never goes back. True: it has been held for
  /// `hold_us` since it was last seen released.
  [[nodiscard]] bool update(bool pressed, std::int64_t now_us) noexcept {
    if (!pressed) {
      seen_released_ = true;
      released_at_us_ = now_us;
    }
    return seen_released_ && now_us - released_at_us_ >= hold_us_;
  }

 private:
  std::int64_t hold_us_;
  std::int64_t released_at_us_ = 0;
  bool seen_released_ = false;
};

}  // namespace pourtocol::board
