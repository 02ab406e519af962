#include "firmware/core/metering.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "firmware/core/reckoning.hpp"
#include "firmware/core/spreads.hpp"

namespace pourtocol::firmware {

namespace {

/// Fewer missing pulses than these may be chance.
constexpr std::uint32_t pulses_missing_min = 4;
/// Flow is judged over windows of this length, and above this share of the fastest it may be it is
/// too fast: the bounds hold no longer.
constexpr Milliseconds speed_window{300};
constexpr std::int64_t speed_max = 1350;
/// That a flow is too slow shows only after so long; a meter that stands still is another matter.
constexpr Milliseconds slow_after{700};
constexpr Milliseconds still_after{300};
/// Fewer pulses than these say little about the flow: their readings are 10 ms apart.
constexpr std::uint32_t flow_pulses_min = 20;
/// Flow in one pour stays within this share of the fastest window of it.
constexpr std::int64_t window_high = 1050;
/// A pour of less teaches nothing: coast is never more than what was pumped.
constexpr Microlitres observed_min{9'000};

/// What a reading shows happened half a turn of the loop earlier, on average.
constexpr Milliseconds half_turn{5};

/// Between readings further apart than this the pump may have been cut off.
constexpr Milliseconds gap_max{50};

constexpr std::int64_t one = 10'000;

FlowRate over(Microlitres volume, Milliseconds time) {
  return FlowRate{volume.count() * 1000 / std::max<std::int64_t>(1, time.count())};
}

}  // namespace

std::int64_t share_counted(FlowRate flow) noexcept {
  const std::int64_t right = spreads::meter_right_from.microlitres_per_second();
  const std::int64_t lowest = spreads::meter_lowest_at.microlitres_per_second();
  const std::int64_t below =
      std::clamp<std::int64_t>(right - flow.microlitres_per_second(), 0, right - lowest);
  return one - spreads::low_flow_loss * below / (right - lowest);
}

Metering::Metering(const Behaviour& behaviour) noexcept : behaviour_{behaviour} {
  POURTOCOL_ASSERT(behaviour.pulses_per_litre.has_value());
}

void Metering::pump_on(Uptime now, std::uint32_t pulses, Milliseconds earliest_start) noexcept {
  if (spans_ == 0) {
    counter_at_on_ = pulses;
  } else {
    // What may have gone past a meter that stood still to the end of the last span.
    unseen_ += most_while_still() + most_coast_unseen();
    pulses_coasted_ = coasted();
  }
  ++spans_;
  pumping_ = true;
  looked_away_ = false;
  now_ = on_at_ = pulse_at_ = window_at_ = read_on_at_ = now;
  still_at_ = now + earliest_start;
  flowing_at_ = now + behaviour_.latest_start;
  still_at_first_ = Milliseconds{0};
  pulses_at_on_ = pulses_at_first_ = pulses_on_ = window_pulses_ = pulses_;
}

void Metering::pump_off(Uptime off_at) noexcept {
  // What stood still to the end coasts no more: a bottle ran empty, or the meter died.
  stood_still_ = stood_still_ || pulses_are_missing();
  pumping_ = false;
  off_at_ = off_at;
}

void Metering::read(Uptime now, std::uint32_t pulses) noexcept {
  const Uptime before = now_;
  now_ = now;
  const std::uint32_t count = pulses - counter_at_on_;  // exact across the counter's wrap
  if (count != pulses_) {
    // A meter that stood still and turns again may have missed what flowed in between; so may one
    // of which nobody knows when it should have begun to turn.
    const bool first = pulses_ == pulses_at_on_ && pumping_;
    if (pulses_are_missing()) {
      unseen_ += most_while_still();
      stood_still_ = stood_still_ || !first;
    } else if (first) {
      unseen_ +=
          std::max(most_while_still() - least_of(volume_of(count - pulses_)), Microlitres{0});
    }
    if (first) {
      const FlowRate rate = behaviour_.widened ? behaviour_.slowest : behaviour_.flow;
      const auto lost =
          std::chrono::ceil<Milliseconds>(rate.time_for(most_of(volume_of(pulses_missing_min))));
      still_at_first_ = std::max(before - on_at_ - lost, Milliseconds{0});
      first_pulse_at_ = window_at_ = now;
      pulses_at_first_ = window_pulses_ = count;
    }
    pulses_ = count;
    pulse_at_ = now;
    if (pumping_ && now - before <= gap_max && !looked_away_) last_pulse_on_at_ = now;
    still_at_ = std::max(before, still_at_);
  }
  if (now - before > gap_max) looked_away_ = true;
  if (!pumping_ || looked_away_) return;
  pulses_on_ = pulses_;
  read_on_at_ = now;
  watch_speed();
}

/// What coasts comes at half the speed on average, where the meter reads lower.
Microlitres Metering::volume() const noexcept {
  const std::uint32_t coasted_pulses = coasted();
  if (coasted_pulses == 0) return volume_of(pulses_);
  const FlowRate rate = flow().value_or(behaviour_.flow);
  return volume_of(pulses_ - coasted_pulses) +
         volume_at(coasted_pulses, FlowRate{rate.microlitres_per_second() / 2});
}

/// After a look away nobody knows what of a span's pulses was pumped: all of them.
std::uint32_t Metering::coasted() const noexcept {
  return pulses_coasted_ + (pumping_ || looked_away_ ? 0 : pulses_ - pulses_on_);
}

Microlitres Metering::volume_between_pulses() const noexcept {
  // The first pulse came after half of one, on average, and was read half a turn after it was due.
  const FlowRate rate = flow().value_or(behaviour_.flow);
  const Microlitres since = rate.over(now_ - pulse_at_ + half_turn);
  const Microlitres half_pulse{one_pulse().count() / 2};
  return volume() + std::min(since, one_pulse()) - half_pulse;
}

std::optional<FlowRate> Metering::flow() const noexcept {
  // After a look away the first pulse may be later than what is known of the pump's time.
  if (pulses_on_ < pulses_at_first_ + flow_pulses_min) return std::nullopt;
  const std::uint32_t pulses = pulses_on_ - pulses_at_first_;
  const Microlitres counted{std::int64_t{pulses} * 1'000'000 / *behaviour_.pulses_per_litre};
  return over(counted, last_pulse_on_at_ - first_pulse_at_);
}

/// What `volume` may be where nobody confirmed the pulses per litre that it was reckoned by; it is
/// itself where somebody did.
Microlitres Metering::most_of(Microlitres volume) const noexcept {
  return Microlitres{volume.count() * behaviour_.meter_high / spreads::meter_high};
}

Microlitres Metering::least_of(Microlitres volume) const noexcept {
  return Microlitres{volume.count() * behaviour_.meter_low / spreads::meter_low};
}

/// By the pulses per litre, corrected for how far the flow is from the one they were found at.
Microlitres Metering::volume_of(std::uint32_t pulses) const noexcept {
  return volume_at(pulses, flow().value_or(behaviour_.flow));
}

Microlitres Metering::volume_at(std::uint32_t pulses, FlowRate rate) const noexcept {
  const std::int64_t counted = std::int64_t{pulses} * 1'000'000 / *behaviour_.pulses_per_litre;
  return Microlitres{counted * share_counted(behaviour_.metered_at) / share_counted(rate)};
}

std::int64_t Metering::curve_error() const noexcept {
  const FlowRate rate = flow().value_or(behaviour_.flow);
  const std::int64_t corrected = share_counted(behaviour_.metered_at) - share_counted(rate);
  return (corrected < 0 ? -corrected : corrected) * 2 / 3;
}

Milliseconds Metering::silence() const noexcept {
  return now_ - std::max(pulse_at_, flowing_at_);
}

bool Metering::pulses_are_missing() const noexcept {
  const Milliseconds still = silence();
  return still > Milliseconds{0} && behaviour_.slowest.over(still) >= volume_of(pulses_missing_min);
}

bool Metering::too_slow() const noexcept {
  const Milliseconds flowing = now_ - flowing_at_;
  if (!pumping_ || flowing < slow_after || silence() >= still_after) return false;
  const std::uint32_t pulses = pulses_ - pulses_at_on_ + pulses_missing_min;
  return most_of(volume_of(pulses)) < behaviour_.slowest.over(flowing);
}

void Metering::watch_speed() noexcept {
  const Milliseconds window = now_ - window_at_;
  if (window < speed_window || pulses_ == pulses_at_on_) return;
  const Microlitres volume = volume_of(pulses_ - window_pulses_);
  const Microlitres allowed =
      FlowRate{behaviour_.fastest.microlitres_per_second() * speed_max / 1000}.over(window) +
      volume_of(pulses_missing_min);
  if (volume > allowed) too_fast_ = true;
  fastest_window_ = std::max(fastest_window_, over(volume + one_pulse(), window));
  window_at_ = now_;
  window_pulses_ = pulses_;
}

/// The most that can have flowed since the meter was last seen to turn, while the pump was on.
Microlitres Metering::most_while_still() const noexcept {
  const Uptime until = pumping_ ? now_ : off_at_;
  if (until <= still_at_) return Microlitres{0};
  return behaviour_.fastest.over(until - still_at_ + stamp_error);
}

Microlitres Metering::most_hidden() const noexcept {
  const Microlitres slow = permille(volume_of(pulses_missing_min), behaviour_.meter_high);
  return Microlitres{slow.count() * behaviour_.fastest.microlitres_per_second() /
                     behaviour_.slowest.microlitres_per_second()};
}

Microlitres Metering::most_pumped() const noexcept {
  return permille(volume(), behaviour_.meter_high) + most_of(one_pulse()) + unseen_ +
         most_while_still();
}

std::optional<FlowRate> Metering::fastest_shown() const noexcept {
  if (fastest_window_ == FlowRate{0}) return std::nullopt;
  const Microlitres a_second = most_of(fastest_window_.over(Milliseconds{1'000}));
  return FlowRate{a_second.count() * window_high / 1000};
}

Microlitres Metering::most_coast_unseen() const noexcept {
  // After a look away nobody knows what of the pulses was pumped.
  const Microlitres shown = volume_of(pumping_ || looked_away_ ? 0 : pulses_ - pulses_on_);
  return std::max(behaviour_.most_coast - permille(shown, behaviour_.meter_low), Microlitres{0});
}

/// Not every unit reads low at low flow: what is promised must hold without the correction, too.
Microlitres Metering::least() const noexcept {
  const Microlitres counted = volume_at(pulses_, behaviour_.metered_at);
  const Microlitres fewest = std::min(volume(), counted);
  return std::max(permille(fewest, behaviour_.meter_low) - most_of(one_pulse()), Microlitres{0});
}

std::optional<Metering::Observed> Metering::observed() const noexcept {
  const auto rate = flow();
  if (spans_ != 1 || pumping_ || stood_still_ || looked_away_ || !rate || volume() < observed_min) {
    return std::nullopt;
  }
  const FlowRate flowing{rate->microlitres_per_second() * share_counted(behaviour_.metered_at) /
                         share_counted(*rate)};
  // The first pulse comes half a pulse after the flow, and is read half a turn later.
  const auto half_pulse =
      std::chrono::round<Milliseconds>(flowing.time_for(Microlitres{one_pulse().count() / 2}));
  const Milliseconds start = first_pulse_at_ - on_at_ - half_pulse - half_turn;
  if (start > 2 * behaviour_.latest_start) return std::nullopt;  // air, not the pump
  const Microlitres at_off = volume_of(pulses_on_) + flowing.over(off_at_ - read_on_at_);
  return Observed{.start_delay = std::max(start, Milliseconds{0}),
                  .flow = flowing,
                  .coast = std::max(volume() - at_off, Microlitres{0})};
}

}  // namespace pourtocol::firmware
