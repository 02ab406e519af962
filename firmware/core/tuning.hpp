// What a machine knows about itself: its calibration, what it has learned since, and how much has
// been poured. Each record of the journal carries all of it, so that it is as durable as the pours
// it was learned from and costs the flash nothing extra.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string_view>

#include "core/units.hpp"
#include "firmware/core/pump_power.hpp"

namespace pourtocol::firmware {

using Milliseconds = std::chrono::milliseconds;

/// What a calibration found out about one machine. Each `_error` is a standard error (1 sigma).
struct Calibration {
  FlowRate flow;                ///< from a full bottle; 0 = not calibrated, and nothing is poured
  Milliseconds start_delay{0};  ///< from pump on to the first flow
  Microlitres coast;            ///< what still runs after pump off; the last drops not included
  std::uint32_t pulses_per_litre = 5880;  ///< YF-S401: 98 Hz per l/min
  std::uint16_t flow_error = 0;           ///< of `flow`, in ten-thousandths of it
  std::uint16_t meter_error = 0;          ///< of `pulses_per_litre`, in ten-thousandths of it
  Microlitres offset_error;               ///< of what start delay and coast together make up
  PumpPower pump_power = full_power;      ///< at which all of this was found
  friend bool operator==(const Calibration&, const Calibration&) = default;
};

struct Tuning {
  Calibration calibration;  ///< as last accepted

  // Learned from pour to pour, within the bounds of `learning.hpp`.
  FlowRate flow;                ///< from a full bottle
  Milliseconds start_delay{0};  ///< with a meter only: a clock does not see when the flow begins
  Microlitres coast;            ///< with a meter only

  Microlitres bottle_poured;      ///< since a full bottle was last announced, or must have come
  std::uint16_t pours_since = 0;  ///< pours since the calibration; stays at its largest value
  friend bool operator==(const Tuning&, const Tuning&) = default;

  [[nodiscard]] bool calibrated() const noexcept { return calibration.flow > FlowRate{0}; }
};

/// What a machine knows right after `calibration` was accepted.
[[nodiscard]] Tuning fresh_tuning(const Calibration& calibration) noexcept;

/// What is left of `tuning` with the pump at `power`: all of it, or, where it was calibrated at
/// another power, its meter and its bottle. Such a machine is not calibrated.
[[nodiscard]] Tuning tuning_at(PumpPower power, const Tuning& tuning) noexcept;

/// A small submersible pump at 3 V (12 ml/s) as bought, with a YF-S401 if it has a meter: the
/// spread from unit to unit is its error.
[[nodiscard]] Calibration factory_calibration() noexcept;

/// Which value is out of its range, as a sentence.
struct TuningError {
  std::string_view message;
};
/// The promises hold for: flow 0 or 2..50 ml/s, start delay 0..2000 ms, coast 0..5 ml, 500..100,000
/// pulses per litre, errors up to 25 % and 5 ml, a `valid_power`.
[[nodiscard]] std::expected<void, TuningError> validate(const Calibration& calibration) noexcept;
[[nodiscard]] std::expected<void, TuningError> validate(const Tuning& tuning) noexcept;

}  // namespace pourtocol::firmware
