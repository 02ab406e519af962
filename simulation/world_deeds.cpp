// How a world carries out its script.
#include <algorithm>
#include <utility>

#include "simulation/world.hpp"

namespace pourtocol::simulation {

namespace {

using namespace std::chrono_literals;

/// What a host runs into a cup to calibrate, and how long that takes at the most.
constexpr std::int64_t cup_ml = 100;
constexpr Duration cup_filled = 25s;
/// Until what was measured is accepted.
constexpr Duration accepted_after = 1s;

/// Above this a service run's amount is milliseconds.
constexpr std::int64_t by_time_above = 200;

RequestId order_id(std::uint64_t key) {
  return *RequestId::parse("order-" + std::to_string(key));
}

}  // namespace

void World::perform(const Happening& happening) {
  const Deed deed = happening.deed;
  if (!is_fault(deed)) {
    do_as_people(happening);
  } else if (is_of_message(deed)) {
    network_->spoil(happening);
  } else if (deed == Deed::swap_addresses) {
    swap_addresses(happening);
  } else {
    has_fault(deed, happening.tap, schedule_.now() + happening.length);
    if (deed >= Deed::kill_server) {
      break_house(happening);
    } else if (deed >= Deed::spike) {
      break_sensor(happening);
    } else {
      break_machine(happening);
    }
  }
}

void World::do_as_people(const Happening& happening) {
  const auto host_does = [&](const std::optional<protocol::CalibrationAction>& action) {
    if (!server_) return;
    server_->calibrate({.tap = settings_.taps[happening.tap].name,
                        .user = *UserToken::from("host"),
                        .action = action});
  };
  switch (happening.deed) {
    case Deed::place_glass:
      machines_[happening.tap]->refill_if_low();
      machines_[happening.tap]->place_glass();
      break;
    case Deed::lift_glass:
      machines_[happening.tap]->lift_glass();
      break;
    case Deed::order:
      order(wish_of(happening), 3);
      break;
    case Deed::late_order:
      order(wish_of(happening), 0);
      break;
    case Deed::give_up:
      give_up(order_id(happening.key));
      break;
    case Deed::stop_pour:
      if (server_) server_->stop(order_id(happening.key));
      break;
    case Deed::stop_all:
      if (server_) server_->stop(control::AllTaps{});
      break;
    case Deed::resume_all:
      if (server_) resume(server_->newest_stop());
      break;
    case Deed::late_resume:
      if (!server_) break;
      schedule_.after(Duration{happening.amount}, [this, stop = server_->newest_stop()] {
        if (server_) resume(stop);
      });
      break;
    case Deed::service_run:
      run_service(happening);
      break;
    case Deed::misread_cup:
      misread_cup(happening);
      break;
    case Deed::look_up:
      host_does(std::nullopt);
      break;
    case Deed::clear_faults:
      host_does(protocol::ClearFaults{});
      break;
    default:
      machines_[happening.tap]->connect_full_bottle();
      host_does(protocol::NewBottle{});
  }
}

void World::resume(control::StopNumber stop) {
  checker_->resumed(stop);
  server_->resume(stop);
}

void World::run_service(const Happening& happening) {
  machines_[happening.tap]->place_glass();
  control::DispenseRequest request;
  request.user = *UserToken::from("host");
  request.tap = settings_.taps[happening.tap].name;
  request.key = *RequestId::parse("service-" + std::to_string(happening.key));
  if (happening.amount > by_time_above) {
    request.purpose = protocol::Purpose::prime;
    request.run_time = std::chrono::milliseconds{happening.amount};
  } else {
    request.purpose = protocol::Purpose::calibrate;
    request.amount_ml = happening.amount;
  }
  schedule_.after(600ms, [this, request] {
    if (server_) server_->dispense(request, *request.key);
  });
}

void World::host_calibrates(std::uint32_t tap, const protocol::CalibrationAction& action) {
  if (!server_ || over_) return;
  server_->calibrate(
      {.tap = settings_.taps[tap].name, .user = *UserToken::from("host"), .action = action});
}

/// Somebody who errs: what truly came is read as another number.
void World::misread_cup(const Happening& happening) {
  Happening run = happening;
  run.deed = Deed::service_run;
  run.amount = cup_ml;
  run_service(run);
  const RequestId id = *RequestId::parse("service-" + std::to_string(happening.key));
  schedule_.after(cup_filled, [this, happening, id] {
    const Microlitres came = machines_[happening.tap]->came_of(id);
    const Microlitres read = permille(came, happening.amount);
    if (read > protocol::measured_max) return;
    host_calibrates(happening.tap, protocol::MeasuredRun{.request_id = id, .measured = read});
  });
  schedule_.after(cup_filled + accepted_after, [this, tap = happening.tap] {
    host_calibrates(tap, protocol::AcceptCalibration{});
  });
}

World::Wish World::wish_of(const Happening& happening) {
  return {.tap = happening.tap,
          .id = order_id(happening.key),
          .amount_ml = happening.amount,
          .lasts = happening.length};
}

/// A phone asks again under the same key until it has heard something.
void World::order(const Wish& wish, int tries_left) {
  if (server_) {
    const control::DispenseRequest request{.amount_ml = wish.amount_ml,
                                           .user = *UserToken::from("guest"),
                                           .tap = settings_.taps[wish.tap].name,
                                           .key = wish.id,
                                           .deadline = schedule_.now() + wish.lasts};
    checker_->wished(request, wish.id);
    server_->dispense(request, wish.id);
  }
  if (tries_left == 0) return;
  schedule_.after(3s, [this, wish, tries_left] {
    if (!over_ && !settled_.contains(wish.id)) order(wish, tries_left - 1);
  });
}

/// A phone believes that its order is given up once the server has said so.
void World::give_up(const RequestId& id) {
  if (over_ || given_up_.contains(id)) return;
  if (server_) server_->stop(id);
  schedule_.after(3s, [this, id] { give_up(id); });
}

void World::break_machine(const Happening& happening) {
  Machine& machine = *machines_[happening.tap];
  const Duration length = happening.length;
  switch (happening.deed) {
    case Deed::partition:
    case Deed::partition_to:
    case Deed::partition_from:
      network_->partition(happening);
      break;
    case Deed::strange_stops:
    case Deed::replayed_order:
    case Deed::forged_order:
    case Deed::forged_calibration:
      attack(happening);
      break;
    case Deed::power_cut:
      machine.cut_power(length);
      break;
    case Deed::brown_out:
      machine.brown_out(length, happening.amount);
      break;
    case Deed::lost_flash:
      machine.lose_flash();
      machine.cut_power(length);
      break;
    case Deed::torn_write:
      machine.tear_next_write(static_cast<std::size_t>(happening.amount));
      break;
    case Deed::flash_fails:
    case Deed::flash_lies:
      machine.set_flash_failing(true, happening.deed == Deed::flash_lies);
      schedule_.after(length, [&machine] { machine.set_flash_failing(false, false); });
      break;
    case Deed::press_stop:
      machine.hold_stop_button(true);
      schedule_.after(length, [&machine] { machine.hold_stop_button(false); });
      break;
    default:
      machine.hang(length);
  }
}

/// Somebody in the network who is no server of ours. Only our firmware is meant to bear it.
void World::attack(const Happening& happening) {
  Machine& machine = *machines_[happening.tap];
  if (machine.protocol() == 1) return;
  const std::string name = "stranger-" + std::to_string(happening.key);
  if (happening.deed == Deed::replayed_order) {
    network_->replay(control::TapIndex{happening.tap});
  } else if (happening.deed == Deed::forged_calibration) {
    forge_calibration(machine, *RequestId::parse(name), happening.amount);
  } else if (happening.deed == Deed::forged_order) {
    if (!machine.responsive()) return;
    const Millilitres amount{static_cast<std::int32_t>(happening.amount)};
    (void)machine.take_order(
        {.amount = amount, .request_id = *RequestId::parse(name), .guard = std::nullopt});
  } else {
    for (std::int64_t i = 0; i < happening.amount; ++i) {
      const auto id = *RequestId::parse(name + "-" + std::to_string(i));
      schedule_.after(happening.length * i / happening.amount, [&machine, id] {
        if (machine.responsive()) (void)machine.take_stop({.request_id = id});
      });
    }
  }
}

/// Somebody who means harm, and need not ask a server.
void World::forge_calibration(Machine& machine, const RequestId& id, std::int64_t share) {
  if (!machine.responsive()) return;
  (void)machine.take_service({.kind = protocol::ServiceKind::calibrate,
                              .extent = Millilitres{static_cast<std::int32_t>(cup_ml)},
                              .confirmed = true,
                              .request_id = id,
                              .guard = std::nullopt});
  schedule_.after(cup_filled, [this, &machine, share] {
    if (!machine.responsive() || over_) return;
    for (const auto& run : machine.calibration().runs) {
      (void)machine.take_calibration({protocol::MeasuredRun{
          .request_id = run.request_id, .measured = permille(run.reckoned, share)}});
    }
    (void)machine.take_calibration({protocol::AcceptCalibration{}});
  });
}

/// Only of machines that say who they are: nobody could tell two of version 1 apart.
void World::swap_addresses(const Happening& happening) {
  const auto count = static_cast<std::int64_t>(machines_.size());
  const auto other = static_cast<std::uint32_t>((happening.tap + happening.amount) % count);
  const bool both_say =
      machines_[happening.tap]->protocol() == 2 && machines_[other]->protocol() == 2;
  if (other == happening.tap || !both_say) return;
  for (const std::uint32_t one : {happening.tap, other}) {
    has_fault(happening.deed, one, schedule_.now() + happening.length);
    machines_[one]->cut_power(300ms);
  }
  network_->swap(happening.tap, other, schedule_.now() + happening.length);
}

void World::break_sensor(const Happening& happening) {
  Machine& machine = *machines_[happening.tap];
  const Duration length = happening.length;
  const auto sensor_says = [&](firmware::SensorMode mode) {
    machine.set_sensor(mode);
    schedule_.after(length, [&machine] { machine.set_sensor(firmware::SensorMode::works); });
  };
  switch (happening.deed) {
    case Deed::spike:
      machine.spike_sensor(length);
      break;
    case Deed::flicker:
      machine.flicker(happening.amount);
      schedule_.after(length, [&machine] { machine.flicker(0); });
      break;
    case Deed::stuck_present:
      sensor_says(firmware::SensorMode::stuck_present);
      break;
    case Deed::stuck_absent:
      sensor_says(firmware::SensorMode::stuck_absent);
      break;
    case Deed::sensor_silent:
      sensor_says(firmware::SensorMode::silent);
      break;
    case Deed::clog:
      machine.set_clogged(true);
      schedule_.after(length, [&machine] { machine.set_clogged(false); });
      break;
    case Deed::dead_meter:
      machine.set_meter_dead(true);
      mend_meter(machine, length);
      break;
    case Deed::air:
      machine.let_air_in(Duration{happening.amount});
      break;
    case Deed::empty_bottle:
      machine.empty_bottle(Microlitres{happening.amount}, length);
      break;
    case Deed::siphon:
      machine.set_siphon(FlowRate{happening.amount});
      schedule_.after(length, [&machine] { machine.set_siphon(FlowRate{0}); });
      break;
    default:
      machine.weld_relay(true);
      schedule_.after(length, [&machine] { machine.weld_relay(false); });
  }
}

/// A jammed meter does not come free by itself in mid-pour: somebody frees it when the pump is off.
void World::mend_meter(Machine& machine, Duration after) {
  schedule_.after(after, [this, &machine] {
    if (machine.is_pouring()) {
      mend_meter(machine, 500ms);
    } else {
      machine.set_meter_dead(false);
    }
  });
}

void World::break_house(const Happening& happening) {
  const Duration length = happening.length;
  switch (happening.deed) {
    case Deed::kill_server:
      kill_server(length);
      break;
    case Deed::hang_server:
      if (server_) server_->hang(length);
      break;
    case Deed::power_out:
      for (const auto& machine : machines_) machine->cut_power(length);
      kill_server(length);
      break;
    case Deed::disk_fails:
      disk_.set_failing(true);
      schedule_.after(length, [this] { disk_.set_failing(false); });
      break;
    case Deed::disk_locked:
      disk_.set_locked(true);
      schedule_.after(length, [this] { disk_.set_locked(false); });
      break;
    case Deed::slow_disk:
      disk_.set_slow(true);
      schedule_.after(length, [this] { disk_.set_slow(false); });
      break;
    case Deed::no_descriptors:
      network_->no_connections_until(schedule_.now() + length);
      break;
    default:
      wall_offset_ = std::chrono::hours{24} * happening.amount;
  }
}

}  // namespace pourtocol::simulation
