// The pure core against any sequence of events and times, sensible or not: whatever it is told, its
// pump must obey the rules (watcher.hpp). Host only, by RapidCheck.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <optional>
#include <string>

#include "core/random.hpp"
#include "firmware/core/spreads.hpp"
#include "firmware/core/tests/watcher.hpp"

namespace pourtocol::firmware {
namespace {

/// A machine of that kind, as far from what is believed of it as it may be.
World draw_world(Random& random, bool metered, bool by_echo) {
  World world;
  world.config.metered = metered;
  world.by_echo = by_echo;
  Calibration believed = factory_calibration();
  if (random.chance(0.5)) {
    believed.flow = FlowRate{random.between(2'000, 50'000)};
    believed.start_delay = Milliseconds{random.between(0, 500)};
    believed.coast = Microlitres{random.between(0, 5'000)};
  }
  world.tuning = fresh_tuning(believed);
  world.config.confirmed = believed;
  TrueMachine::Nature& nature = world.nature;
  nature.flow = believed.flow.microlitres_per_second() *
                random.between(spreads::flow_low + 10, spreads::flow_high) / 1000;
  nature.start_delay = believed.start_delay.count() *
                           random.between(spreads::delay_low, spreads::delay_high) / 1000 +
                       1;
  nature.coast = believed.coast.count() * random.between(0, spreads::coast_high);
  nature.drops = random.between(0, spreads::drops_max.count()) * 1000;
  nature.pulses_per_litre = believed.pulses_per_litre * random.between(985, 1015) / 1000;
  // Often near the end of the counter's range.
  world.ticks = random.chance(0.5) ? 0U - static_cast<std::uint32_t>(random.below(60'000))
                                   : static_cast<std::uint32_t>(random.bits());
  world.journal_at = random.below(512);
  if (random.chance(0.3)) world.flash_ms = random.between(0, 400);
  return world;
}

/// Its pump is up to 29 % faster, or slower, than one of its kind is as bought.
void tell_its_kind(Random& random, World& world) {
  const std::int64_t as_bought = world.nature.flow * 1'000 / random.between(710, 1'290);
  world.config.pump_flow = FlowRate{std::clamp<std::int64_t>(as_bought, 2'000, 25'000)};
}

/// What people, machines and flash do of an evening, drawn from a seed.
class Evening {
 public:
  Evening(Random& random, const World& world)
      : random_{random},
        watcher_{world},
        glass_likely_{random_.uniform(0.7, 1.0)},
        flash_fails_{random_.uniform(0.0, 0.3)},
        step_max_{random_.chance(0.8) ? 10 : random_.between(10, 3000)} {}

  void spend(int events) {
    for (int i = 0; i < events; ++i) {
      happen();
      watcher_.pass(static_cast<std::uint32_t>(random_.between(0, step_max_)));
      watcher_.turn();
      if (random_.chance(0.05)) watcher_.order(draw_order());
      if (random_.chance(0.005)) watcher_.stop(draw_stop());
      if (random_.chance(0.002)) watcher_.service(draw_service());
      if (random_.chance(0.002)) watcher_.calibrate(draw_action());
      if (random_.chance(0.0002)) accept_by_hand();
    }
  }
  void reboot_now_and_then() { reboots_ = true; }

 private:
  void happen() {
    if (random_.chance(0.01)) {
      random_.chance(glass_likely_) ? watcher_.place_glass() : watcher_.lift_glass();
    }
    if (random_.chance(0.01)) watcher_.misread();
    if (random_.chance(0.003)) watcher_.silence_sensor(random_.chance(0.1));
    watcher_.press_stop(random_.chance(0.001));
    if (random_.chance(0.001)) watcher_.kill_meter(random_.chance(0.5));
    if (random_.chance(0.01)) watcher_.let_flash_fail(random_.chance(flash_fails_));
    if (random_.chance(0.01)) watcher_.let_flash_deny(random_.chance(flash_fails_));
    if (!reboots_) return;
    if (random_.chance(0.001)) watcher_.reboot(static_cast<std::uint32_t>(random_.bits()));
    if (random_.chance(0.002)) watcher_.tear_next_record(random_.below(hal::slot_bytes + 1));
    if (random_.chance(0.0001)) watcher_.pass(static_cast<std::uint32_t>(random_.bits()));
  }
  void accept_by_hand() {
    watcher_.press_stop(true);
    for (int i = 0; i < 520; ++i) {
      watcher_.pass(10);
      watcher_.turn();
    }
    watcher_.calibrate(protocol::AcceptCalibration{});
    watcher_.press_stop(false);
  }
  RequestId draw_id() { return *RequestId::parse("id-" + std::to_string(random_.below(30))); }
  std::optional<protocol::OrderGuard> draw_guard() {
    if (!random_.chance(0.3)) return std::nullopt;
    const BootId boot = random_.chance(0.5) ? watcher_.boot_id() : BootId{0};
    return protocol::OrderGuard{.boot_id = boot,
                                .expires = watcher_.uptime() + Uptime{random_.between(-50, 50)}};
  }
  protocol::DispenseOrder draw_order() {
    return {.amount = Millilitres{static_cast<int>(random_.between(-5, 70))},
            .request_id = draw_id(),
            .guard = draw_guard()};
  }
  protocol::StopOrder draw_stop() {
    protocol::StopOrder order;
    if (random_.chance(0.5)) order.request_id = draw_id();
    return order;
  }
  protocol::ServiceOrder draw_service() {
    protocol::ServiceOrder order;
    order.kind = static_cast<protocol::ServiceKind>(random_.below(4));
    if (random_.chance(0.5)) {
      order.extent = Millilitres{static_cast<int>(random_.between(0, 210))};
      if (random_.chance(0.5)) order.portions = static_cast<int>(random_.between(0, 9));
    } else {
      order.extent = std::chrono::milliseconds{random_.between(0, 61'000)};
    }
    order.confirmed = random_.chance(0.8);
    order.request_id = draw_id();
    order.guard = draw_guard();
    return order;
  }
  protocol::CalibrationAction draw_action() {
    switch (random_.below(6)) {
      case 0:
        return protocol::MeasuredRun{.request_id = draw_id(),
                                     .measured = Microlitres{random_.between(0, 250'000)}};
      case 1:
        return protocol::AcceptCalibration{};
      case 2:
        return protocol::NewBottle{};
      case 3:
        return protocol::BottleEmpty{};
      case 4:
        return protocol::DropRun{.request_id = draw_id()};
      default:
        return protocol::ClearFaults{};
    }
  }

  Random& random_;
  Watcher watcher_;
  double glass_likely_;
  double flash_fails_;
  std::int64_t step_max_;
  bool reboots_ = false;
};

RC_GTEST_PROP(AnySequence, KeepsATimedPumpInRule, (std::uint64_t seed)) {
  Random random{seed};
  Evening{random, draw_world(random, false, false)}.spend(10'000);
}

RC_GTEST_PROP(AnySequence, KeepsAMeteredPumpInRule, (std::uint64_t seed)) {
  Random random{seed};
  Evening{random, draw_world(random, true, false)}.spend(10'000);
}

RC_GTEST_PROP(AnySequence, KeepsAPumpWithAnUltrasonicSensorInRule, (std::uint64_t seed)) {
  Random random{seed};
  Evening{random, draw_world(random, random.chance(0.5), true)}.spend(10'000);
}

RC_GTEST_PROP(AnySequence, KeepsAPumpInRuleThatWaitsForItsGlass, (std::uint64_t seed)) {
  Random random{seed};
  World world = draw_world(random, random.chance(0.5), random.chance(0.3));
  world.config.resume_within = Milliseconds{random.between(1, 30'000)};
  Evening{random, world}.spend(10'000);
}

RC_GTEST_PROP(AnySequence, KeepsAPumpInRuleWhosePowerFails, (std::uint64_t seed)) {
  Random random{seed};
  World world = draw_world(random, random.chance(0.5), random.chance(0.3));
  if (random.chance(0.5)) world.config.bottle = Microlitres{random.between(50'000, 3'000'000)};
  if (random.chance(0.3)) world.config.resume_within = Milliseconds{random.between(1, 30'000)};
  Evening evening{random, world};
  evening.reboot_now_and_then();
  evening.spend(10'000);
}

RC_GTEST_PROP(AnySequence, KeepsAPumpInRuleThatNobodyCalibrated, (std::uint64_t seed)) {
  Random random{seed};
  World world = draw_world(random, random.chance(0.5), false);
  world.tuning = fresh_tuning({});
  world.config.confirmed.reset();
  world.nature = {.flow = random.between(2'000, 27'000),
                  .start_delay = random.between(70, 340),
                  .coast = random.between(0, 3'400'000)};
  if (random.chance(0.5)) tell_its_kind(random, world);
  Evening{random, world}.spend(10'000);
}

/// Somebody comes and calibrates, who errs or means harm, again and again, and guests drink.
class Miscalibrations {
 public:
  Miscalibrations(Random& random, const World& world) : random_{random}, watcher_{world} {}

  void happen() {
    watcher_.place_glass();
    turns(100);
    for (int i = 0; i < 6; ++i) {
      miscalibrate();
      pour();
    }
  }

 private:
  void turns(int count) {
    for (int i = 0; i < count; ++i) {
      watcher_.pass(10);
      watcher_.turn();
    }
  }
  void finish() {
    for (int i = 0; i < 12'000 && watcher_.run_is_open(); ++i) turns(1);
    turns(150);  // the last drops, and another glass
    watcher_.lift_glass();
    turns(120);
    watcher_.place_glass();
    turns(100);
  }
  RequestId next_id() { return *RequestId::parse("id-" + std::to_string(++ids_)); }
  void miscalibrate() {
    const auto runs = random_.between(1, 4);
    // Near to what passes without a hand: beyond it nothing is changed.
    const std::int64_t share =
        random_.chance(0.8) ? random_.between(600, 1'500) : random_.between(50, 10'000);
    for (std::int64_t i = 0; i < runs; ++i) {
      protocol::ServiceOrder order;
      order.kind = protocol::ServiceKind::calibrate;
      order.confirmed = true;
      if (watcher_.tuning().calibrated()) {
        order.extent = Millilitres{static_cast<int>(random_.between(10, 150))};
      } else {
        order.extent = std::chrono::milliseconds{random_.between(2'000, 8'000)};
      }
      order.request_id = next_id();
      watcher_.service(order);
      finish();
    }
    for (const auto& run : watcher_.calibration().runs) {
      watcher_.calibrate(
          protocol::MeasuredRun{.request_id = run.request_id,
                                .measured = Microlitres{run.reckoned.count() * share / 1'000}});
    }
    watcher_.calibrate(protocol::AcceptCalibration{});
    watcher_.calibrate(protocol::DiscardCalibration{});
    watcher_.calibrate(protocol::ClearFaults{});
  }
  void pour() {
    const bool most = random_.chance(0.5);
    watcher_.order({.amount = Millilitres{most ? 60 : static_cast<int>(random_.between(1, 60))},
                    .request_id = next_id(),
                    .guard = std::nullopt});
    finish();
  }

  Random& random_;
  Watcher watcher_;
  int ids_ = 0;
};

RC_GTEST_PROP(AnyCalibration, LetsNoMoreFlowThanWasAsked, (std::uint64_t seed)) {
  Random random{seed};
  World world = draw_world(random, random.chance(0.5), false);
  world.flash_ms = 0;
  if (random.chance(0.3)) world.config.bottle = Microlitres{random.between(50'000, 3'000'000)};
  Miscalibrations{random, world}.happen();
}

RC_GTEST_PROP(AnyCalibration, LetsNoMoreFlowOfAPumpOfItsKind, (std::uint64_t seed)) {
  Random random{seed};
  World world = draw_world(random, random.chance(0.5), false);
  world.flash_ms = 0;
  world.tuning = fresh_tuning({});
  world.config.confirmed.reset();
  world.nature.flow = random.between(2'600, 27'000);
  world.nature.start_delay = random.between(70, 340);
  world.nature.coast = random.between(0, 3'400'000);
  world.nature.pulses_per_litre = 5'880 * random.between(985, 1015) / 1000;
  tell_its_kind(random, world);
  Miscalibrations{random, world}.happen();
}

}  // namespace
}  // namespace pourtocol::firmware
