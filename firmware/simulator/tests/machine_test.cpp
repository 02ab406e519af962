#include "firmware/simulator/machine.hpp"

#include <gtest/gtest.h>

#include "firmware/simulator/tests/requests.hpp"

namespace pourtocol::firmware {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using protocol::OrderAccepted;
using protocol::OrderRejected;
using protocol::PourOutcome;
using protocol::StopReason;

bool accepted(const OrderReply& reply) {
  return std::holds_alternative<OrderAccepted>(reply);
}

MachineOptions speaking(int protocol) {
  MachineOptions options;
  options.protocol = protocol;
  return options;
}

protocol::RecentPour last_pour(const Machine& machine) {
  const auto status = machine.status();
  EXPECT_TRUE(status.details && !status.details->recent.empty());
  return status.details->recent.back();
}

TEST(Machine, PoursWhatWasOrderedAndKnowsWhatFlowed) {
  ReadyMachine machine;
  ASSERT_TRUE(accepted(machine.dispense(order_of(30, "a"))));
  EXPECT_TRUE(machine.plant().pump_on());
  let_pass(machine, longest_pour);

  const auto pour = last_pour(machine);
  EXPECT_EQ(pour.outcome, PourOutcome::finished);
  ASSERT_EQ(machine.plant().episodes().size(), 1U);
  const auto truth = machine.plant().episodes()[0].total;
  EXPECT_LE(pour.min, truth);
  EXPECT_GE(pour.max, truth);
  EXPECT_NEAR(static_cast<double>(truth.count()), 30'000, 2'000);
  EXPECT_EQ(machine.order_of_episode(0).request_id.view(), "a");
}

TEST(Machine, OfVersion2PoursARepeatedOrderOnce) {
  ReadyMachine machine;
  ASSERT_TRUE(accepted(machine.dispense(order_of(5, "a"))));
  let_pass(machine, longest_pour);
  const auto again = machine.dispense(order_of(5, "a"));
  ASSERT_TRUE(accepted(again));
  EXPECT_TRUE(std::get<OrderAccepted>(again).repeated);
  let_pass(machine, longest_pour);
  EXPECT_EQ(machine.plant().episodes().size(), 1U);
}

TEST(Machine, OfVersion1PoursARepeatedOrderAgain) {
  ReadyMachine machine{speaking(1)};
  for (int i = 0; i < 2; ++i) {
    const auto reply = machine.dispense(order_of(5, "a"));
    ASSERT_TRUE(accepted(reply));
    EXPECT_FALSE(std::get<OrderAccepted>(reply).repeated);
    let_pass(machine, longest_pour);
  }
  ASSERT_EQ(machine.plant().episodes().size(), 2U);
  EXPECT_EQ(machine.order_of_episode(0).request_id.view(), "a");
  EXPECT_EQ(machine.order_of_episode(1).request_id.view(), "a");
}

TEST(Machine, OfVersion1HeedsNoGuard) {
  ReadyMachine machine{speaking(1)};
  auto order = order_of(5, "a");
  order.guard = protocol::OrderGuard{BootId{1}, Uptime{0}};
  EXPECT_TRUE(accepted(machine.dispense(order)));
}

TEST(Machine, OfVersion1PoursAgainAfterAReboot) {
  ReadyMachine machine{speaking(1)};
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(accepted(machine.dispense(order_of(5, "a"))));
    let_pass(machine, longest_pour);
    machine.set_power(false);
    machine.set_power(true);
    let_pass(machine, 1s);
  }
  EXPECT_EQ(machine.plant().episodes().size(), 2U);
}

TEST(Machine, OfVersion1SaysThreeThingsAndWhatItsTagReaderSees) {
  ReadyMachine machine{speaking(1)};
  ASSERT_TRUE(accepted(machine.dispense(order_of(5, "a"))));
  let_pass(machine, longest_pour);
  const auto status = machine.status();
  EXPECT_FALSE(status.last_pour || status.details);
  EXPECT_TRUE(status.nfc && status.nfc->ready && !status.nfc->tag_present);
  EXPECT_EQ(status.state, protocol::DeviceState::idle);
  EXPECT_EQ(status.uptime, 21s);
}

TEST(Machine, TakesNoOrderWithoutAGlass) {
  for (const int protocol : {1, 2}) {
    MachineOptions options = speaking(protocol);
    options.glass = false;
    ReadyMachine machine{options};
    const auto reply = machine.dispense(order_of(30, "a"));
    ASSERT_FALSE(accepted(reply));
    EXPECT_EQ(std::get<OrderRejected>(reply).refusal, protocol::Refusal::no_glass);
    EXPECT_TRUE(machine.plant().episodes().empty());
  }
}

TEST(Machine, StartsBecausePowerCameOnEachTime) {
  ReadyMachine machine;
  EXPECT_EQ(machine.status().details->reset_reason, protocol::ResetReason::power_on);
  machine.set_power(false);
  machine.set_power(true);
  EXPECT_EQ(machine.status().details->reset_reason, protocol::ResetReason::power_on);
}

TEST(Machine, SaysWhichOneItIsAlsoAfterItLostPowerAndFlash) {
  ReadyMachine machine;
  EXPECT_EQ(machine.status().details->machine_id, std::nullopt);
  machine.set_machine_id(MachineId{7});
  EXPECT_EQ(machine.status().details->machine_id, MachineId{7});
  machine.flash().lose();
  machine.set_power(false);
  machine.set_power(true);
  EXPECT_EQ(machine.status().details->machine_id, MachineId{7});
}

TEST(Machine, ThatLosesPowerStopsAndRemembersAnInterruptedPour) {
  ReadyMachine machine;
  const auto boot_before = machine.status().details->boot_id;
  ASSERT_TRUE(accepted(machine.dispense(order_of(60, "a"))));
  let_pass(machine, 1s);
  machine.set_power(false);
  EXPECT_FALSE(machine.powered());
  EXPECT_FALSE(machine.plant().pump_on());
  let_pass(machine, 5s);

  machine.set_power(true);
  let_pass(machine, 10s);
  EXPECT_EQ(machine.boots(), 2);
  EXPECT_NE(machine.status().details->boot_id, boot_before);
  EXPECT_EQ(machine.status().uptime, 10s);
  const auto pour = last_pour(machine);
  EXPECT_EQ(pour.outcome, PourOutcome::interrupted);
  ASSERT_EQ(machine.plant().episodes().size(), 1U) << "nothing resumes by itself";
  EXPECT_LE(pour.min, machine.plant().episodes()[0].total);
  EXPECT_GE(pour.max, machine.plant().episodes()[0].total);
}

TEST(Machine, PouredByAnotherProcessIsRememberedInItsFlash) {
  ReadyMachine first;
  ASSERT_TRUE(accepted(first.dispense(order_of(5, "a"))));
  let_pass(first, longest_pour);

  MachineOptions options;
  options.entropy = 7;
  ReadyMachine second{options, first.flash()};
  const auto again = second.dispense(order_of(5, "a"));
  ASSERT_TRUE(accepted(again));
  EXPECT_TRUE(std::get<OrderAccepted>(again).repeated);
  EXPECT_TRUE(second.plant().episodes().empty());
}

TEST(Machine, WhosePumpWasSlowedSinceMustBeCalibratedAnew) {
  MachineOptions options;
  options.pump_power = 60;
  ReadyMachine slow{options, VirtualFlash{}};
  EXPECT_TRUE(accepted(slow.dispense(order_of(5, "a")))) << "nothing in the flash says otherwise";
  let_pass(slow, longest_pour);

  ReadyMachine fast{MachineOptions{}, slow.flash()};
  const auto refused = fast.dispense(order_of(5, "b"));
  ASSERT_TRUE(std::holds_alternative<OrderRejected>(refused));
  EXPECT_EQ(std::get<OrderRejected>(refused).refusal, protocol::Refusal::not_calibrated);
}

TEST(Machine, WhosePumpHardlyTurnsIsNotCalibrated) {
  MachineOptions options;
  options.pump_power = lowest_power;
  int turning = 0;
  for (options.seed = 0; options.seed < 20; ++options.seed) {
    turning += ReadyMachine{options}.calibration().calibrated ? 1 : 0;
  }
  EXPECT_GT(turning, 0);   // strong pumps and peristaltic heads
  EXPECT_LT(turning, 20);  // small pumps
}

TEST(Machine, WhosePumpIsSlowedGivesAsMuch) {
  MachineOptions options;
  options.metered = false;
  const auto time_to_pour = [&](PumpPower power) {
    options.pump_power = power;
    ReadyMachine machine{options, VirtualFlash{}};
    EXPECT_TRUE(accepted(machine.dispense(order_of(30, "a"))));
    let_pass(machine, longest_pour);
    const Episode& episode = machine.plant().episodes().at(0);
    EXPECT_NEAR(static_cast<double>(episode.total.count()), 30'000, 3'000);
    return episode.ended - episode.started;
  };
  EXPECT_GT(time_to_pour(70), time_to_pour(full_power) * 5 / 4);
}

TEST(Machine, IsNoneTheWorseForAProcessThatGotNoProcessor) {
  ReadyMachine machine;
  ASSERT_TRUE(accepted(machine.dispense(order_of(60, "a"))));
  machine.advance(machine.now() + 60s);
  ASSERT_EQ(machine.plant().episodes().size(), 1U);
  const auto pour = last_pour(machine);
  EXPECT_EQ(pour.outcome, PourOutcome::finished);
  EXPECT_NEAR(static_cast<double>(machine.plant().episodes()[0].total.count()), 60'000, 3'000);
  EXPECT_TRUE(machine.status().details->faults.empty());
}

TEST(Machine, PoursNoLongerWhileItsStopButtonIsHeld) {
  ReadyMachine machine;
  ASSERT_TRUE(accepted(machine.dispense(order_of(60, "a"))));
  let_pass(machine, 500ms);
  machine.hold_stop_button(true);
  let_pass(machine, 50ms);
  EXPECT_FALSE(machine.plant().pump_on());
  let_pass(machine, longest_pour);
  EXPECT_EQ(last_pour(machine).stop_reason, StopReason::stop_requested);
}

/// All that flowed, after two pours with a lifted glass in between.
Microlitres flow_of(std::uint64_t seed, std::uint64_t entropy, Duration stride) {
  MachineOptions options;
  options.seed = seed;
  options.entropy = entropy;
  Machine machine{options, {}};
  const auto run_until = [&](Instant end) {
    while (machine.now() < end) machine.advance(std::min(end, machine.now() + stride));
  };
  run_until(Instant{1s});
  EXPECT_TRUE(accepted(machine.dispense(order_of(30, "a"))));
  run_until(Instant{2s});
  machine.plant().lift_glass(machine.now());
  run_until(Instant{5s});
  machine.plant().place_glass(machine.now());
  run_until(Instant{7s});
  EXPECT_TRUE(accepted(machine.dispense(order_of(45, "b"))));
  run_until(Instant{30s});
  return machine.plant().total();
}

TEST(Machine, PoursTheSameDropsForTheSameSeedAndInputs) {
  const Microlitres once = flow_of(42, 1, Duration{5'000});
  EXPECT_EQ(flow_of(42, 2, Duration{5'000}), once);
  EXPECT_EQ(flow_of(42, 1, Duration{1'237}), once) << "how often the clock is read must not matter";
  EXPECT_EQ(flow_of(42, 1, Duration{333'000}), once);
  EXPECT_NE(flow_of(43, 1, Duration{5'000}), once);
}

TEST(Machine, HasAMeterIfItIsToldTo) {
  for (const bool metered : {true, false}) {
    MachineOptions options;
    options.metered = metered;
    ReadyMachine machine{options};
    ASSERT_TRUE(accepted(machine.dispense(order_of(15, "a"))));
    let_pass(machine, longest_pour);
    EXPECT_EQ(last_pour(machine).measure,
              metered ? protocol::Measure::meter : protocol::Measure::time);
  }
}

}  // namespace
}  // namespace pourtocol::firmware
