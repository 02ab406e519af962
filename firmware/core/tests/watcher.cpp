#include "firmware/core/tests/watcher.hpp"

#include <variant>

#include "firmware/core/spreads.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::firmware {

namespace {

// The rules' own numbers (safety.md), not the core's.
/// No turn of the loop may give the pump more than this (firmware/README.md).
constexpr Milliseconds lease_max{60};
/// The loop has its turn every 10 ms; later than this it was held up.
constexpr std::int64_t late = 16;
constexpr std::int64_t echo_period = 60;
constexpr Milliseconds echo_confirm{110};
constexpr Uptime hand_min{5'000};
constexpr Uptime echo_gap_max{150};
constexpr Uptime gap_max{50};

}  // namespace

Watcher::Watcher(const World& world) : world_{world}, machine_{world.nature}, ticks_{world.ticks} {
  (void)flash_.write_slot(
      world.journal_at, encode_record({.sequence = 7, .record = {.kind = RecordKind::formatted}}));
  boot();
}

// ---- What happens

void Watcher::pass(std::uint32_t ms) {
  now_ += ms;
  ticks_ += ms;
  machine_.advance(now_);
  check_glass_rule();
  if (world_.by_echo) measure_echo();
}

void Watcher::turn() {
  if (now_ - turn_at_ > late) late_at_ = now_;
  turn_at_ = now_;
  deliver(read_sensors());
  power_went_ = false;
}

void Watcher::order(const protocol::DispenseOrder& order) {
  turn();
  const bool sound = order.amount.count() >= 1 && order.amount.count() <= 60;
  ask({.id = order.request_id,
       .guard = order.guard,
       .most = most_of(order.amount.count()),
       .sound = sound,
       .purpose = protocol::Purpose::pour,
       .known = remembers(order.request_id)},
      OrderReceived{order});
}

void Watcher::service(const protocol::ServiceOrder& order) {
  turn();
  const auto* amount = std::get_if<Millilitres>(&order.extent);
  ask({.id = order.request_id,
       .guard = order.guard,
       .most = amount != nullptr ? most_of(amount->count()) * order.portions : most_of(200),
       .sound = protocol::flaw_of(order).empty(),
       .purpose = purpose_of(order.kind),
       .known = remembers(order.request_id)},
      ServiceReceived{order});
}

void Watcher::ask(const Asked& asked, const Event& event) {
  asked_ = asked;
  replies_ = 0;
  deliver(event);
  must(power_went_ || replies_ == 1, "an order is answered once");
  asked_.reset();
  power_went_ = false;
}

void Watcher::calibrate(const protocol::CalibrationAction& action) {
  turn();
  const auto before = world_.config.confirmed;
  hand_ = stop_pressed_ && button_free_at_ && uptime_now_ - *button_free_at_ >= hand_min;
  calibration_replies_ = 0;
  deliver(CalibrationReceived{action});
  must(power_went_ || calibration_replies_ == 1,
       "what is said of the calibration is answered once");
  power_went_ = false;
  turn();  // what is confirmed is kept then
  // Whoever read the cup may have read anything: with a hand at the machine, that is what holds.
  if (world_.config.confirmed != before) volumes_known_ = false;
}

void Watcher::stop(const protocol::StopOrder& order) {
  const auto running = dispenser_->status().details->pour;
  deliver(StopReceived{order});
  power_went_ = false;
  if (!order.request_id || (running && running->request_id == *order.request_id)) {
    must(!machine_.is_on(), "15: the pump is off once a stop is taken");
  }
}

void Watcher::lift_glass() {
  if (glass_) unseen_since_true_ = now_;
  glass_ = false;
}

/// A meter that comes back to life may have been still for too short to be noticed.
void Watcher::kill_meter(bool dead) {
  if (machine_.meter_dead && !dead && run_open_ && !knows_its_speed()) receipt_holds_ = false;
  machine_.meter_dead = dead;
}

void Watcher::reboot(std::uint32_t ticks) {
  machine_.switch_off(now_);  // the pin is low before any code runs
  ticks_ = ticks;
  tear_at_.reset();
  flash_.kept_bytes = hal::slot_bytes;
  boot();
}

void Watcher::boot() {
  journal_.emplace(flash_);
  const History history = journal_->open();
  counter_.emplace(ticks_);
  uptime_now_ = last_reading_ = echo_looked_ = Uptime{0};
  dispenser_.emplace(world_.config, world_.tuning, BootId{++boots_}, history);
  if (durable_) must(tuning() == *durable_, "what was learned is as durable as the pours");
  settled_ = last_seen_ = false;
  seen_since_.reset();
  unseen_since_.reset();
  recorded_.reset();
  last_status_.reset();
  button_free_at_.reset();
  turn_at_ = now_;
  check_status();
  deliver(read_sensors());
}

// ---- The board

/// An echo is measured every 60 ms, whoever looks at it.
void Watcher::measure_echo() {
  if (now_ - echo_at_ < echo_period) return;
  echo_at_ = now_ - (now_ - echo_at_) % echo_period;
  if (silent_) return;
  const bool honest = !misread_;
  misread_ = false;
  if (!honest && !glass_) unseen_since_true_ = echo_at_;
  const int within = world_.config.glass_within_mm;
  const int distance = glass_ == honest ? (15 + within) / 2 : within + 100;
  echo_ = {.number = echo_.number + 1,
           .echo_us = static_cast<std::uint16_t>(distance * 2000 / 343 + 1)};
}

hal::GlassInput Watcher::read_glass() {
  if (world_.by_echo) {
    const bool fresh = echo_.number != echo_looked_at_;
    if (fresh) {
      echo_looked_at_ = echo_.number;
      echo_looked_ = uptime_now_;
      echo_seen_ = echo_.echo_us * 343 / 2000 <= world_.config.glass_within_mm;
      watch_reading(echo_seen_, echo_gap_max, echo_confirm);
    } else if (uptime_now_ - echo_looked_ > echo_gap_max) {
      echo_seen_ = false;
      watch_reading(false, echo_gap_max, echo_confirm);
    }
    return echo_;
  }
  const bool honest = !misread_;
  misread_ = false;
  const hal::GlassReading reading{.present = glass_ == honest, .valid = !silent_};
  if (!glass_ && reading.present) unseen_since_true_ = now_;
  watch_reading(reading.present && reading.valid, gap_max, world_.config.glass.confirm);
  return reading;
}

/// 4: a glass counts once it was seen for the settling time without a break, and until it was not
/// seen for the confirming time.
void Watcher::watch_reading(bool seen, Uptime gap, Uptime confirm) {
  last_seen_ = seen;
  if (!seen) {
    seen_since_.reset();
    if (!unseen_since_) unseen_since_ = uptime_now_;
    if (uptime_now_ - *unseen_since_ >= confirm) settled_ = false;
  } else {
    if (!seen_since_ || uptime_now_ - last_reading_ > gap) seen_since_ = uptime_now_;
    unseen_since_.reset();
    if (uptime_now_ - *seen_since_ >= world_.config.glass.settle) settled_ = true;
  }
  last_reading_ = uptime_now_;
}

Tick Watcher::read_sensors() {
  uptime_now_ = counter_->advance(ticks_);
  if (!stop_pressed_ || run_open_) button_free_at_ = uptime_now_;
  return {.glass = read_glass(),
          .pulses = world_.config.metered ? machine_.pulses() + knocks_ : 0,
          .stop_pressed = stop_pressed_};
}

void Watcher::deliver(const Event& event) {
  uptime_now_ = counter_->advance(ticks_);
  Effects effects;
  dispenser_->handle(event, uptime_now_, effects);
  auto written = carry_out(effects);
  while (written && !power_went_) {
    pass(static_cast<std::uint32_t>(world_.flash_ms));
    dispenser_->handle(read_sensors(), uptime_now_, effects);
    must(!carry_out(effects), "one record is written at a time");
    dispenser_->handle(*written, uptime_now_, effects);
    written = carry_out(effects);
  }
  if (power_went_) {
    power_went_ = false;
    reboot(ticks_);
    power_went_ = true;
    return;
  }
  if (std::holds_alternative<Tick>(event)) {
    const bool gone = unseen_since_ && uptime_now_ - *unseen_since_ >= confirm();
    must(!gone || !machine_.is_on(), "4: a glass not seen for long enough stops the pump");
    must(!world_.by_echo || echo_seen_ || !machine_.is_on(),
         "4: a measurement without a glass holds the pump");
    must(!stop_pressed_ || !machine_.is_on(), "15: the stop button stops the pump");
  }
  check_status();
  check_tuning();
}

Milliseconds Watcher::confirm() const {
  return world_.by_echo ? echo_confirm : world_.config.glass.confirm;
}

std::optional<JournalWritten> Watcher::carry_out(const Effects& effects) {
  std::optional<JournalWritten> written;
  for (const Effect& effect : effects) {
    if (std::holds_alternative<SwitchPumpOff>(effect)) {
      machine_.switch_off(now_);
    } else if (const auto* on = std::get_if<SwitchPumpOn>(&effect)) {
      switch_on(on->cut_off);
    } else if (const auto* renew = std::get_if<RenewCutOff>(&effect)) {
      must(Milliseconds{0} <= renew->cut_off && renew->cut_off <= lease_max,
           "3: no turn gives the pump more than its lease");
      machine_.renew_cut_off(now_, renew->cut_off.count());
    } else if (const auto* write = std::get_if<WriteJournal>(&effect)) {
      must(!written, "one record is written at a time");
      if (const auto ok = journal(write->record)) written = JournalWritten{.ok = *ok};
    } else if (const auto* reply = std::get_if<Reply>(&effect)) {
      ++replies_;
      const auto* taken = std::get_if<protocol::OrderAccepted>(&reply->reply);
      const bool on_already = run_open_ && run_->id == asked_->id;
      if (taken != nullptr && !taken->repeated && !on_already) open_run();
    } else if (const auto* keep = std::get_if<KeepConfirmed>(&effect)) {
      must(!machine_.is_on(), "4: nothing is kept while the pump runs");
      must(keep->confirmed == world_.config.confirmed || hand_,
           "3: nothing is confirmed without a hand at the machine");
      world_.config.confirmed = keep->confirmed;
    } else if (std::holds_alternative<CalibrationReply>(effect)) {
      ++calibration_replies_;
    }
  }
  return written;
}

/// An order is taken: with the pump going on, or to wait until a doubt about the glass is settled.
void Watcher::open_run() {
  const protocol::DeviceStatus status = dispenser_->status();
  must(!run_open_, "5: one open order at a time");
  must(asked_->sound, "3: an order is within its bounds");
  must(!asked_->known, "1: no id is poured twice");
  must(
      !asked_->guard || (asked_->guard->boot_id == boot_id() &&
                         uptime_now_ - Milliseconds{2 * world_.flash_ms} <= asked_->guard->expires),
      "13: an order of another boot, or too late, is refused");
  must(status.details->pour && status.details->pour->request_id == asked_->id,
       "1: it is poured under its own id");
  must(recorded_ == asked_->id, "12: its record is durable first");
  must(status.details->faults.empty(), "14: not while a fault stands");
  must(status.glass_present && !stop_pressed_, "4: for a glass that seems to stand there");
  run_ = asked_;
  run_open_ = true;
  run_begun_ = false;
  run_opened_at_ = now_;
  run_volume_known_ = volumes_known_;
  receipt_holds_ = true;
  machine_.begin_run();
}

void Watcher::switch_on(Milliseconds cut_off) {
  if (asked_) open_run();
  const protocol::DeviceStatus status = dispenser_->status();
  const auto& running = status.details->pour;
  must(!machine_.is_on(), "5: one episode at a time");
  must(running && run_open_ && running->request_id == run_->id, "12: nothing starts by itself");
  must(settled_ && last_seen_ && status.glass_present,
       "4: the pump goes on for a glass that stands");
  must(!stop_pressed_, "15: not while the stop button is held");
  must(Milliseconds{0} <= cut_off && cut_off <= lease_max, "3: the hardware holds the cut-off");
  if (!run_begun_) {
    must(cut_off > Milliseconds{0}, "3: an order that is taken gives the pump some time");
    must(status.details->faults.empty(), "14: not while a fault stands");
    const std::int64_t doubt_max = confirm().count() + 100 + 2 * world_.flash_ms;
    must(now_ - run_opened_at_ <= doubt_max || late_at_ >= run_opened_at_,
         "13: an order that is taken begins soon, or never");
    run_begun_ = true;
    ++runs_;
  } else {
    must(run_->purpose != protocol::Purpose::pour || world_.by_echo ||
             world_.config.resume_within > Milliseconds{0},
         "1: an order has one episode unless the machine was told to wait for its glass");
  }
  machine_.switch_on(now_, cut_off.count());
}

/// Whether the record was reported as written; nothing if power went meanwhile.
std::optional<bool> Watcher::journal(const Record& record) {
  if (record.kind == RecordKind::started) {
    must(!machine_.is_on(), "12: an order is recorded before the pump goes on");
    must(!remembers(record.pour.request_id), "1: no id is poured twice");
  }
  const bool was_on = machine_.is_on();
  const int erasures = flash_.erasures;
  const std::size_t room = record.kind == RecordKind::started ? journal_room_for_pour : 1;
  bool ok = machine_.is_on() || journal_->make_room(room);
  must(!was_on || flash_.erasures == erasures, "4: nothing is erased while the pump runs");
  if (tear_at_) flash_.kept_bytes = *tear_at_;
  ok = ok && journal_->append(record);
  if (tear_at_) {
    power_went_ = true;
    durable_.reset();
    return std::nullopt;
  }
  if (ok) {
    durable_ = record.tuning;
    if (record.kind == RecordKind::started) recorded_ = record.pour.request_id;
  } else {
    durable_.reset();  // it may be there and may not
  }
  return ok;
}

}  // namespace pourtocol::firmware
