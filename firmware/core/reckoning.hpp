// From what is asked and how the machine behaves to the numbers a pour is driven by. Pure
// arithmetic on integers.
#pragma once

#include <chrono>

#include "core/units.hpp"
#include "firmware/core/behaviour.hpp"

namespace pourtocol::firmware {

/// Readings are stamped in whole milliseconds: an interval may be this much longer, or shorter,
/// than it looks.
inline constexpr Milliseconds stamp_error{1};

/// The most that a wish for `amount` may bring, whatever happens to the software ("hi").
[[nodiscard]] Microlitres most_for(Microlitres amount) noexcept;
[[nodiscard]] Microlitres most_for(Millilitres amount) noexcept;

/// How the pump is to run for one unbroken span.
struct Plan {
  Microlitres pump_target;        ///< what to pump before switching off; coast and drops follow
  Microlitres pump_most;          ///< pumped more than this, coast and drops could pass the most
  Milliseconds target_time{0};    ///< when a timed span has pumped its target
  Milliseconds blind_cut_off{0};  ///< the pump's longest time when nothing is measured
  Milliseconds cut_off{0};        ///< the pump's longest time in any case
  /// How long it may flow, whatever a meter says that may lose pulses.
  Milliseconds flowing_most = Milliseconds::max();
  bool cut_short = false;  ///< `target_time` is less than what is wanted needs
};

/// Plans a span that is to bring `wanted` and may bring at most `most`.
[[nodiscard]] Plan plan_span(const Behaviour& behaviour, Microlitres wanted,
                             Microlitres most) noexcept;

/// The first span of an order of `amount`.
[[nodiscard]] Plan plan_pour(const Behaviour& behaviour, Millilitres amount) noexcept;

struct Pumped {
  Microlitres expected;
  Microlitres most;
  Microlitres most_to_coast;  ///< what may not have coasted yet
};

/// How a pump behaves that was switched off `off_for` ago, after it had pumped `pumped`: what still
/// coasts need not be set in motion again, so that it is expected to start sooner, and may start at
/// once unless all is at rest by now.
[[nodiscard]] Behaviour after_pause(const Behaviour& behaviour, const Pumped& pumped,
                                    Milliseconds off_for) noexcept;

/// The share of its speed, in thousandths, that liquid with a coast of `coast` still has, `off_for`
/// after a pump that gave `flow` was switched off. It loses it evenly, so that the coast takes
/// twice as long as at full speed. 0: it is at rest.
[[nodiscard]] std::int64_t still_in_motion(FlowRate flow, Microlitres coast,
                                           Milliseconds off_for) noexcept;

/// The most that a pump running `time` at full flow pumps, after a start as quick as it gets.
[[nodiscard]] Microlitres most_pumped(const Behaviour& behaviour, Milliseconds time) noexcept;

/// How long a pump at its fastest needs for `volume`, rounded down.
[[nodiscard]] Milliseconds quickest(const Behaviour& behaviour, Microlitres volume) noexcept;

/// The most that coasts when `pumped` was pumped.
[[nodiscard]] Microlitres most_coast(const Behaviour& behaviour, Microlitres pumped) noexcept;

/// The most that comes when `pumped` was pumped: with coast and drops.
[[nodiscard]] Microlitres most_after_coast(const Behaviour& behaviour, Microlitres pumped) noexcept;

}  // namespace pourtocol::firmware
