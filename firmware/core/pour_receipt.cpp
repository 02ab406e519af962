// What has come, what can have come, and how that is told.
#include <algorithm>

#include "core/assert.hpp"
#include "firmware/core/pour.hpp"
#include "firmware/core/spreads.hpp"
#include "firmware/core/uncertainty.hpp"

namespace pourtocol::firmware {

using protocol::StopReason;

Milliseconds Pour::span_time() const noexcept {
  return (phase_ == Phase::pumping ? std::min(now_, cut_off_at_) : off_at_) - on_at_;
}

Milliseconds Pour::on_time() const noexcept {
  return on_time_before_ + span_time();
}

Microlitres Pour::metered() const noexcept {
  return meter_ ? meter_->volume() : Microlitres{0};
}

/// Portions whose last drops have fallen.
int Pour::portions_dripped() const noexcept {
  const int ended = phase_ == Phase::ended ? 1 : 0;
  return course_.portions - portions_left_ + ended;
}

/// What has come by the calibration: pumped, and of the coast what has come of it. Drops apart.
Microlitres Pour::by_time() const noexcept {
  const Milliseconds flowing = span_time() - span_behaviour_.start_delay;
  if (flowing <= Milliseconds{0}) return by_time_before_;
  const Microlitres pumped = behaviour_.flow.over(flowing);
  if (phase_ == Phase::pumping) return by_time_before_ + pumped;
  const Microlitres coast = std::min(behaviour_.coast, pumped);
  const std::int64_t motion = still_in_motion(behaviour_.flow, behaviour_.coast, now_ - off_at_);
  return by_time_before_ + pumped + permille(coast, 1000 - motion * motion / 1000);
}

Microlitres Pour::most_pumped_in_span() const noexcept {
  return most_pumped(span_behaviour_, span_time() + 2 * stamp_error);
}

/// While it pauses: in a short pause little can have coasted.
Microlitres Pour::most_coasted() const noexcept {
  const Microlitres since_off = behaviour_.fastest.over(paused_for() + stamp_error);
  return std::min(most_coast(span_behaviour_, most_pumped_in_span()), since_off);
}

Microlitres Pour::most_of_span() const noexcept {
  const Microlitres pumped = most_pumped_in_span();
  const Microlitres in_the_end = most_after_coast(span_behaviour_, pumped);
  if (phase_ != Phase::pausing || in_the_end == Microlitres{0}) return in_the_end;
  // The first drop falls when the coast has ended.
  const bool coasts_on = most_coasted() < most_coast(span_behaviour_, pumped);
  return pumped + most_coasted() + (coasts_on ? Microlitres{0} : spreads::drops_max);
}

Microlitres Pour::most_by_time() const noexcept {
  return most_before_ + most_of_span();
}

/// A meter that stands still for a moment hides some of what flows. For stretches long enough to be
/// noticed it is known how much at most; for all others there is the clock, at the fastest flow
/// that this pour has shown or that is expected of the machine.
Microlitres Pour::most_by_meter() const noexcept {
  const Microlitres drops{spreads::drops_max.count() * spans_};
  const Microlitres coast{behaviour_.most_coast.count() * spans_};
  const auto shown = meter_->fastest_shown();
  if (!shown || !behaviour_.known_flow) return most_by_time();
  const FlowRate known{behaviour_.known_flow->microlitres_per_second() * spreads::flow_high / 1000};
  const Milliseconds running =
      std::max(on_time() + 2 * stamp_error - behaviour_.earliest_start, Milliseconds{0});
  const Microlitres by_clock = std::max(*shown, known).over(running) + coast + drops;
  const Microlitres by_pulses = meter_->most_pumped() + meter_->most_coast_unseen() + drops;
  return std::max(by_clock, by_pulses);
}

Microlitres Pour::most() const noexcept {
  POURTOCOL_ASSERT(phase_ != Phase::recording);
  if (spans_ == 0) return Microlitres{0};
  const Microlitres result = std::min(most_allowed_, most_by_time());
  return meter_ ? std::min(result, most_by_meter()) : result;
}

Microlitres Pour::least() const noexcept {
  return meter_ ? meter_->least() : Microlitres{0};
}

Microlitres Pour::delivered() const noexcept {
  if (phase_ == Phase::recording) return Microlitres{0};
  Microlitres volume = meter_ ? meter_->volume() : by_time();
  // The drops come after the meter.
  if (volume > Microlitres{0}) {
    volume += Microlitres{spreads::drops_expected.count() * portions_dripped()};
  }
  return std::min(volume, most());
}

Microlitres Pour::still_wanted() const noexcept {
  return course_.portion - (delivered() - portion_from_);
}

protocol::RecentPour Pour::if_power_were_lost() const noexcept {
  protocol::RecentPour pour{.request_id = id_,
                            .requested = course_.requested,
                            .outcome = protocol::PourOutcome::interrupted,
                            .stop_reason = StopReason::power_lost,
                            .measure = meter_ ? protocol::Measure::meter : protocol::Measure::time,
                            .delivered = delivered(),
                            .uncertainty = {},
                            .min = least(),
                            .max = most_allowed_,
                            .purpose = course_.purpose};
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
  pour.uncertainty = {};
  if (spans_ == 0) return pour;
  pour.uncertainty =
      meter_ ? metered_uncertainty(behaviour_, pour.delivered, spans_, meter_->curve_error())
             : timed_uncertainty(behaviour_, pour.delivered, spans_);
  return pour;
}

std::optional<Metering::Observed> Pour::observed() const noexcept {
  POURTOCOL_ASSERT(phase_ == Phase::ended);
  return meter_ ? meter_->observed() : std::nullopt;
}

}  // namespace pourtocol::firmware
