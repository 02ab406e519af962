#include "firmware/core/dispenser.hpp"

#include <algorithm>

#include "core/assert.hpp"

namespace pourtocol::firmware {

using protocol::Fault;
using protocol::OrderRejected;
using protocol::PourOutcome;
using protocol::RecentPour;
using protocol::Refusal;
using protocol::StopReason;

namespace {

/// The sensor must have been silent, or speak again, for so long before that is believed.
constexpr Milliseconds sensor_patience{1000};
/// A glass must have been away for so long that somebody will have seen why the last pour failed.
constexpr Milliseconds absence_that_clears{1000};
/// With the pump off, this much within the window is a leak; less is a meter that was knocked.
constexpr Microlitres idle_flow_min{1000};
constexpr Milliseconds idle_window{2000};
/// After a boot the last pour may still be coasting.
constexpr Milliseconds idle_watched_from{3000};
constexpr Milliseconds publish_interval{100};
/// An order in doubt has begun by then, or never does: two doubts and what lays them to rest.
constexpr Milliseconds wait_max{300};
/// A glass that is doubted more often in one pour is not seen well enough to pour into: a sensor
/// that misreads once a minute, and a loop that is late over each page of flash, stay far below.
constexpr int doubts_max = 20;
/// Of the places in the status' list of pours.
constexpr std::size_t early_stops_shown = 4;

}  // namespace

Dispenser::Dispenser(const Config& config, const Tuning& unless_known, BootId boot_id,
                     const History& history) noexcept
    : config_{config},
      tuning_{tuning_at(config.pump_power, history.tuning.value_or(unless_known))},
      boot_id_{boot_id},
      glass_{config},
      pours_total_{history.pours_total},
      journal_whole_{history.whole} {
  POURTOCOL_ASSERT(validate(config).has_value());
  POURTOCOL_ASSERT(validate(tuning_).has_value());
  if (config_.confirm_journalled) {
    config_.confirm_journalled = false;
    const bool known = history.tuning && tuning_.calibrated();
    config_.confirmed = known ? std::optional{tuning_.calibration} : std::nullopt;
    keep_at_ = now_;
  }
  for (const RecentPour& pour : history.recent) remember(pour, true);
  if (history.interrupted) remember(*history.interrupted, false);
}

void Dispenser::handle(const Event& event, Uptime now, Effects& effects) noexcept {
  effects.clear();
  now_ = now;
  if (const auto* tick = std::get_if<Tick>(&event)) {
    handle_tick(*tick, effects);
  } else if (const auto* written = std::get_if<JournalWritten>(&event)) {
    handle_written(written->ok, effects);
  } else if (const auto* order = std::get_if<OrderReceived>(&event)) {
    handle_order(order->order, effects);
  } else if (const auto* service = std::get_if<ServiceReceived>(&event)) {
    handle_service(service->order, effects);
  } else if (const auto* calibration = std::get_if<CalibrationReceived>(&event)) {
    handle_calibration(*calibration, effects);
  } else if (std::holds_alternative<ConfirmedNotKept>(event)) {
    keep_at_ = now_ + journal_retry;
  } else {
    const auto* stop = std::get_if<StopReceived>(&event);
    POURTOCOL_ASSERT(stop != nullptr);
    handle_stop(stop->order, effects);
  }
}

// ---- Ticks

void Dispenser::handle_tick(const Tick& tick, Effects& effects) noexcept {
  pulses_ = tick.pulses;
  stop_pressed_ = tick.stop_pressed;
  if (!stop_pressed_ || (pour_ && stop_free_at_)) stop_free_at_ = now_;
  watch_glass(tick);
  watch_sensor();
  watch_tag(tick);
  if (writing_ == Writing::started)
    return;  // what is seen here is judged once the record is durable
  if (pour_) {
    drive_pour(effects);
  } else {
    watch_idle_flow();
    if (writing_ == Writing::nothing) {
      keep_confirmed(effects);
      save_next(effects);
    }
  }
}

void Dispenser::watch_glass(const Tick& tick) noexcept {
  const bool was_there = glass_.there();
  glass_.update(tick.glass, now_);
  if (glass_.there() == was_there) return;
  ++version_;
  if (glass_.there() && glass_.last_absence() >= absence_that_clears) clear_seen_faults();
}

void Dispenser::clear_seen_faults() noexcept {
  for (const Fault fault : {Fault::no_flow, Fault::too_fast, Fault::too_slow, Fault::cut_off}) {
    set_fault(fault, false);
  }
}

void Dispenser::watch_sensor() noexcept {
  if (glass_.valid() != sensor_valid_) {
    sensor_valid_ = glass_.valid();
    sensor_turned_at_ = now_;
  }
  if (now_ - sensor_turned_at_ >= sensor_patience) set_fault(Fault::sensor_stuck, !sensor_valid_);
}

void Dispenser::watch_tag(const Tick& tick) noexcept {
  if (tick.tag == tag_) return;
  tag_ = tick.tag;
  ++version_;
}

void Dispenser::watch_idle_flow() noexcept {
  if (!config_.metered || now_ < idle_watched_from) return;
  if (!idle_since_ || now_ - *idle_since_ >= idle_window) {
    idle_since_ = now_;
    idle_pulses_ = pulses_;
  }
  const std::uint64_t pulses = pulses_ - idle_pulses_;
  const auto volume =
      static_cast<std::int64_t>(pulses * 1'000'000 / tuning_.calibration.pulses_per_litre);
  if (Microlitres{volume} >= idle_flow_min) set_fault(Fault::idle_flow, true);
}

// ---- The pour

void Dispenser::drive_pour(Effects& effects) noexcept {
  if (pour_->phase() == Pour::Phase::ended) return;
  pour_->measure(now_, pulses_);
  if (pour_->phase() == Pour::Phase::pumping) {
    drive_pump(effects);
  } else if (pour_->phase() == Pour::Phase::pausing) {
    drive_pause(effects);
  } else {
    POURTOCOL_ASSERT(pour_->phase() == Pour::Phase::settling);
    drive_end(effects);
  }
  publish_progress();
}

void Dispenser::drive_pump(Effects& effects) noexcept {
  const auto reason = why_stop();
  const bool glass_left = reason == StopReason::glass_removed || reason == StopReason::sensor_stuck;
  if (reason == StopReason::target_reached && pour_->more_portions()) {
    effects.push_back(SwitchPumpOff{});
    pour_->pause_for_next_portion(now_);
  } else if ((glass_left && may_resume()) || (!reason && in_doubt() && doubts_ < doubts_max)) {
    if (!reason) ++doubts_;
    effects.push_back(SwitchPumpOff{});
    pour_->pause(now_);
  } else if (reason || in_doubt()) {
    stop_pump(reason.value_or(StopReason::sensor_stuck), effects);
  } else {
    effects.push_back(RenewCutOff{pour_->renew_cut_off(glass_.trust(now_))});
    if (writing_ == Writing::nothing && pour_->take_checkpoint()) {
      write(Writing::checkpoint, RecordKind::checkpoint, pour_->if_power_were_lost(), effects);
    }
  }
}

void Dispenser::drive_pause(Effects& effects) noexcept {
  if (stop_pressed_) {
    stop_pump(StopReason::stop_requested, effects);
  } else if (!glass_.there() && (!may_resume() || pour_->paused_for() >= config_.resume_within)) {
    stop_pump(glass_reason(), effects);
  } else if (pour_->spans() == 0 && pour_->paused_for() >= wait_max) {
    stop_pump(StopReason::sensor_stuck, effects);
  } else if (faults_.contains(Fault::journal_failed)) {
    stop_pump(StopReason::journal_failed, effects);
  } else if (pour_->hardly_anything_left()) {
    if (pour_->more_portions()) {
      pour_->next_portion();
    } else {
      stop_pump(StopReason::target_reached, effects);
    }
  } else if (glass_.certain(now_) && pour_->pause_over()) {
    switch_on(effects);
  }
}

void Dispenser::drive_end(Effects& effects) noexcept {
  if (!pour_->settled() || writing_ != Writing::nothing) return;
  pour_->end();
  learn_from_pour();
  write(Writing::ended, RecordKind::ended, pour_->result(), effects);
}

std::optional<StopReason> Dispenser::why_stop() const noexcept {
  if (!glass_.there()) return glass_reason();
  if (stop_pressed_) return StopReason::stop_requested;
  const auto reason = pour_->must_stop();
  if (!reason && in_doubt() && pour_->hardly_anything_left()) return StopReason::target_reached;
  return reason;
}

/// A doubt of a sensor that reads rarely holds the pump until it is settled; where the loop was
/// late, the hardware has done so.
bool Dispenser::in_doubt() const noexcept {
  return pour_->out_of_trust() || (glass_.rare() && !glass_.certain(now_));
}

StopReason Dispenser::glass_reason() const noexcept {
  return glass_.lost_blindly() ? StopReason::sensor_stuck : StopReason::glass_removed;
}

/// A lifted glass may come back for the remainder, if there is one: what has not begun was ordered
/// for the glass that stood there. Service runs are for the cup that stands there.
bool Dispenser::may_resume() const noexcept {
  return config_.resume_within > Milliseconds{0} && pour_->spans() > 0 &&
         pour_->running().purpose == protocol::Purpose::pour;
}

void Dispenser::switch_on(Effects& effects) noexcept {
  pour_->pump_switched_on(now_, pulses_);
  effects.push_back(SwitchPumpOn{pour_->renew_cut_off(glass_.trust(now_))});
}

void Dispenser::stop_pump(StopReason reason, Effects& effects) noexcept {
  effects.push_back(SwitchPumpOff{});
  if (reason == StopReason::no_flow) set_fault(Fault::no_flow, true);
  if (reason == StopReason::too_fast) set_fault(Fault::too_fast, true);
  if (reason == StopReason::too_slow) set_fault(Fault::too_slow, true);
  if (reason == StopReason::cut_off && pour_->cut_off_is_fault()) set_fault(Fault::cut_off, true);
  pour_->finish(now_, reason);
}

void Dispenser::publish_progress() noexcept {
  if (now_ - published_at_ < publish_interval || pour_->delivered() == published_) return;
  published_ = pour_->delivered();
  published_at_ = now_;
  ++version_;
}

// ---- Stops

void Dispenser::handle_stop(const protocol::StopOrder& order, Effects& effects) noexcept {
  POURTOCOL_ASSERT(writing_ == Writing::nothing);
  if (pour_ && (!order.request_id || *order.request_id == pour_->id())) {
    if (pour_->phase() == Pour::Phase::pumping || pour_->phase() == Pour::Phase::pausing) {
      stop_pump(StopReason::stop_requested, effects);
    }
    return;
  }
  if (!order.request_id || order.request_id->empty() || answer_to_known(*order.request_id)) return;
  if (closed_.was_stopped(*order.request_id)) return;
  if (!closed_.add_stopped(*order.request_id, now_)) {
    effects.push_back(Reply{rejected(Refusal::busy, "Too many stops of orders that never came.")});
    return;
  }
  ++version_;
}

/// Of an order that was stopped before it came.
RecentPour Dispenser::stopped_early(const RequestId& id) const noexcept {
  return {.request_id = id,
          .requested = {},
          .outcome = PourOutcome::cancelled,
          .stop_reason = StopReason::stop_requested,
          .measure = config_.metered ? protocol::Measure::meter : protocol::Measure::time,
          .delivered = {},
          .uncertainty = {},
          .min = {},
          .max = {},
          .purpose = protocol::Purpose::pour};
}

/// The newest pours, and after them the newest orders that were stopped before they came: few, so
/// that nobody can hide a pour behind them.
void Dispenser::list_recent(protocol::RecentPours& recent) const noexcept {
  const auto& stopped = closed_.stopped();
  const std::size_t early = std::min(stopped.size(), early_stops_shown);
  const std::size_t room = protocol::RecentPours::capacity() - early;
  for (std::size_t i = ring_.size() > room ? ring_.size() - room : 0; i < ring_.size(); ++i) {
    recent.push_back(ring_[i].pour);
  }
  for (std::size_t i = stopped.size() - early; i < stopped.size(); ++i) {
    recent.push_back(stopped_early(stopped[i]));
  }
}

void Dispenser::set_fault(Fault fault, bool standing) noexcept {
  if (faults_.contains(fault) == standing) return;
  if (standing) {
    faults_.insert(fault);
  } else {
    faults_.erase(fault);
  }
  ++version_;
}

// ---- The status

bool Dispenser::refresh(protocol::DeviceStatus& status) const noexcept {
  if (!status.details || status.details->boot_id != boot_id_ ||
      status.details->version != version_) {
    status = this->status();
    return true;
  }
  status.uptime = std::chrono::duration_cast<std::chrono::seconds>(now_);
  status.details->uptime_ms = now_;
  return false;
}

protocol::DeviceStatus Dispenser::status() const noexcept {
  protocol::DeviceStatus status;
  status.state = pour_ ? protocol::DeviceState::pouring : protocol::DeviceState::idle;
  status.glass_present = glass_.there();
  status.uptime = std::chrono::duration_cast<std::chrono::seconds>(now_);
  status.nfc = tag_;
  protocol::DeviceDetails& details = status.details.emplace();
  details.boot_id = boot_id_;
  details.uptime_ms = now_;
  details.tap = config_.tap;
  details.version = version_;
  details.faults = faults_;
  details.flow = tuning_.flow;
  if (tuning_.calibrated()) {
    // A glass that comes back may get all of it twice over, in time though not in volume.
    const Milliseconds once = plan_pour(expect(config_, tuning_), protocol::amount_max).cut_off;
    const Milliseconds wait = config_.resume_within;
    details.pour_time_max = wait > Milliseconds{0} ? 2 * once + wait : once;
  }
  details.journal_whole = journal_whole_;
  details.pours_total = pours_total_;
  if (pour_) {
    details.pour = pour_->running();
    details.pour->delivered = published_;
  }
  list_recent(details.recent);
  for (const Remembered& remembered : ring_) {
    if (remembered.pour.outcome != PourOutcome::cancelled) {
      status.last_pour = remembered.pour.delivered;
    }
  }
  return status;
}

}  // namespace pourtocol::firmware
