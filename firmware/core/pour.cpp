#include "firmware/core/pour.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "firmware/core/spreads.hpp"
#include "firmware/core/uncertainty.hpp"

namespace pourtocol::firmware {

using protocol::StopReason;

namespace {

/// A meter that has been still for so long while the pump runs means: no flow.
constexpr Milliseconds silence_max{1000};

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
/// The target is left to the hardware's timer when it is nearer than this: a turn and a half of the
/// loop.
constexpr Milliseconds target_is_near{15};

/// The hardware cuts off a stamp's error before the core's own bound. A turn so near to that must
/// not renew what may have ended: the core would take a pump for running that stands still.
constexpr Milliseconds cut_off_near = 2 * stamp_error;

/// A remainder below this is within the ± of what has come already.
constexpr Microlitres remainder_min{1'000};

Milliseconds checkpoint_interval(Milliseconds longest) {
  return std::max(checkpoint_interval_min,
                  longest / static_cast<std::int64_t>(checkpoints_max) + Milliseconds{1});
}

}  // namespace

Pour::Pour(const Behaviour& behaviour, const RequestId& id, const Course& course) noexcept
    : behaviour_{behaviour},
      id_{id},
      course_{course},
      most_allowed_{most_for(course)},
      plan_{plan_span(behaviour, course.portion, most_allowed_)},
      span_behaviour_{behaviour},
      portions_left_{course.portions} {
  if (behaviour.pulses_per_litre) meter_.emplace(behaviour);
  checkpoint_interval_ = checkpoint_interval(plan_.cut_off * course.portions);
}

protocol::RunningPour Pour::running() const noexcept {
  return {.request_id = id_,
          .requested = course_.requested,
          .delivered = delivered(),
          .purpose = course_.purpose};
}

// ---- Spans

void Pour::pump_switched_on(Uptime now, std::uint32_t pulses) noexcept {
  POURTOCOL_ASSERT(phase_ == Phase::recording || phase_ == Phase::pausing);
  const Microlitres most_before = spans_ > 0 ? most() : Microlitres{0};
  if (next_is_new_portion_) portion_from_ = delivered();
  const Microlitres wanted = still_wanted();
  if (spans_ > 0) {
    by_time_before_ = by_time();
    most_before_ = most_by_time();
    on_time_before_ = on_time();
    const Pumped pumped{
        .expected = by_time_before_,
        .most = most_pumped(behaviour_, on_time_before_ + 2 * spans_ * stamp_error),
        .most_to_coast = most_coast(span_behaviour_, most_pumped_in_span()) - most_coasted()};
    span_behaviour_ = after_pause(behaviour_, pumped, paused_for());
  }
  plan_ = plan_span(span_behaviour_, wanted, most_allowed_ - most_before);
  if (course_.portion_time) plan_.target_time = std::min(plan_.target_time, *course_.portion_time);
  next_is_new_portion_ = false;
  ++spans_;
  phase_ = Phase::pumping;
  now_ = on_at_ = cut_off_at_ = leased_until_ = checkpoint_at_ = now;
  finished_at_.reset();
  if (meter_) {
    meter_->pump_on(now, pulses, span_behaviour_.earliest_start);
    volume_at_on_ = meter_->volume();
    most_metered_at_on_ = meter_->most_pumped();
  }
  delivered_at_on_ = delivered();
}

void Pour::measure(Uptime now, std::uint32_t pulses) noexcept {
  now_ = now;
  if (meter_ && spans_ > 0) meter_->read(now, pulses);
}

std::optional<StopReason> Pour::must_stop() const noexcept {
  POURTOCOL_ASSERT(phase_ == Phase::pumping);
  if (finished_at_ && now_ >= *finished_at_) return reason_at_target();
  if (out_of_trust()) return std::nullopt;
  if (now_ >= cut_off_at_ - cut_off_near) {
    if (!hung() && meter_ && meter_->pulses_are_missing()) return StopReason::no_flow;
    if (hardly_anything_left()) return StopReason::target_reached;
    const bool took_its_time = !hung() && meter_ && now_ - on_at_ >= longest_span() - cut_off_near;
    const bool too_slow = took_its_time && spans_ == 1 && cut_off_is_fault();
    return too_slow ? StopReason::too_slow : StopReason::cut_off;
  }
  const bool by_the_clock = !meter_ || course_.portion_time;
  if (by_the_clock && span_time() >= plan_.target_time) return reason_at_target();
  if (!meter_) return std::nullopt;
  if (meter_->volume_between_pulses() - volume_at_on_ >= plan_.pump_target) {
    return StopReason::target_reached;
  }
  if (meter_->too_fast()) return StopReason::too_fast;
  if (meter_->too_slow()) return StopReason::too_slow;
  if (meter_->silence() >= silence_max) return StopReason::no_flow;
  return std::nullopt;
}

bool Pour::out_of_trust() const noexcept {
  return cut_off_by_trust_ && now_ >= cut_off_at_ - cut_off_near && !lease_is_over();
}

/// The most that may come can leave too little time for what is still wanted: after interruptions,
/// or where nobody has confirmed the calibration.
StopReason Pour::reason_at_target() const noexcept {
  const bool may_be = spans_ > 1 || behaviour_.widened;
  const bool cut_short = may_be && !meter_ && plan_.cut_short && !course_.portion_time;
  return cut_short && !hardly_anything_left() ? StopReason::cut_off : StopReason::target_reached;
}

/// With a meter, which tells when it began to flow: the pump's longest time in this span.
Milliseconds Pour::longest_span() const noexcept {
  POURTOCOL_ASSERT(meter_);
  if (plan_.flowing_most == Milliseconds::max()) return plan_.cut_off;
  const Milliseconds began = std::max(span_behaviour_.earliest_start, meter_->still_at_first());
  return std::max(plan_.blind_cut_off, std::min(plan_.cut_off, began + plan_.flowing_most));
}

Milliseconds Pour::renew_cut_off(Milliseconds trust) noexcept {
  cut_off_at_ = on_at_ + plan_.blind_cut_off;
  if (meter_) {
    // Each pulse proves that the flow is no faster than it is, and earns the pump more time.
    const Microlitres pumped = meter_->most_pumped() + meter_->most_hidden() - most_metered_at_on_;
    const Microlitres left = plan_.pump_most - pumped;
    cut_off_at_ = std::max(cut_off_at_, now_ + quickest(behaviour_, left));
    cut_off_at_ = std::min(cut_off_at_, on_at_ + longest_span());
  }
  leased_until_ = now_ + lease;
  cut_off_at_ = std::min(cut_off_at_, leased_until_);
  cut_off_by_trust_ = trust < cut_off_at_ - now_;
  if (cut_off_by_trust_) cut_off_at_ = now_ + trust;
  const Milliseconds until_cut_off = cut_off_at_ - now_ - stamp_error;
  const auto until_target = time_to_target();
  finished_at_.reset();
  if (until_target && *until_target <= until_cut_off) {
    finished_at_ = now_ + *until_target;
    return *until_target;
  }
  return std::max(until_cut_off, Milliseconds{0});
}

/// Nothing while it is too far off to tell to the millisecond.
std::optional<Milliseconds> Pour::time_to_target() const noexcept {
  if (!meter_ || course_.portion_time) return plan_.target_time - span_time();
  const auto flow = meter_->flow();
  if (!flow) return std::nullopt;
  const Microlitres left = plan_.pump_target - (meter_->volume_between_pulses() - volume_at_on_);
  const auto time =
      std::chrono::round<Milliseconds>(flow->time_for(std::max(left, Microlitres{0})));
  if (time > target_is_near) return std::nullopt;
  return time;
}

/// Pulses stay away then, too, and time goes by: the hardware has long cut off.
bool Pour::hung() const noexcept {
  return now_ - cut_off_at_ > lease;
}

bool Pour::lease_is_over() const noexcept {
  return now_ >= leased_until_ - cut_off_near;
}

bool Pour::cut_off_is_fault() const noexcept {
  const bool by_order = (spans_ > 1 || behaviour_.widened) && !lease_is_over();
  return hung() || (!by_order && (!meter_ || meter_->any_pulse()));
}

bool Pour::more_portions() const noexcept {
  return portions_left_ > 1;
}

void Pour::switched_off(Uptime now) noexcept {
  POURTOCOL_ASSERT(phase_ == Phase::pumping);
  now_ = now;
  off_at_ = std::min(now, cut_off_at_);
  if (finished_at_) off_at_ = std::min(off_at_, *finished_at_);
  if (meter_) meter_->pump_off(off_at_);
}

void Pour::pause_for_next_portion(Uptime now) noexcept {
  pause(now);
  next_portion();
}

void Pour::next_portion() noexcept {
  POURTOCOL_ASSERT(phase_ == Phase::pausing && more_portions());
  --portions_left_;
  next_is_new_portion_ = true;
}

void Pour::pause(Uptime now) noexcept {
  switched_off(now);
  phase_ = Phase::pausing;
}

void Pour::wait(Uptime now) noexcept {
  POURTOCOL_ASSERT(phase_ == Phase::recording);
  now_ = on_at_ = off_at_ = now;
  phase_ = Phase::pausing;
}

bool Pour::pause_over() const noexcept {
  return !next_is_new_portion_ || paused_for() >= course_.between;
}

bool Pour::hardly_anything_left() const noexcept {
  if (next_is_new_portion_ || course_.portion_time) return false;
  Microlitres to_come{0};
  const Microlitres in_this_span = delivered() - delivered_at_on_;
  if (phase_ == Phase::pumping && in_this_span > Microlitres{0}) {
    to_come = std::min(behaviour_.coast, in_this_span) + spreads::drops_expected;
  }
  return still_wanted() - to_come < remainder_min;
}

void Pour::finish(Uptime now, StopReason reason) noexcept {
  if (phase_ == Phase::pumping) switched_off(now);
  reason_ = reason;
  phase_ = Phase::settling;
}

bool Pour::settled() const noexcept {
  POURTOCOL_ASSERT(phase_ == Phase::settling);
  const Milliseconds since_off = now_ - off_at_;
  if (!meter_) return since_off >= settle_timed;
  const bool quiet = now_ - std::max(meter_->last_pulse_at(), off_at_) >= settle_quiet;
  return (since_off >= settle_min && quiet) || since_off >= settle_max;
}

bool Pour::take_checkpoint() noexcept {
  POURTOCOL_ASSERT(phase_ == Phase::pumping);
  if (now_ - checkpoint_at_ < checkpoint_interval_ || checkpoints_ == checkpoints_max) {
    return false;
  }
  checkpoint_at_ = now_;
  ++checkpoints_;
  return true;
}

}  // namespace pourtocol::firmware
