// Whether the connection to a device is kept from one status call to the next. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "core/time.hpp"

namespace pourtocol::esp32 {

/// Our firmware serves several connections at a time. Of another device that is not known: many
/// serve one, and while we keep that one, nobody else gets through to it, be it an order or its
/// owner with a browser. So a connection is kept where the device allows it and has shown, once,
/// that it answers another beside it. Whatever goes wrong with a kept connection is put down to the
/// keeping: the call is made again in the plain way, and nothing is kept for a while.
class Keeping {
 public:
  /// After what went wrong nothing is kept for so long at first, then for twice as long each time.
  static constexpr Duration first_pause = std::chrono::minutes{1};
  static constexpr Duration longest_pause = std::chrono::hours{1};

  /// How a status call is made.
  enum class Way : std::uint8_t {
    plain,   ///< over a connection of its own, which the device is asked to close
    kept,    ///< over the one that is idle, if there is one; afterwards it is idle again
    beside,  ///< over a fresh one while another is idle: will it be answered?
  };

  [[nodiscard]] Way next(bool has_idle, Instant now) const noexcept {
    if (ours_) return Way::kept;
    if (!in_touch_ || now < not_before_) return Way::plain;
    return has_idle && !serves_two_ ? Way::beside : Way::kept;
  }
  /// Whether a call that was made in that way and failed says nothing of the device yet.
  [[nodiscard]] bool is_a_trial(Way way) const noexcept { return !ours_ && way != Way::plain; }
  /// Whether its idle connection may stay open while something else is asked of the device.
  [[nodiscard]] bool may_stay_open() const noexcept { return ours_; }

  /// A call brought a status, of our firmware or of another.
  void on_status(Way way, bool ours) noexcept {
    in_touch_ = true;
    ours_ = ours;
    if (way == Way::beside) serves_two_ = true;
  }
  void on_failure(Way way, Instant now) noexcept {
    if (is_a_trial(way)) return on_lost(now);
    in_touch_ = false;
  }
  /// The device had closed the connection that was kept.
  void on_lost(Instant now) noexcept {
    if (ours_) return;
    serves_two_ = false;
    not_before_ = now + pause_;
    pause_ = std::min(2 * pause_, longest_pause);
  }

 private:
  bool in_touch_ = false;  ///< the last call brought a status
  bool ours_ = false;
  bool serves_two_ = false;
  Instant not_before_ = Instant::min();
  Duration pause_ = first_pause;
};

}  // namespace pourtocol::esp32
