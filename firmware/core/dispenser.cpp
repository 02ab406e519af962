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
constexpr Milliseconds journal_retry{5000};

}  // namespace

Dispenser::Dispenser(const Config& config, BootId boot_id, const History& history) noexcept
    : config_{config},
      boot_id_{boot_id},
      glass_{config.glass},
      pours_total_{history.pours_total},
      journal_whole_{history.whole} {
  POURTOCOL_ASSERT(validate(config).has_value());
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
  } else if (const auto* stop = std::get_if<StopReceived>(&event)) {
    handle_stop(stop->order, effects);
  }
}

// ---- Ticks

void Dispenser::handle_tick(const Tick& tick, Effects& effects) noexcept {
  pulses_ = tick.pulses;
  stop_pressed_ = tick.stop_pressed;
  watch_glass(tick);
  watch_sensor(tick.glass.valid);
  watch_tag(tick);
  if (writing_ == Writing::started)
    return;  // what is seen here is judged once the record is durable
  if (pour_) {
    drive_pour(effects);
  } else {
    watch_idle_flow();
    if (writing_ == Writing::nothing) save_next(effects);
  }
}

void Dispenser::watch_glass(const Tick& tick) noexcept {
  const bool was_there = glass_.there();
  glass_.update(tick.glass, now_);
  if (glass_.there() == was_there) return;
  ++version_;
  if (glass_.there() && glass_.last_absence() >= absence_that_clears) {
    set_fault(Fault::no_flow, false);
    set_fault(Fault::too_fast, false);
    set_fault(Fault::cut_off, false);
  }
}

void Dispenser::watch_sensor(bool valid) noexcept {
  if (valid != sensor_valid_) {
    sensor_valid_ = valid;
    sensor_turned_at_ = now_;
  }
  if (now_ - sensor_turned_at_ >= sensor_patience) set_fault(Fault::sensor_stuck, !valid);
}

void Dispenser::watch_tag(const Tick& tick) noexcept {
  if (tick.tag == tag_) return;
  tag_ = tick.tag;
  ++version_;
}

void Dispenser::watch_idle_flow() noexcept {
  if (!config_.meter || now_ < idle_watched_from) return;
  if (!idle_since_ || now_ - *idle_since_ >= idle_window) {
    idle_since_ = now_;
    idle_pulses_ = pulses_;
  }
  const std::uint64_t pulses = pulses_ - idle_pulses_;
  const auto volume =
      static_cast<std::int64_t>(pulses * 1'000'000 / config_.meter->pulses_per_litre);
  if (Microlitres{volume} >= idle_flow_min) set_fault(Fault::idle_flow, true);
}

void Dispenser::drive_pour(Effects& effects) noexcept {
  if (pour_->phase() == Pour::Phase::ended) return;
  pour_->measure(now_, pulses_);
  if (pour_->phase() == Pour::Phase::pumping) {
    if (const auto reason = why_stop()) {
      stop_pump(*reason, effects);
    } else {
      effects.push_back(RenewCutOff{pour_->renew_cut_off()});
      if (writing_ == Writing::nothing && pour_->take_checkpoint()) {
        write(Writing::checkpoint, RecordKind::checkpoint, pour_->if_power_were_lost(), effects);
      }
    }
  } else if (pour_->phase() == Pour::Phase::settling && pour_->settled() &&
             writing_ == Writing::nothing) {
    pour_->end();
    write(Writing::ended, RecordKind::ended, pour_->result(), effects);
  }
  publish_progress();
}

std::optional<StopReason> Dispenser::why_stop() const noexcept {
  if (!glass_.there()) {
    return glass_.lost_blindly() ? StopReason::sensor_stuck : StopReason::glass_removed;
  }
  if (stop_pressed_) return StopReason::stop_requested;
  return pour_->must_stop();
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
    if (pour_->phase() == Pour::Phase::pumping) {
      stop_pump(StopReason::stop_requested, effects);
    }
    return;
  }
  if (!order.request_id || order.request_id->empty() || answer_to_known(*order.request_id)) return;
  remember({.request_id = *order.request_id,
            .requested = {},
            .outcome = PourOutcome::cancelled,
            .stop_reason = StopReason::stop_requested,
            .measure = config_.meter ? protocol::Measure::meter : protocol::Measure::time,
            .delivered = {},
            .uncertainty = {},
            .min = {},
            .max = {}},
           false);
  save_next(effects);
}

// ---- The journal

void Dispenser::handle_written(bool ok, Effects& effects) noexcept {
  POURTOCOL_ASSERT(writing_ != Writing::nothing);
  const Writing what = writing_;
  writing_ = Writing::nothing;
  set_fault(Fault::journal_failed, !ok);
  if (!ok) retry_at_ = now_ + journal_retry;
  switch (what) {
    case Writing::started:
      if (ok) {
        start_pouring(effects);
      } else {
        --pours_total_;
        pour_.reset();
        refuse(order_, rejected(Refusal::fault, "The journal could not be written."), effects);
      }
      break;
    case Writing::checkpoint:
      if (!ok && pour_->phase() == Pour::Phase::pumping) {
        stop_pump(StopReason::journal_failed, effects);
      }
      break;
    case Writing::ended:
      remember(pour_->result(), ok);
      pour_.reset();
      idle_since_.reset();
      break;
    case Writing::remembered:
      if (ok) {
        first_unsaved()->saved = true;
        save_next(effects);
      }
      break;
    case Writing::nothing:
    case Writing::probe:
      break;
  }
}

void Dispenser::start_pouring(Effects& effects) noexcept {
  // Writing may have taken long enough for the glass to be gone.
  if (!glass_.certain() || stop_pressed_) {
    RecentPour nothing = pour_->if_power_were_lost();
    nothing.outcome = PourOutcome::cancelled;
    nothing.stop_reason = stop_pressed_ ? StopReason::stop_requested : StopReason::glass_removed;
    nothing.max = nothing.uncertainty = Microlitres{0};
    pour_.reset();
    remember(nothing, false);
    effects.push_back(
        Reply{stop_pressed_ ? rejected(Refusal::cancelled, "The stop button was pressed.")
                            : rejected(Refusal::no_glass, "The glass was taken away meanwhile.")});
    save_next(effects);
    return;
  }
  pour_->pump_switched_on(now_, pulses_);
  published_ = Microlitres{0};
  published_at_ = now_;
  ++version_;
  effects.push_back(SwitchPumpOn{pour_->renew_cut_off()});
  effects.push_back(Reply{protocol::OrderAccepted{.repeated = false}});
}

void Dispenser::stop_pump(StopReason reason, Effects& effects) noexcept {
  effects.push_back(SwitchPumpOff{});
  if (reason == StopReason::no_flow) set_fault(Fault::no_flow, true);
  if (reason == StopReason::too_fast) set_fault(Fault::too_fast, true);
  if (reason == StopReason::cut_off && pour_->cut_off_is_fault()) set_fault(Fault::cut_off, true);
  pour_->pump_switched_off(now_, reason);
}

void Dispenser::remember(const RecentPour& pour, bool saved) noexcept {
  ring_.push_back_dropping_oldest({.pour = pour, .saved = saved});
  ++version_;
}

Dispenser::Remembered* Dispenser::first_unsaved() noexcept {
  for (Remembered& remembered : ring_) {
    if (!remembered.saved) return &remembered;
  }
  return nullptr;
}

/// Writes what the journal still lacks; when it lacks nothing but failed last, tries whether it
/// works.
void Dispenser::save_next(Effects& effects) noexcept {
  const bool failed = faults_.contains(Fault::journal_failed);
  if (failed && now_ < retry_at_) return;
  if (const Remembered* unsaved = first_unsaved()) {
    write(Writing::remembered, RecordKind::ended, unsaved->pour, effects);
  } else if (failed) {
    write(Writing::probe, RecordKind::probe, {}, effects);
  }
}

void Dispenser::write(Writing what, RecordKind kind, const RecentPour& pour,
                      Effects& effects) noexcept {
  POURTOCOL_ASSERT(writing_ == Writing::nothing);
  writing_ = what;
  effects.push_back(WriteJournal{{.kind = kind, .pour = pour, .pours_total = pours_total_}});
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
  details.flow = config_.calibration.flow;
  if (config_.calibration.flow != FlowRate{0}) {
    details.pour_time_max = plan_pour(config_, protocol::amount_max).cut_off;
  }
  details.journal_whole = journal_whole_;
  details.pours_total = pours_total_;
  if (pour_) {
    details.pour = protocol::RunningPour{
        .request_id = pour_->id(), .requested = pour_->requested(), .delivered = published_};
  }
  for (const Remembered& remembered : ring_) {
    details.recent.push_back(remembered.pour);
    if (remembered.pour.outcome != PourOutcome::cancelled) {
      status.last_pour = remembered.pour.delivered;
    }
  }
  return status;
}

}  // namespace pourtocol::firmware
