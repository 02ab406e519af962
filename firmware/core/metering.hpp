// What a flow meter says about one pour: how much has come, how much can have come past a meter
// that stood still, and whether its pulses and the clock tell the same story.
#pragma once

#include <cstdint>
#include <optional>

#include "core/time.hpp"
#include "core/units.hpp"
#include "firmware/core/behaviour.hpp"

namespace pourtocol::firmware {

/// The share of what flows that a turbine meter counts at this flow, in ten-thousandths.
[[nodiscard]] std::int64_t share_counted(FlowRate flow) noexcept;

/// Told of the pump's switching and of every reading of the meter, in the order of time.
class Metering {
 public:
  /// `behaviour` must have pulses.
  explicit Metering(const Behaviour& behaviour) noexcept;

  /// A span begins, and nothing flows before `earliest_start` has passed. `pulses` is the meter's
  /// counter, which may wrap.
  void pump_on(Uptime now, std::uint32_t pulses, Milliseconds earliest_start) noexcept;
  void pump_off(Uptime off_at) noexcept;
  void read(Uptime now, std::uint32_t pulses) noexcept;

  /// Through the meter since the first span began.
  [[nodiscard]] Microlitres volume() const noexcept;
  /// The same between two pulses, while the pump runs: a pulse says that one more is whole, and the
  /// flow says how far the next one is. What decides when to stop.
  [[nodiscard]] Microlitres volume_between_pulses() const noexcept;
  /// The flow of the present or last span; nothing until enough pulses have been seen.
  [[nodiscard]] std::optional<FlowRate> flow() const noexcept;
  [[nodiscard]] Microlitres one_pulse() const noexcept { return volume_of(1); }
  /// What the correction for low flow may be off, in ten-thousandths: a unit's curve is not known,
  /// so about two thirds of how far the correction goes.
  [[nodiscard]] std::int64_t curve_error() const noexcept;

  // ---- Pulses against the clock
  /// How long pulses have been overdue in the present span.
  [[nodiscard]] Milliseconds silence() const noexcept;
  /// Even at its slowest, the flow should have turned the meter several times since it last did.
  [[nodiscard]] bool pulses_are_missing() const noexcept;
  [[nodiscard]] bool too_fast() const noexcept { return too_fast_; }
  /// Pulses come, but fewer than the slowest flow explains.
  [[nodiscard]] bool too_slow() const noexcept;
  [[nodiscard]] Uptime last_pulse_at() const noexcept { return pulse_at_; }
  /// How long nothing flowed at the beginning of the present span, a few lost pulses allowed for;
  /// 0 until the meter has shown that it flows.
  [[nodiscard]] Milliseconds still_at_first() const noexcept { return still_at_first_; }
  [[nodiscard]] bool any_pulse() const noexcept { return pulses_ > 0; }

  // ---- Bounds
  /// The most that can have gone through while the pump was on, given that a meter turns when
  /// liquid flows but for stretches long enough to be noticed. One that is too short for that hides
  /// at most `most_hidden`.
  [[nodiscard]] Microlitres most_hidden() const noexcept;
  [[nodiscard]] Microlitres most_pumped() const noexcept;
  /// The most that the clock allows at the fastest flow this pour has shown, with all kinds of
  /// stretches in which the meter stood still; nothing if it has not run for long enough.
  [[nodiscard]] std::optional<FlowRate> fastest_shown() const noexcept;
  /// Of the coast, what has not gone through the meter yet or may have gone past it.
  [[nodiscard]] Microlitres most_coast_unseen() const noexcept;
  [[nodiscard]] Microlitres least() const noexcept;

  /// What one pour without mishap has shown of the machine.
  struct Observed {
    Milliseconds start_delay{0};
    FlowRate flow;
    Microlitres coast;
  };
  /// Nothing if the pour had several spans, was short, or the meter stood still in it.
  [[nodiscard]] std::optional<Observed> observed() const noexcept;

 private:
  [[nodiscard]] Microlitres volume_of(std::uint32_t pulses) const noexcept;
  [[nodiscard]] Microlitres volume_at(std::uint32_t pulses, FlowRate rate) const noexcept;
  [[nodiscard]] std::uint32_t coasted() const noexcept;
  [[nodiscard]] Microlitres most_while_still() const noexcept;
  void watch_speed() noexcept;
  [[nodiscard]] Microlitres most_of(Microlitres volume) const noexcept;
  [[nodiscard]] Microlitres least_of(Microlitres volume) const noexcept;

  Behaviour behaviour_;
  std::uint32_t counter_at_on_ = 0;
  std::uint32_t pulses_ = 0;          ///< since the first span began
  std::uint32_t pulses_coasted_ = 0;  ///< of them, after the spans before the present or last one
  int spans_ = 0;
  bool pumping_ = false;

  Uptime now_{0};
  Uptime on_at_{0};  ///< of the present or last span, as all that follows
  Uptime off_at_{0};
  Uptime flowing_at_{0};  ///< it must flow from here on
  Uptime still_at_{0};    ///< since this reading, at the latest, no pulse has been seen
  Uptime pulse_at_{0};    ///< the last reading that showed a new pulse
  Milliseconds still_at_first_{0};
  Uptime first_pulse_at_{0};
  Uptime last_pulse_on_at_{0};  ///< the last with the pump on
  std::uint32_t pulses_at_on_ = 0;
  std::uint32_t pulses_at_first_ = 0;
  std::uint32_t pulses_on_ = 0;  ///< at the last reading with the pump on
  Uptime read_on_at_{0};         ///< when that was

  Microlitres unseen_;  ///< the most that can have flowed while the meter stood still in mid-pour
  bool stood_still_ = false;
  bool looked_away_ = false;  ///< readings of this span were too far apart to tell the flow from
  Uptime window_at_{0};       ///< where the present window of `watch_speed` began
  std::uint32_t window_pulses_ = 0;
  FlowRate fastest_window_;
  bool too_fast_ = false;
};

}  // namespace pourtocol::firmware
