// What vouches for a calibration: the pump's kind, and a hand at the machine. Everything else may
// come from a stranger.
#include "firmware/core/confirmed.hpp"

#include "firmware/core/behaviour.hpp"
#include "firmware/core/reckoning.hpp"
#include "firmware/core/tests/host.hpp"

namespace pourtocol::firmware {
namespace {

using protocol::CalibrationRefusal;
using protocol::PourOutcome;
using protocol::ServiceKind;
using namespace literals;

/// A pump of which it was said, as bought, what it gives; and nobody has calibrated it.
Rig told_rig(bool metered) {
  Rig rig;
  rig.config.metered = metered;
  rig.config.pump_flow = FlowRate{12'000};
  return rig;
}

class Poisoned : public testing::Test, public Host {
 protected:
  explicit Poisoned(const Rig& rig) : Host{rig} { place_glass(); }

  /// Runs into a cup, each said to have shown this share of what was reckoned.
  void misread(int count, int permille_shown) {
    for (int i = 0; i < count; ++i) {
      const char name[] = {'r', static_cast<char>('a' + runs_++), '\0'};
      EXPECT_TRUE(runs(service(name, ServiceKind::calibrate, 20_ml)));
      const Microlitres shown = permille(last().delivered, permille_shown);
      EXPECT_TRUE(say(protocol::MeasuredRun{.request_id = id(name), .measured = shown}));
    }
  }
  /// What an order of 60 ml brings; it must be no more than may come, and within its receipt.
  Microlitres pour_60() {
    change_glass();
    const Microlitres before = board.flowed();
    const char name[] = {'p', static_cast<char>('a' + pours_++), '\0'};
    EXPECT_TRUE(pour(name, 60));
    run(2'000);
    const Microlitres flowed = board.flowed() - before;
    EXPECT_LE(flowed, most_for(60_ml));
    EXPECT_LE(last().min, flowed);
    EXPECT_GE(last().max, flowed);
    return flowed;
  }
  bool needs_a_hand() {
    const auto answer = say(protocol::AcceptCalibration{});
    return !answer && answer.error().refusal == CalibrationRefusal::hand_needed;
  }

 private:
  int runs_ = 0;
  int pours_ = 0;
};
class PoisonedTimed : public Poisoned {
 protected:
  PoisonedTimed() : Poisoned{timed_rig()} {}
};
class PoisonedMetered : public Poisoned {
 protected:
  PoisonedMetered() : Poisoned{metered_rig()} {}
};
class ToldTimed : public Poisoned {
 protected:
  ToldTimed() : Poisoned{told_rig(false)} {}
};

TEST_F(PoisonedTimed, ByMoreThanAHalfIsRefusedAndChangesNothing) {
  const Tuning before = loop->tuning();
  misread(3, 400);
  EXPECT_TRUE(needs_a_hand());
  EXPECT_EQ(loop->tuning().calibration, before.calibration);
  EXPECT_TRUE(loop->calibration().proposal.has_value());
  EXPECT_GE(pour_60(), 58'000_ul);
}

TEST_F(PoisonedMetered, ByMoreThanAHalfIsRefusedAndChangesNothing) {
  const Tuning before = loop->tuning();
  misread(3, 400);
  EXPECT_TRUE(needs_a_hand());
  EXPECT_EQ(loop->tuning().calibration, before.calibration);
  EXPECT_GE(pour_60(), 58'000_ul);
}

TEST_F(PoisonedTimed, InSmallStepsNeverBringsMoreThanWasAsked) {
  bool refused = false;
  for (int i = 0; i < 4; ++i) {
    misread(1, 850);
    refused = needs_a_hand() || refused;
    (void)pour_60();
  }
  EXPECT_TRUE(refused);
  EXPECT_FALSE(*loop->calibration().confirmed);
}

TEST_F(PoisonedMetered, InSmallStepsNeverBringsMoreThanWasAsked) {
  bool refused = false;
  for (int i = 0; i < 4; ++i) {
    misread(1, 800);
    refused = needs_a_hand() || refused;
    (void)pour_60();
  }
  EXPECT_TRUE(refused);
}

// The cut-off ends the pour before its target, and is no fault of the machine.
TEST_F(PoisonedTimed, APourThatIsCutShortSaysSo) {
  misread(1, 830);
  EXPECT_FALSE(needs_a_hand());
  (void)pour_60();
  EXPECT_EQ(last().outcome, PourOutcome::stopped);
  EXPECT_EQ(last().stop_reason, protocol::StopReason::cut_off);
  EXPECT_TRUE(details().faults.empty());
  EXPECT_EQ(refusal("another", 15), std::nullopt);
}

TEST_F(PoisonedMetered, APourThatIsCutShortSaysSo) {
  misread(1, 780);
  EXPECT_FALSE(needs_a_hand());
  (void)pour_60();
  EXPECT_EQ(last().stop_reason, protocol::StopReason::cut_off);
  EXPECT_TRUE(details().faults.empty());
}

TEST_F(PoisonedTimed, AHandAtTheMachineIsBelieved) {
  misread(3, 500);
  EXPECT_TRUE(needs_a_hand());
  EXPECT_TRUE(accept_by_hand().has_value());
  EXPECT_TRUE(*loop->calibration().confirmed);
  EXPECT_EQ(board.keepings, 1);
  const Calibration confirmed = loop->tuning().calibration;
  reboot();
  EXPECT_TRUE(*loop->calibration().confirmed);
  EXPECT_EQ(loop->tuning().calibration, confirmed);
}

TEST_F(PoisonedTimed, AHandThatStopsSomethingIsNone) {
  misread(3, 500);
  board.stop_pressed = true;
  run(static_cast<int>(hand_after.count()) - 100);
  EXPECT_TRUE(needs_a_hand());
  board.stop_pressed = false;
  run(20);
  board.stop_pressed = true;
  run(200);
  EXPECT_TRUE(needs_a_hand());
  // Held since before the pour has ended.
  board.stop_pressed = false;
  run(20);
  change_glass();
  EXPECT_TRUE(accepted("stopped", 60));
  run(500);
  board.stop_pressed = true;
  run(static_cast<int>(hand_after.count()));
  EXPECT_TRUE(needs_a_hand());
}

TEST_F(PoisonedTimed, AButtonThatIsStuckIsNoHand) {
  board.stop_pressed = true;
  reboot();
  run(2 * static_cast<int>(hand_after.count()));
  board.stop_pressed = false;
  run(20);
  misread(3, 500);
  board.stop_pressed = true;
  cut_power();
  boot();
  run(2 * static_cast<int>(hand_after.count()));
  // The runs are forgotten, and nothing it says later is by hand.
  EXPECT_EQ(board.keepings, 0);
}

TEST_F(PoisonedTimed, WhatIsConfirmedIsKeptOnceTheSettingsCanBeWritten) {
  misread(1, 500);
  board.settings_fail = true;
  EXPECT_TRUE(accept_by_hand().has_value());
  run(20'000);
  EXPECT_GE(board.keepings, 3);
  EXPECT_LE(board.keepings, 6);
  EXPECT_FALSE(board.kept.has_value());
  board.settings_fail = false;
  run(6'000);
  ASSERT_TRUE(board.kept.has_value());
  const int keepings = board.keepings;
  run(20'000);
  EXPECT_EQ(board.keepings, keepings);
}

// Power goes between the journal and the settings: the bounds are those of both.
TEST_F(PoisonedTimed, WithoutPowerBeforeItIsKeptNothingIsTaken) {
  misread(1, 500);
  board.settings_fail = true;
  EXPECT_TRUE(accept_by_hand().has_value());
  reboot();
  EXPECT_FALSE(*loop->calibration().confirmed);
  EXPECT_LT(loop->tuning().flow, FlowRate{8'000});
  (void)pour_60();
}

TEST_F(ToldTimed, ACalibrationLikeItsKindIsAcceptedFromAfar) {
  EXPECT_TRUE(runs(service("r", ServiceKind::calibrate, Milliseconds{4'000})));
  EXPECT_TRUE(say(protocol::MeasuredRun{.request_id = id("r"), .measured = board.flowed()}));
  EXPECT_FALSE(needs_a_hand());
  EXPECT_TRUE(loop->calibration().calibrated);
  EXPECT_FALSE(*loop->calibration().confirmed);
  (void)pour_60();
}

TEST_F(ToldTimed, ACalibrationUnlikeItsKindIsNot) {
  EXPECT_TRUE(runs(service("r", ServiceKind::calibrate, Milliseconds{4'000})));
  for (const int shown : {250, 640, 1'400, 3'500}) {
    const Microlitres cup = permille(board.flowed(), shown);
    EXPECT_TRUE(say(protocol::MeasuredRun{.request_id = id("r"), .measured = cup}));
    EXPECT_TRUE(needs_a_hand());
  }
}

TEST_F(UnknownMachine, WhoseKindNobodyToldIsCalibratedByHandOnly) {
  EXPECT_TRUE(runs(service("r", ServiceKind::calibrate, Milliseconds{4'000})));
  EXPECT_TRUE(say(protocol::MeasuredRun{.request_id = id("r"), .measured = board.flowed()}));
  EXPECT_EQ(say(protocol::AcceptCalibration{}).error().refusal, CalibrationRefusal::hand_needed);
  EXPECT_TRUE(accept_by_hand().has_value());
}

// ---- Machines in the field

/// Poured with a calibration before anything could be confirmed.
Rig rig_from_before() {
  Rig rig = timed_rig();
  rig.config.confirmed.reset();
  rig.config.confirm_journalled = true;
  return rig;
}

TEST(AMachineFromBefore, GoesOnWithWhatItsJournalHas) {
  Bench bench{timed_rig()};
  bench.place_glass();
  EXPECT_TRUE(bench.pour("before", 30));
  bench.rig_ = rig_from_before();
  bench.reboot();
  EXPECT_TRUE(*bench.loop->calibration().confirmed);
  EXPECT_EQ(bench.board.keepings, 1);
  bench.reboot();
  EXPECT_TRUE(*bench.loop->calibration().confirmed);
  EXPECT_EQ(bench.board.keepings, 1);
}

TEST(AMachineFromBefore, ThatNobodyCalibratedConfirmsNothingLater) {
  Rig rig;
  rig.config.confirm_journalled = true;
  Bench bench{rig};
  bench.run(20);
  ASSERT_TRUE(bench.board.kept.has_value());
  const auto kept = decode_confirmed(*bench.board.kept);
  ASSERT_TRUE(kept.has_value());
  EXPECT_FALSE(kept->has_value());
}

// What it would be taken for in doubt nobody has poured with.
TEST(AMachineFromBefore, WithoutAJournalConfirmsNothing) {
  Bench bench{rig_from_before()};
  bench.run(20);
  EXPECT_FALSE(*bench.loop->calibration().confirmed);
}

// ---- The bounds

TEST(WidenedBounds, AreThoseOfBothCalibrations) {
  Config config;
  config.metered = true;
  config.bottle = Microlitres{700'000};
  Calibration confirmed = factory_calibration();
  config.confirmed = confirmed;
  Calibration accepted = confirmed;
  accepted.flow = FlowRate{9'000};
  accepted.start_delay = Milliseconds{300};
  accepted.coast = Microlitres{500};
  const Behaviour low = expect(config, fresh_tuning(accepted));
  EXPECT_TRUE(low.widened);
  EXPECT_EQ(low.flow, FlowRate{9'000});
  EXPECT_EQ(low.fastest, FlowRate{13'201});
  EXPECT_EQ(low.known_flow, FlowRate{12'000});
  EXPECT_EQ(low.slowest, FlowRate{6'300});
  EXPECT_EQ(low.earliest_start, Milliseconds{123});
  EXPECT_EQ(low.latest_start, Milliseconds{360});
  EXPECT_EQ(low.most_coast, 1'875_ul);
  accepted.flow = FlowRate{15'000};
  accepted.start_delay = Milliseconds{100};
  accepted.coast = Microlitres{2'000};
  const Behaviour high = expect(config, fresh_tuning(accepted));
  EXPECT_EQ(high.fastest, FlowRate{16'501});
  EXPECT_EQ(high.slowest, FlowRate{8'400});
  EXPECT_EQ(high.earliest_start, Milliseconds{82});
  EXPECT_EQ(high.latest_start, Milliseconds{180});
  EXPECT_EQ(high.most_coast, 2'500_ul);
}

TEST(WidenedBounds, CoverWhatEachMeterWouldSay) {
  Config config;
  config.metered = true;
  config.confirmed = factory_calibration();
  Calibration accepted = factory_calibration();
  accepted.pulses_per_litre = accepted.pulses_per_litre * 5 / 4;
  const Behaviour more = expect(config, fresh_tuning(accepted));
  EXPECT_GE(more.meter_high, 1'325);
  EXPECT_LE(more.meter_high, 1'330);
  EXPECT_EQ(more.meter_low, 940);
  accepted.pulses_per_litre = factory_calibration().pulses_per_litre * 4 / 5;
  const Behaviour fewer = expect(config, fresh_tuning(accepted));
  EXPECT_EQ(fewer.meter_high, 1'060 + 1);
  EXPECT_GE(fewer.meter_low, 745);
  EXPECT_LE(fewer.meter_low, 752);
}

TEST(WidenedBounds, AreThoseOfItsKindWhereNothingIsConfirmed) {
  Config config;
  config.pump_flow = FlowRate{12'000};
  const Tuning tuning = fresh_tuning(factory_calibration());
  EXPECT_EQ(expect(config, tuning).fastest, FlowRate{15'600});
  config.pump_flow = FlowRate{0};
  EXPECT_EQ(expect(config, tuning).fastest, FlowRate{30'000});
  // What was confirmed at another power of the pump says nothing of it now.
  config.confirmed = factory_calibration();
  config.confirmed->pump_power = 60;
  EXPECT_EQ(expect(config, tuning).fastest, FlowRate{30'000});
}

TEST(Hands, AreNeededFarFromWhatIsVouchedFor) {
  Config config;
  config.metered = true;
  Calibration proposed = factory_calibration();
  EXPECT_TRUE(needs_hand(proposed, config));
  config.pump_flow = FlowRate{12'000};
  EXPECT_FALSE(needs_hand(proposed, config));
  for (const auto& [flow, far] :
       {std::pair{8'400, false}, {8'399, true}, {15'600, false}, {15'601, true}}) {
    proposed.flow = FlowRate{flow};
    EXPECT_EQ(needs_hand(proposed, config), far);
  }
  proposed.flow = FlowRate{12'000};
  for (const auto& [pulses, far] :
       {std::pair{4'116, false}, {4'115, true}, {7'644, false}, {7'645, true}}) {
    proposed.pulses_per_litre = static_cast<std::uint32_t>(pulses);
    EXPECT_EQ(needs_hand(proposed, config), far);
  }
  config.metered = false;
  EXPECT_FALSE(needs_hand(proposed, config));
  // A meter of another kind that was confirmed vouches for itself.
  config.metered = true;
  config.confirmed = factory_calibration();
  config.confirmed->pulses_per_litre = 2'000;
  proposed.pulses_per_litre = 2'100;
  EXPECT_FALSE(needs_hand(proposed, config));
  config.metered = false;
  config.confirmed.reset();
  // How much less a slowed pump gives nobody knows who has not confirmed it.
  config.pump_power = 60;
  EXPECT_TRUE(needs_hand(proposed, config));
  config.confirmed = proposed;
  EXPECT_TRUE(needs_hand(proposed, config));
  config.confirmed->pump_power = 60;
  EXPECT_FALSE(needs_hand(proposed, config));
}

}  // namespace
}  // namespace pourtocol::firmware
