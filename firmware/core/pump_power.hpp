// How strongly a pump runs.
#pragma once

#include <cstdint>

namespace pourtocol::firmware {

/// The share of its supply that a pump is given, in percent: the duty cycle of its output.
using PumpPower = std::uint8_t;

inline constexpr PumpPower full_power = 100;
/// A motor on less may not start.
inline constexpr PumpPower lowest_power = 40;
inline constexpr PumpPower power_step = 5;

/// 40..100 %, in steps of 5.
[[nodiscard]] constexpr bool valid_power(PumpPower power) noexcept {
  return lowest_power <= power && power <= full_power && power % power_step == 0;
}

}  // namespace pourtocol::firmware
