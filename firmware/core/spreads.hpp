// The bounds within which a machine may differ from its calibration, as the core takes them for
// granted. Every promise of volume (`most_for`, the interval of a receipt, the cut-off) rests on
// this table and nothing else; the simulator's plants are drawn to lie inside it, and a property
// test holds the promises against them.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/units.hpp"

namespace pourtocol::firmware::spreads {

// In thousandths of the calibrated value.

/// Flow: a fresh battery, a full bottle and the calibration's own error together add at most 10 %.
inline constexpr std::int64_t flow_high = 1100;
/// A sagging supply, a nearly empty bottle and a worn tube together take at most 30 %. Below that
/// it is a fault (clogged), and the cut-off ends the pour.
inline constexpr std::int64_t flow_low = 700;
inline constexpr std::int64_t delay_low = 800;
inline constexpr std::int64_t delay_high = 1250;
/// Coast without drops. It is never more than what was pumped: what coasts is what is in motion.
inline constexpr std::int64_t coast_high = 1250;
/// True volume per metered volume.
inline constexpr std::int64_t meter_low = 940;
inline constexpr std::int64_t meter_high = 1060;

// Absolute ones.

/// What drips from the spout after the coast, past the meter.
inline constexpr Microlitres drops_max{500};
inline constexpr Microlitres drops_expected{300};

/// What an order of q may at most bring: q(1 + eps) + delta with eps = 10 %, delta = 3 ml.
inline constexpr std::int64_t order_high = 1100;
inline constexpr Microlitres order_extra{3000};

}  // namespace pourtocol::firmware::spreads
