// From an order and a calibration to the numbers a pour is driven by. Pure arithmetic on integers.
#pragma once

#include <chrono>

#include "core/units.hpp"
#include "firmware/core/config.hpp"

namespace pourtocol::firmware {

/// The most that an order of `amount` may bring, whatever happens to the software ("hi").
[[nodiscard]] Microlitres most_for(Millilitres amount) noexcept;

/// How the pump is to run for one order.
struct Plan {
  Microlitres most;               ///< `most_for` the amount
  Microlitres pump_target;        ///< what to pump before switching off; the coast brings the rest
  Microlitres pump_most;          ///< pumped more than this, `most` could be passed by the coast
  Milliseconds target_time{0};    ///< when a timed pour has pumped its target
  Milliseconds blind_cut_off{0};  ///< the pump's longest time when nothing is measured
  Milliseconds cut_off{0};        ///< the pump's longest time in any case
};

/// `config` must be valid and calibrated, `amount` within 1..60.
[[nodiscard]] Plan plan_pour(const Config& config, Millilitres amount) noexcept;

/// The most that a pump running `time` at full flow pumps, after a start as quick as it gets.
[[nodiscard]] Microlitres most_pumped(const Calibration& calibration, Milliseconds time) noexcept;

/// How long a pump at its fastest needs for `volume`, rounded down.
[[nodiscard]] Milliseconds quickest(const Calibration& calibration, Microlitres volume) noexcept;

/// The most that comes when `pumped` was pumped: with coast and drops.
[[nodiscard]] Microlitres most_after_coast(const Calibration& calibration,
                                           Microlitres pumped) noexcept;

}  // namespace pourtocol::firmware
