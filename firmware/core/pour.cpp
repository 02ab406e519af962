#include "firmware/core/pour.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "firmware/core/spreads.hpp"

namespace pourtocol::firmware {

using protocol::StopReason;

namespace {

/// A meter that has been still for so long while the pump runs means: no flow.
constexpr Milliseconds silence_max{1000};
/// Fewer missing pulses than these may be chance.
constexpr std::uint32_t pulses_missing_min = 5;
/// Flow is judged over windows of this length, and above this share of the calibration it is too
/// fast.
constexpr Milliseconds speed_window{300};
constexpr std::int64_t speed_max = 1500;

// After pump off a metered pour waits until the meter has been still for a while: a coast of 4 ml
// takes 0.9 s at 8 ml/s and its pulses come at most 0.2 s apart. A timed one waits as long as that.
constexpr Milliseconds settle_min{500};
constexpr Milliseconds settle_quiet{300};
constexpr Milliseconds settle_max{3000};
constexpr Milliseconds settle_timed{1000};

/// A checkpoint each quarter of a second (5 ml at 20 ml/s), less often for pours that take long:
/// flash wears.
constexpr Milliseconds checkpoint_interval_min{250};

/// How long the pump may run on without the loop having had a turn. A glass that is gone must stop
/// the pump within 100 ms even if the loop hangs before it could see so: 30 ms to confirm, a turn
/// of 10 ms, and this.
constexpr Milliseconds lease{60};

/// Readings are stamped in whole milliseconds: an interval may be this much longer than it looks.
constexpr Milliseconds stamp_error{1};

Microlitres not_negative(Microlitres volume) {
  return std::max(volume, Microlitres{0});
}

FlowRate share_of(FlowRate flow, std::int64_t thousandths) {
  return FlowRate{flow.microlitres_per_second() * thousandths / 1000};
}

Milliseconds share_of(Milliseconds time, std::int64_t thousandths) {
  return Milliseconds{time.count() * thousandths / 1000};
}

Milliseconds checkpoint_interval(const Plan& plan) {
  return std::max(checkpoint_interval_min,
                  plan.cut_off / static_cast<std::int64_t>(checkpoints_max) + Milliseconds{1});
}

}  // namespace

Pour::Pour(const Config& config, const RequestId& id, Millilitres amount) noexcept
    : calibration_{config.calibration},
      meter_{config.meter},
      id_{id},
      requested_{amount},
      plan_{plan_pour(config, amount)},
      checkpoint_interval_{checkpoint_interval(plan_)} {}

void Pour::pump_switched_on(Uptime now, std::uint32_t pulses) noexcept {
  POURTOCOL_ASSERT(phase_ == Phase::recording);
  phase_ = Phase::pumping;
  now_ = on_at_ = read_at_ = pulse_at_ = window_at_ = checkpoint_at_ = now;
  pulses_at_on_ = pulses;
  still_at_ = now + share_of(calibration_.start_delay, spreads::delay_low);
}

void Pour::measure(Uptime now, std::uint32_t pulses) noexcept {
  now_ = now;
  const std::uint32_t count = pulses - pulses_at_on_;  // exact across the counter's wrap
  if (meter_ && count != pulses_) {
    // A meter that stood still and turns again may have missed what flowed in between.
    if (pulses_are_missing()) unseen_ += most_while_still();
    pulses_ = count;
    pulse_at_ = now;
    still_at_ = read_at_;
  }
  read_at_ = now;
  if (phase_ == Phase::settling && !pulses_at_off_) pulses_at_off_ = pulses_;
  if (meter_ && phase_ == Phase::pumping) watch_speed();
}

std::optional<StopReason> Pour::must_stop() const noexcept {
  POURTOCOL_ASSERT(phase_ == Phase::pumping);
  if (now_ >= cut_off_at_) {
    return meter_ && pulses_are_missing() ? StopReason::no_flow : StopReason::cut_off;
  }
  if (!meter_) {
    if (on_time() >= plan_.target_time) return StopReason::target_reached;
    return std::nullopt;
  }
  // On average the liquid is half a pulse further than the meter.
  const Microlitres half_pulse{volume_of(1).count() / 2};
  if (volume_of(pulses_) + half_pulse >= plan_.pump_target) return StopReason::target_reached;
  if (too_fast_) return StopReason::too_fast;
  if (silence() >= silence_max) return StopReason::no_flow;
  return std::nullopt;
}

Milliseconds Pour::renew_cut_off() noexcept {
  cut_off_at_ = on_at_ + plan_.blind_cut_off;
  if (meter_) {
    // Each pulse proves that the flow is no faster than it is, and earns the pump more time.
    const Microlitres left = plan_.pump_most - most_pumped_by_meter();
    cut_off_at_ = std::max(cut_off_at_, now_ + quickest(calibration_, left));
    cut_off_at_ = std::min(cut_off_at_, on_at_ + plan_.cut_off);
  }
  cut_off_at_ = std::min(cut_off_at_, now_ + lease);
  return std::max(cut_off_at_ - now_ - stamp_error, Milliseconds{0});
}

bool Pour::cut_off_is_fault() const noexcept {
  return !meter_ || pulses_are_missing() || pulses_ > 0;
}

void Pour::pump_switched_off(Uptime now, StopReason reason) noexcept {
  POURTOCOL_ASSERT(phase_ == Phase::pumping);
  now_ = now;
  off_at_ = std::min(now, cut_off_at_);
  reason_ = reason;
  phase_ = Phase::settling;
}

bool Pour::settled() const noexcept {
  POURTOCOL_ASSERT(phase_ == Phase::settling);
  const Milliseconds since_off = now_ - off_at_;
  if (!meter_) return since_off >= settle_timed;
  const bool quiet = now_ - std::max(pulse_at_, off_at_) >= settle_quiet;
  return (since_off >= settle_min && quiet) || since_off >= settle_max;
}

bool Pour::take_checkpoint() noexcept {
  if (phase_ != Phase::pumping || now_ - checkpoint_at_ < checkpoint_interval_) return false;
  checkpoint_at_ = now_;
  return true;
}

Microlitres Pour::delivered() const noexcept {
  if (phase_ == Phase::recording) return Microlitres{0};
  if (!meter_) return std::min(by_time(), most());
  Microlitres volume = volume_of(pulses_);
  // The drops come after the meter.
  if (phase_ == Phase::ended && pulses_ > 0) volume += spreads::drops_expected;
  return std::min(volume, most());
}

protocol::RecentPour Pour::if_power_were_lost() const noexcept {
  protocol::RecentPour pour{.request_id = id_,
                            .requested = requested_,
                            .outcome = protocol::PourOutcome::interrupted,
                            .stop_reason = StopReason::power_lost,
                            .measure = meter_ ? protocol::Measure::meter : protocol::Measure::time,
                            .delivered = delivered(),
                            .uncertainty = {},
                            .min = least(),
                            .max = plan_.most};
  pour.delivered = std::max(pour.delivered, pour.min);
  pour.uncertainty = pour.max - pour.delivered;
  return pour;
}

protocol::RecentPour Pour::result() const noexcept {
  protocol::RecentPour pour = if_power_were_lost();
  pour.outcome = reason_ == StopReason::target_reached ? protocol::PourOutcome::finished
                                                       : protocol::PourOutcome::stopped;
  pour.stop_reason = reason_;
  pour.max = most();
  pour.min = std::min(pour.min, pour.max);
  pour.delivered = std::clamp(pour.delivered, pour.min, pour.max);
  pour.uncertainty = uncertainty(pour.delivered);
  return pour;
}

Milliseconds Pour::on_time() const noexcept {
  return (phase_ == Phase::pumping ? now_ : off_at_) - on_at_;
}

Microlitres Pour::volume_of(std::uint32_t pulses) const noexcept {
  if (!meter_) return Microlitres{0};
  return Microlitres{std::int64_t{pulses} * 1'000'000 / meter_->pulses_per_litre};
}

/// What has come by the calibration: pumped, and of the coast the share whose time has passed.
Microlitres Pour::by_time() const noexcept {
  const Milliseconds flowing = on_time() - calibration_.start_delay;
  if (flowing <= Milliseconds{0}) return Microlitres{0};
  const Microlitres pumped = calibration_.flow.over(flowing);
  if (phase_ == Phase::pumping) return pumped;
  const Microlitres coast = std::min(calibration_.coast, pumped);
  const Milliseconds since_off = std::clamp(now_ - off_at_, Milliseconds{0}, settle_timed);
  return pumped + permille(coast, since_off.count() * 1000 / settle_timed.count());
}

/// The most that can have flowed since the meter was last seen to turn, while the pump was on.
Microlitres Pour::most_while_still() const noexcept {
  const Uptime until = phase_ == Phase::pumping ? now_ : off_at_;
  if (until <= still_at_) return Microlitres{0};
  return share_of(calibration_.flow, spreads::flow_high).over(until - still_at_ + stamp_error);
}

Microlitres Pour::most_pumped_by_meter() const noexcept {
  return permille(volume_of(pulses_), spreads::meter_high) + volume_of(1) + unseen_ +
         most_while_still();
}

Microlitres Pour::least() const noexcept {
  return not_negative(permille(volume_of(pulses_), spreads::meter_low) - volume_of(1));
}

Microlitres Pour::most() const noexcept {
  if (phase_ == Phase::recording) return plan_.most;
  const Microlitres timed = most_pumped(calibration_, on_time() + 2 * stamp_error);
  Microlitres result = std::min(plan_.most, most_after_coast(calibration_, timed));
  if (meter_) {
    // Of the coast, what the meter has not shown may still have come past a meter that died.
    const Microlitres shown = volume_of(pulses_ - pulses_at_off_.value_or(pulses_));
    const Microlitres coast_unseen = not_negative(
        permille(calibration_.coast, spreads::coast_high) - permille(shown, spreads::meter_low));
    result = std::min(result, most_pumped_by_meter() + coast_unseen + spreads::drops_max);
  }
  return result;
}

Microlitres Pour::uncertainty(Microlitres delivered) const noexcept {
  if (meter_) {
    return permille(delivered, spreads::meter_high - 1000) + volume_of(1) + spreads::drops_max;
  }
  const Microlitres by_delay =
      calibration_.flow.over(share_of(calibration_.start_delay, spreads::delay_high - 1000));
  const Microlitres by_coast = permille(calibration_.coast, spreads::coast_high - 1000);
  return permille(delivered, spreads::flow_high - 1000) + by_delay + by_coast + spreads::drops_max;
}

Milliseconds Pour::silence() const noexcept {
  const Uptime flowing_at = on_at_ + share_of(calibration_.start_delay, spreads::delay_high);
  return now_ - std::max(pulse_at_, flowing_at);
}

/// Even at its slowest, the flow should have turned the meter several times since it last did.
bool Pour::pulses_are_missing() const noexcept {
  const Milliseconds still = silence();
  if (still <= Milliseconds{0}) return false;
  return share_of(calibration_.flow, spreads::flow_low).over(still) >=
         volume_of(pulses_missing_min);
}

void Pour::watch_speed() noexcept {
  const Milliseconds window = now_ - window_at_;
  if (window < speed_window) return;
  const std::uint32_t count = pulses_ - window_pulses_;
  const Microlitres allowed =
      share_of(calibration_.flow, speed_max).over(window) + volume_of(pulses_missing_min);
  if (volume_of(count) > allowed) too_fast_ = true;
  window_at_ = now_;
  window_pulses_ = pulses_;
}

}  // namespace pourtocol::firmware
