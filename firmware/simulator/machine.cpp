#include "firmware/simulator/machine.hpp"

#include <charconv>
#include <utility>
#include <variant>

#include "core/assert.hpp"

namespace pourtocol::firmware {

namespace {

bool is_new(const OrderReply& reply) {
  const auto* accepted = std::get_if<protocol::OrderAccepted>(&reply);
  return accepted != nullptr && !accepted->repeated;
}

}  // namespace

Machine::Drawn Machine::draw(const MachineOptions& options) {
  Random random{options.seed};
  PlantSpec spec = PlantSpec::draw(random);
  spec.has_meter = options.metered;
  spec.sensor = options.sensor;
  spec.bottle = spec.bottle_full;
  spec.pump_power = options.pump_power;
  Calibrated calibrated = pourtocol::firmware::calibrate(spec, random);
  calibrated.config.tap = options.tap;
  calibrated.config.bottle = spec.bottle_full;
  calibrated.config.resume_within = options.resume_within;
  if (!options.calibrated) {
    calibrated.tuning = Tuning{};
    calibrated.config.confirmed.reset();
  }
  return {random, spec, calibrated};
}

Machine::Machine(const MachineOptions& options, VirtualFlash flash)
    : Machine{options, draw(options), std::move(flash)} {}

Machine::Machine(const MachineOptions& options, Drawn drawn, VirtualFlash flash)
    : options_{options},
      flash_{std::move(flash)},
      calibrated_{drawn.calibrated},
      plant_{drawn.spec, drawn.random, clock_.now},
      entropy_{options.entropy} {
  if (options_.glass) plant_.place_glass(clock_.now);
  boot();
}

void Machine::boot() {
  flash_.restore_power();
  ++boots_;
  booted_at_ = clock_.now;
  next_turn_ = clock_.now + loop_period;
  board_.emplace(plant_, flash_, clock_, entropy_.fork());
  board_->set_machine_id(machine_id_);
  loop_.emplace(*board_, flash_.with_confirmed(calibrated_.config), calibrated_.tuning);
}

void Machine::set_machine_id(std::optional<MachineId> id) {
  machine_id_ = id;
  if (board_) board_->set_machine_id(id);
}

void Machine::set_power(bool on) {
  if (on == powered()) return;
  if (on) {
    boot();
    return;
  }
  loop_.reset();
  board_.reset();
  plant_.switch_pump_off(clock_.now);
}

void Machine::advance(Instant now) {
  if (now - clock_.now >= late_min) late_turns_.push_back({clock_.now, now - clock_.now});
  while (next_turn_ <= now) {
    clock_.now = next_turn_;
    next_turn_ += loop_period;
    if (!loop_) continue;
    loop_->step();
    note_episodes();
  }
  clock_.now = now;
  plant_.advance(now);
}

OrderReply Machine::dispense(const protocol::DispenseOrder& order) {
  POURTOCOL_ASSERT(powered());
  protocol::DispenseOrder taken = order;
  if (options_.protocol == 1) {
    taken.request_id = fresh_id();
    taken.guard.reset();
  }
  const OrderReply reply = loop_->handle_order(taken);
  if (is_new(reply)) running_ = order.request_id;
  note_episodes();
  return reply;
}

OrderReply Machine::service(const protocol::ServiceOrder& order) {
  POURTOCOL_ASSERT(powered());
  const OrderReply reply = loop_->handle_service(order);
  if (is_new(reply)) running_ = order.request_id;
  note_episodes();
  return reply;
}

void Machine::note_episodes() {
  const bool welded = !loop_->pouring();
  while (episode_orders_.size() < plant_.episodes().size()) {
    episode_orders_.push_back(
        {.request_id = welded ? RequestId{} : running_, .boot = boots_, .booted_at = booted_at_});
  }
}

protocol::CalibrationAnswer Machine::calibrate(const protocol::GuardedAction& asked) {
  POURTOCOL_ASSERT(powered());
  return loop_->handle_calibration(asked.action, asked.guard);
}

protocol::CalibrationReport Machine::calibration() const {
  POURTOCOL_ASSERT(powered());
  return loop_->calibration();
}

std::optional<protocol::OrderRejected> Machine::stop(const protocol::StopOrder& order) {
  POURTOCOL_ASSERT(powered());
  stops_.push_back({clock_.now, order.request_id, plant_.pump_on()});
  return loop_->handle_stop(order);
}

protocol::DeviceStatus Machine::status() const {
  POURTOCOL_ASSERT(powered());
  protocol::DeviceStatus status = loop_->status();
  if (options_.protocol == 1) {
    status.last_pour.reset();
    status.details.reset();
  }
  // Whatever restarts it here has cut its power.
  if (status.details) status.details->reset_reason = protocol::ResetReason::power_on;
  return status;
}

std::uint64_t Machine::version() const {
  POURTOCOL_ASSERT(powered());
  return loop_->version();
}

void Machine::hold_stop_button(bool held) {
  if (board_) board_->hold_stop_button(held);
}

EpisodeOrder Machine::order_of_episode(std::size_t index) const {
  if (index < episode_orders_.size()) return episode_orders_[index];
  return {.request_id = {}, .boot = boots_, .booted_at = booted_at_};
}

RequestId Machine::fresh_id() {
  // Not one the journal may hold from an earlier boot, in this process or another.
  const auto boot = BootId{entropy_.bits()}.text();
  char text[BootId::text_length + 24];
  char* end = std::copy(boot.begin(), boot.end(), text);
  *end++ = '.';
  end = std::to_chars(end, text + sizeof text, ++orders_).ptr;
  const auto id = RequestId::parse({text, static_cast<std::size_t>(end - text)});
  POURTOCOL_ASSERT(id.has_value());
  return *id;
}

}  // namespace pourtocol::firmware
