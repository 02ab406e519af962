// Whether a firmware that came over the network has proved itself.
#pragma once

#include <cstdint>

namespace pourtocol::board {

/// What can be seen of how a new firmware does.
struct TrialSigns {
  bool pump_guarded = false;   ///< the pump's guard passed its test
  bool journal_works = false;  ///< its journal is there and can be written
  bool network_up = false;     ///< it has an address
};

enum class Verdict : std::uint8_t {
  wait,    ///< nothing can be said yet
  passed,  ///< it stays
  failed,  ///< the one before is taken back
};

/// A new firmware has so long to find its network: a router may be starting, too.
inline constexpr std::int64_t trial_us = 5 * 60 * 1'000'000LL;

/// After `running_us` since the start. No network is waited for behind a pump without its guard: no
/// time brings that back. A journal that cannot be written may recover as long as there is time.
[[nodiscard]] constexpr Verdict judge_trial(const TrialSigns& signs,
                                            std::int64_t running_us) noexcept {
  if (!signs.pump_guarded) return Verdict::failed;
  if (signs.journal_works && signs.network_up) return Verdict::passed;
  return running_us > trial_us ? Verdict::failed : Verdict::wait;
}

}  // namespace pourtocol::board
