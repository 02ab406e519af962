// What is vouched for at the machine itself, whatever comes over the network: of which kind its
// pump is, and the calibration that somebody accepted with a hand at the machine. Everything the
// promises of volume rest on is bounded by this; a calibration that nobody confirmed can make a
// pour shorter, and never longer.
#pragma once

#include <cstdint>
#include <optional>

#include "core/units.hpp"
#include "firmware/core/config.hpp"
#include "firmware/core/tuning.hpp"

namespace pourtocol::firmware {

/// The machine's stop button, held down for so long while the pump stands still, is a hand that
/// means it: longer than anybody holds it to stop something.
inline constexpr Milliseconds hand_after{5'000};

/// The calibration that pours are made by is the confirmed one.
[[nodiscard]] bool is_confirmed(const Config& config, const Tuning& tuning) noexcept;

/// What was confirmed of the pump at the power it has now.
[[nodiscard]] std::optional<Calibration> confirmed_at_its_power(const Config& config) noexcept;

/// What a pump of its kind gives at the very most: 30 % more than as bought, from a full bottle, at
/// its supply's best. Where nobody has said of which kind it is, 30 ml/s: the strongest that fits.
[[nodiscard]] FlowRate fastest_of_kind(const Config& config) noexcept;

/// By what a meter's pulses may be judged: as confirmed, at whatever power, else by its kind.
struct MeterVouched {
  std::uint32_t pulses_per_litre = 0;
  FlowRate flow;  ///< at which that was found
};
[[nodiscard]] MeterVouched vouched_meter(const Config& config) noexcept;

/// `proposed` differs by more than 30 % from what is vouched for, in its flow or (with a meter) in
/// its pulses per litre, or nothing is: it may be accepted with a hand at the machine only. Never
/// measured by what was accepted last, so that small steps do not add up.
[[nodiscard]] bool needs_hand(const Calibration& proposed, const Config& config) noexcept;

}  // namespace pourtocol::firmware
