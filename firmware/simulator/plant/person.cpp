#include "firmware/simulator/plant/person.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <variant>

#include "core/assert.hpp"
#include "firmware/core/confirmed.hpp"

namespace pourtocol::firmware {

namespace {

using namespace std::chrono_literals;
using protocol::ServiceKind;

constexpr Duration loop_turn = 10ms;
constexpr Milliseconds prime_time{2'500};
constexpr Microlitres primed{3'000};
constexpr Milliseconds first_run{4'000};
constexpr Millilitres big_run{150};
constexpr Millilitres small_portion{15};
constexpr int small_portions = 8;
constexpr int big_runs = 3;
constexpr int small_runs = 5;
constexpr double reading_error = 1'000;  // µl
constexpr double bottle_error = 0.01;
/// A pump that is faster is not timed well (docs/accuracy.md).
constexpr FlowRate fast{14'000};

bool accepted(const OrderReply& reply) {
  return std::holds_alternative<protocol::OrderAccepted>(reply);
}

}  // namespace

AttendedMachine::AttendedMachine(const PlantSpec& spec, Random random)
    : random_{random}, plant_{spec, random_.fork(), clock_.now} {
  config_.metered = spec.has_meter;
  config_.bottle = spec.bottle_full;
  board_.emplace(plant_, flash_, clock_, random_.fork());
  loop_.emplace(*board_, config_, Tuning{});
}

/// As a board does it whose settings were changed: it starts anew.
void AttendedMachine::set_pump_power(PumpPower power) {
  config_.pump_power = power;
  plant_.set_pump_power(power);
  loop_.emplace(*board_, flash_.with_confirmed(config_), Tuning{});
}

void AttendedMachine::step() {
  clock_.now += loop_turn;
  loop_->step();
}

void AttendedMachine::wait(Duration time) {
  clock_.now += time;
  plant_.advance(clock_.now);
}

void AttendedMachine::place_glass() {
  plant_.lift_glass(clock_.now);
  for (int i = 0; i < 120; ++i) step();
  plant_.place_glass(clock_.now);
  for (int i = 0; i < 60; ++i) step();
}

void AttendedMachine::finish() {
  while (loop_->pouring()) step();
  for (int i = 0; i < 150; ++i) step();  // the last drops
  plant_.forget_final_episodes();
}

RequestId AttendedMachine::fresh_id() {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, ++ids_).ptr;
  return *RequestId::parse({text, static_cast<std::size_t>(end - text)});
}

Microlitres AttendedMachine::run(ServiceKind kind, const protocol::ServiceExtent& extent,
                                 int portions) {
  place_glass();
  const Microlitres before = plant_.total();
  last_id_ = fresh_id();
  const OrderReply reply = loop_->handle_service({.kind = kind,
                                                  .extent = extent,
                                                  .confirmed = true,
                                                  .request_id = last_id_,
                                                  .guard = std::nullopt,
                                                  .portions = portions});
  POURTOCOL_ASSERT(accepted(reply));
  finish();
  return plant_.total() - before;
}

void AttendedMachine::measure(Microlitres truly) {
  const auto off = random_.uniform(-reading_error, reading_error);
  const Microlitres cup{std::max<std::int64_t>(0, truly.count() + std::llround(off))};
  act(protocol::MeasuredRun{.request_id = last_id_, .measured = cup});
}

void AttendedMachine::act(const protocol::CalibrationAction& action) {
  const auto answer = loop_->handle_calibration(action);
  POURTOCOL_ASSERT(answer.has_value());
}

/// With a hand at the machine: nobody tells from afar whether a cup was read rightly.
void AttendedMachine::accept() {
  board_->hold_stop_button(true);
  for (Duration held{0}; held <= hand_after; held += loop_turn) step();
  act(protocol::AcceptCalibration{});
  board_->hold_stop_button(false);
  step();
}

void AttendedMachine::fill_bottle(Microlitres volume) {
  plant_.fill_bottle(clock_.now, volume);
}

/// Until something comes, and that back into the bottle.
void AttendedMachine::prime() {
  Microlitres came;
  while (came < primed) came += run(ServiceKind::prime, prime_time, 1);
  fill_bottle(plant_.bottle() + came);
}

void AttendedMachine::fill_up() {
  fill_bottle(plant_.spec().bottle_full);
  act(protocol::NewBottle{});
}

void AttendedMachine::calibrate(StrongPumps strong_pumps) {
  prime();
  const auto first_flow = [&] {
    fill_up();
    measure(run(ServiceKind::calibrate, first_run, 1));
    return loop_->calibration().proposal->flow;
  };
  const bool may_slow = strong_pumps == StrongPumps::slowed && !config_.metered;
  while (first_flow() > fast && may_slow) {
    set_pump_power(static_cast<PumpPower>(config_.pump_power - 2 * power_step));
  }
  accept();
  const auto fill_cups = [&](int cups, Millilitres portion, int portions) {
    for (int i = 0; i < cups; ++i) {
      fill_up();
      measure(run(ServiceKind::calibrate, portion, portions));
    }
  };
  fill_cups(big_runs, big_run, 1);
  fill_cups(small_runs, small_portion, small_portions);
  accept();
  fill_up();
}

AttendedMachine::Poured AttendedMachine::pour(Millilitres amount) {
  place_glass();
  const Microlitres before = plant_.total();
  last_id_ = fresh_id();
  const OrderReply reply =
      loop_->handle_order({.amount = amount, .request_id = last_id_, .guard = std::nullopt});
  POURTOCOL_ASSERT(accepted(reply));
  finish();
  return {.receipt = loop_->status().details->recent.back(),
          .flowed = plant_.total() - before,
          .ran_dry = plant_.bottle() <= Microlitres{0}};
}

void AttendedMachine::change_bottle() {
  // What the machine cannot conclude anything from it says, and the calibration stays.
  if (loop_->handle_calibration(protocol::BottleEmpty{})) accept();
  const auto full = static_cast<double>(plant_.spec().bottle_full.count());
  const double held = full * random_.uniform(1 - bottle_error, 1 + bottle_error);
  fill_bottle(Microlitres{std::llround(held)});
  plant_.let_air_in(clock_.now, Duration{random_.between(1'000'000, 2'000'000)});
  prime();
  act(protocol::NewBottle{});
}

}  // namespace pourtocol::firmware
