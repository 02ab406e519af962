// A virtual machine and whoever stands before it, for the tests: time passes, things are done to
// it, and what it says is held against the plant's truth.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/random.hpp"
#include "firmware/core/board_loop.hpp"
#include "firmware/core/reckoning.hpp"
#include "firmware/simulator/plant/virtual_board.hpp"

namespace pourtocol::firmware {

using std::chrono::milliseconds;

class Machine {
 public:
  explicit Machine(Random random)
      : Machine{random, [&random] { return PlantSpec::draw(random); }()} {}
  Machine(Random random, const PlantSpec& spec)
      : random_{random},
        plant{spec, random_.fork(), clock.now},
        calibrated{calibrate(spec, random_)} {
    power_on();
  }

  // ---- Time
  void pass(Duration time) {
    const Instant until = clock.now + time;
    while (clock.now < until) {
      const Duration step{random_.between(1'000, 10'000)};
      clock.now = std::min(until, clock.now + step);
      if (loop) loop->step();
    }
  }
  /// The loop does not run, the world does.
  void hang(Duration time) {
    clock.now += time;
    plant.advance(clock.now);
  }
  void finish_pour() {
    for (int i = 0; i < 3000 && pouring(); ++i) pass(milliseconds{10});
    pass(milliseconds{1500});  // the last drops
  }

  // ---- Power
  void power_on() {
    flash.restore_power();
    board.emplace(plant, flash, clock, random_.fork(), static_cast<std::uint32_t>(random_.bits()));
    loop.emplace(*board, flash.with_confirmed(calibrated.config), calibrated.tuning);
  }
  void power_off() {
    loop.reset();
    plant.switch_pump_off(clock.now);
  }

  // ---- The glass
  void place_glass() {
    plant.place_glass(clock.now);
    pass(milliseconds{500});
  }
  void lift_glass() { plant.lift_glass(clock.now); }
  void change_glass() {
    lift_glass();
    pass(milliseconds{1500});
    place_glass();
  }

  // ---- Orders
  bool order(const std::string& id, int ml) {
    const auto reply = loop->handle_order(
        {.amount = Millilitres{ml}, .request_id = *RequestId::parse(id), .guard = std::nullopt});
    const auto* accepted = std::get_if<protocol::OrderAccepted>(&reply);
    return accepted != nullptr && !accepted->repeated;
  }
  [[nodiscard]] bool pouring() const {
    return loop->status().state == protocol::DeviceState::pouring;
  }
  [[nodiscard]] protocol::DeviceDetails details() const { return *loop->status().details; }
  [[nodiscard]] std::optional<protocol::RecentPour> remembered(const std::string& id) const {
    const auto recent = details().recent;
    for (const auto& pour : recent) {
      if (pour.request_id.view() == id) return pour;
    }
    return std::nullopt;
  }

 private:
  Random random_;

 public:
  VirtualClock clock;
  Plant plant;
  Calibrated calibrated;
  VirtualFlash flash;
  std::optional<VirtualBoard> board;
  std::optional<BoardLoop<VirtualBoard>> loop;
};

}  // namespace pourtocol::firmware
