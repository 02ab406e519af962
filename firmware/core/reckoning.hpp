// From what is asked and how the machine behaves to the numbers a pour is driven by. Pure
// arithmetic on integers.
#pragma once

#include <chrono>

#include "core/units.hpp"
#include "firmware/core/behaviour.hpp"

namespace pourtocol::firmware {

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
  bool cut_short = false;         ///< `target_time` is less than what is wanted needs
};

/// Plans a span that is to bring `wanted` and may bring at most `most`. `flowing`: the liquid may
/// be in motion already, so that nothing is sure to be lost to the start delay.
[[nodiscard]] Plan plan_span(const Behaviour& behaviour, Microlitres wanted, Microlitres most,
                             bool flowing) noexcept;

/// The first span of an order of `amount`.
[[nodiscard]] Plan plan_pour(const Behaviour& behaviour, Millilitres amount) noexcept;

/// The most that a pump running `time` at full flow pumps, after a start as quick as it gets.
[[nodiscard]] Microlitres most_pumped(const Behaviour& behaviour, Milliseconds time,
                                      bool flowing) noexcept;

/// How long a pump at its fastest needs for `volume`, rounded down.
[[nodiscard]] Milliseconds quickest(const Behaviour& behaviour, Microlitres volume) noexcept;

/// The most that comes when `pumped` was pumped: with coast and drops.
[[nodiscard]] Microlitres most_after_coast(const Behaviour& behaviour, Microlitres pumped) noexcept;

}  // namespace pourtocol::firmware
