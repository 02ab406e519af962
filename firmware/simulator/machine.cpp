#include "firmware/simulator/machine.hpp"

#include <charconv>
#include <utility>

#include "core/assert.hpp"

namespace pourtocol::firmware {

Machine::Drawn Machine::draw(const MachineOptions& options) {
  Random random{options.seed};
  PlantSpec spec = PlantSpec::draw(random);
  spec.has_meter = options.metered;
  spec.bottle = spec.bottle_full;
  Config config = calibrate(spec, random);
  config.tap = options.tap;
  return {random, spec, config};
}

Machine::Machine(const MachineOptions& options, VirtualFlash flash)
    : Machine{options, draw(options), std::move(flash)} {}

Machine::Machine(const MachineOptions& options, Drawn drawn, VirtualFlash flash)
    : options_{options},
      flash_{std::move(flash)},
      config_{drawn.config},
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
  loop_.emplace(*board_, config_);
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
  if (now - clock_.now >= hang_min) next_turn_ = now;
  while (next_turn_ <= now) {
    clock_.now = next_turn_;
    next_turn_ += loop_period;
    if (loop_) loop_->step();
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
  const std::size_t episodes_before = plant_.episodes().size();
  const OrderReply reply = loop_->handle_order(taken);
  if (plant_.episodes().size() > episodes_before) {
    episode_orders_.resize(plant_.episodes().size() - 1);
    episode_orders_.push_back({order.request_id, boots_, booted_at_});
  }
  return reply;
}

void Machine::stop(const protocol::StopOrder& order) {
  POURTOCOL_ASSERT(powered());
  loop_->handle_stop(order);
}

protocol::DeviceStatus Machine::status() const {
  POURTOCOL_ASSERT(powered());
  protocol::DeviceStatus status = loop_->status();
  if (options_.protocol == 1) {
    status.last_pour.reset();
    status.details.reset();
  }
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
