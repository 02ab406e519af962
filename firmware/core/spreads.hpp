// How far a machine may differ from what is believed of it. The first table is what the core takes
// for granted: every promise of volume (`most_for`, the interval of a receipt, the cut-off) rests
// on it and nothing else; the simulator's plants lie inside it, and a property test holds the
// promises against them. The second is what is likely: the ± of a receipt is reckoned from it, and
// from the standard errors of the machine's own calibration.
#pragma once

#include <cstdint>

#include "core/units.hpp"

namespace pourtocol::firmware::spreads {

// ---- Bounds, in thousandths of the believed value

/// Flow from a full bottle: a supply that drifts by 3 % either way while it had drifted as far the
/// other way at the calibration (6 %), 1 % from pour to pour on either side (2 %), and a
/// calibration that is 1.5 % off.
inline constexpr std::int64_t flow_high = 1100;
/// A sagging supply, a bottle emptier than believed and a worn tube together take at most 30 % of
/// the flow expected. Below that it is a fault (clogged, or a meter that loses pulses).
inline constexpr std::int64_t flow_low = 700;
/// Start delay: 15 % from pour to pour, and what the calibration was off (3 %).
inline constexpr std::int64_t delay_low = 820;
inline constexpr std::int64_t delay_high = 1200;
/// Coast without drops. It is never more than what was pumped: what coasts is what is in motion.
inline constexpr std::int64_t coast_high = 1250;
/// True volume per metered volume.
inline constexpr std::int64_t meter_low = 940;
inline constexpr std::int64_t meter_high = 1060;

/// What drips from the spout after the coast, past the meter.
inline constexpr Microlitres drops_max{500};

/// What an order of q may at most bring: q(1 + eps) + delta with eps = 15 %, delta = 4 ml. The
/// flow of a full bottle is 10 % above that of an empty one, and nothing here relies on being told
/// that a full one was connected.
inline constexpr std::int64_t order_high = 1150;
inline constexpr Microlitres order_extra{4000};

// ---- Likely deviations, as standard errors in ten-thousandths; a spread of ± s that is even
// within its limits has a standard error of s / sqrt(3).

/// Supply: ± 3 % over an evening.
inline constexpr std::int64_t supply_error = 173;
/// Supply from pour to pour: ± 1 %.
inline constexpr std::int64_t pour_error = 58;
/// The bottle's level: known to a tenth or so where the bottle's size was told, and what it does to
/// the flow of this pump to a quarter; else anything from full to empty, ± 5 % around the middle.
inline constexpr std::int64_t level_error = 60;
inline constexpr std::int64_t level_loss_error_divisor = 4;
inline constexpr std::int64_t level_error_untold = 290;
/// Start delay and coast: ± 15 % from pour to pour.
inline constexpr std::int64_t inertia_error = 870;
/// A meter's repeatability: ± 0.5 %.
inline constexpr std::int64_t repeat_error = 29;
/// Tubes lose up to 5 % over 2,000 pours, that is 25 % over 10,000, less what is known of it.
inline constexpr std::int64_t wear_error_per_10000_pours = 1450;

/// Drops: 0.1..0.5 ml in all.
inline constexpr Microlitres drops_expected{250};
inline constexpr Microlitres drops_error{115};

// ---- What the level and the speed do on average

/// An empty bottle gives so much less flow than a full one, in ten-thousandths.
inline constexpr std::int64_t level_loss = 1000;
/// A turbine meter reads this much low, in ten-thousandths, at its lowest flow; right from
/// `meter_right_from` on. In between the loss is taken as proportional.
inline constexpr std::int64_t low_flow_loss = 800;
inline constexpr FlowRate meter_right_from{10'000};
inline constexpr FlowRate meter_lowest_at{5'000};

}  // namespace pourtocol::firmware::spreads
