// What a machine learns from pour to pour: slowly, and within bounds of what a person calibrated.
#pragma once

#include <optional>

#include "core/units.hpp"
#include "firmware/core/config.hpp"
#include "firmware/core/metering.hpp"
#include "firmware/core/tuning.hpp"

namespace pourtocol::firmware {

/// What one pour or service run has shown.
struct Lesson {
  Microlitres delivered;
  std::optional<Metering::Observed> observed;  ///< absent: no meter, or something was out of order
  bool ran_dry = false;                        ///< the flow stopped although the pump ran
};

/// `tuning` must be valid, and so is the result. Each of flow, start delay and coast moves by a
/// quarter of what the lesson differs by, never further from the calibration than: flow -25 % to
/// +15 %, start delay and coast half to double.
[[nodiscard]] Tuning learn(const Config& config, const Tuning& tuning,
                           const Lesson& lesson) noexcept;

}  // namespace pourtocol::firmware
