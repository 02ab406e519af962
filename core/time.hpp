// Time as the pure code sees it: handed in, never asked for.
//
// `Instant` is monotonic and only ever compared with other instants of the same machine; `WallTime`
// is what a person's clock shows, and is only ever written down. They are different types, so that
// a wall-clock jump can never start, prolong or end a pour.
#pragma once

#include <chrono>
#include <cstdint>

namespace pourtocol {

using Duration = std::chrono::microseconds;

/// Tag of the monotonic clock. It has no `now()`: pure code is told the time.
struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};

/// Tag of the civil clock, counted from the Unix epoch, UTC.
struct CivilClock {
  using duration = std::chrono::milliseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<CivilClock>;
  static constexpr bool is_steady = false;
};

using Instant = MonotonicClock::time_point;
using WallTime = CivilClock::time_point;

/// How long a board has been up, by its own clock. Never mixed with the server's instants: it comes
/// from another machine and starts anew with every boot.
using Uptime = std::chrono::milliseconds;

/// Turns a board's 32-bit millisecond counter, which wraps every 49.7 days, into an `Uptime` that
/// does not. Feed it at least once per wrap; the control loop does so every few milliseconds.
class UptimeCounter {
 public:
  constexpr Uptime advance(std::uint32_t ticks_ms) noexcept {
    // Unsigned subtraction is exact across the wrap.
    uptime_ += Uptime{static_cast<std::uint32_t>(ticks_ms - last_ticks_ms_)};
    last_ticks_ms_ = ticks_ms;
    return uptime_;
  }

  /// A counter whose board's ticks stood at `ticks_ms` when it was made.
  constexpr explicit UptimeCounter(std::uint32_t ticks_ms = 0) noexcept
      : last_ticks_ms_{ticks_ms} {}

 private:
  std::uint32_t last_ticks_ms_;
  Uptime uptime_{0};
};

}  // namespace pourtocol
