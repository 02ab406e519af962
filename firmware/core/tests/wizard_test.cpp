// What a host tells a machine about itself, through the loop as a board runs it: cups, bottles, and
// faults that were seen to.
#include "firmware/core/tests/host.hpp"

namespace pourtocol::firmware {
namespace {

using protocol::CalibrationRefusal;
using protocol::PourOutcome;
using protocol::Refusal;
using protocol::ServiceKind;
using namespace literals;

TEST_F(UnknownMachine, IsRunIntoACupAndPoursOnceACalibrationIsAccepted) {
  EXPECT_EQ(refusal("early", 30), Refusal::not_calibrated);
  EXPECT_TRUE(runs(service("run", ServiceKind::calibrate, Milliseconds{4'000})));
  const auto measured =
      say(protocol::MeasuredRun{.request_id = id("run"), .measured = board.flowed()});
  ASSERT_TRUE(measured.has_value());
  ASSERT_TRUE(measured->proposal.has_value());
  EXPECT_FALSE(measured->calibrated);
  const auto accepted = accept_by_hand();
  ASSERT_TRUE(accepted.has_value());
  EXPECT_TRUE(accepted->calibrated);
  EXPECT_TRUE(accepted->runs.empty());
  change_glass();
  EXPECT_TRUE(pour("first", 30));
  EXPECT_EQ(last().outcome, PourOutcome::finished);
}

TEST_F(UnknownMachine, KnowsItselfAfterALossOfPower) {
  EXPECT_TRUE(runs(service("run", ServiceKind::calibrate, Milliseconds{4'000})));
  (void)say(protocol::MeasuredRun{.request_id = id("run"), .measured = board.flowed()});
  EXPECT_TRUE(accept_by_hand().has_value());
  const Tuning before = loop->tuning();
  reboot();
  EXPECT_EQ(loop->tuning(), before);
  EXPECT_TRUE(loop->tuning().calibrated());
}

TEST_F(MeteredHost, IsNotCalibratedAtAnotherPowerOfItsPump) {
  EXPECT_TRUE(pour("before", 45));
  Tuning known = loop->tuning();
  rig_.config.pump_power = 60;
  reboot();
  EXPECT_EQ(refusal("slowed", 30), Refusal::not_calibrated);
  EXPECT_EQ(loop->tuning().calibration.pulses_per_litre, known.calibration.pulses_per_litre);
  EXPECT_EQ(loop->tuning().bottle_poured, known.bottle_poured);

  EXPECT_TRUE(runs(service("run", ServiceKind::calibrate, 150_ml)));
  EXPECT_TRUE(say(protocol::MeasuredRun{.request_id = id("run"), .measured = last().delivered})
                  .has_value());
  EXPECT_TRUE(accept_by_hand().has_value());
  EXPECT_EQ(loop->tuning().calibration.pump_power, 60);
  change_glass();
  EXPECT_TRUE(pour("slow", 30));
  known = loop->tuning();
  reboot();
  EXPECT_EQ(loop->tuning(), known);

  rig_.config.pump_power = full_power;
  reboot();
  EXPECT_EQ(refusal("fast", 30), Refusal::not_calibrated);
}

TEST_F(MeteredHost, LearnsFromEachPourAndKeepsIt) {
  board.speed_permille = 960;
  EXPECT_TRUE(pour("a", 45));
  const Tuning learned = loop->tuning();
  EXPECT_LT(learned.flow, learned.calibration.flow);
  EXPECT_EQ(learned.pours_since, 1);
  reboot();
  EXPECT_EQ(loop->tuning(), learned);
}

TEST_F(MeteredHost, AnAcceptanceThatCannotBeWrittenDidNotHappen) {
  EXPECT_TRUE(runs(service("run", ServiceKind::calibrate, 150_ml)));
  EXPECT_TRUE(say(protocol::MeasuredRun{.request_id = id("run"), .measured = Microlitres{150'000}})
                  .has_value());
  const Tuning before = loop->tuning();
  board.flash.works = false;
  EXPECT_EQ(say(protocol::AcceptCalibration{}).error().refusal, CalibrationRefusal::journal_failed);
  EXPECT_EQ(loop->tuning(), before);
  EXPECT_TRUE(has_fault(protocol::Fault::journal_failed));
}

TEST_F(MeteredHost, DoesNothingThatWasMeantForAnotherBootOrComesLate) {
  EXPECT_TRUE(runs(service("run", ServiceKind::calibrate, 150_ml)));
  const auto measured =
      protocol::MeasuredRun{.request_id = id("run"), .measured = Microlitres{150'000}};
  const BootId boot = details().boot_id;
  const Uptime now = details().uptime_ms;
  const auto refused = [&](const protocol::CalibrationAction& action,
                           const protocol::OrderGuard& guard) {
    const auto answer = loop->handle_calibration(action, guard);
    return answer ? CalibrationRefusal::other : answer.error().refusal;
  };
  for (const protocol::CalibrationAction& action : {protocol::CalibrationAction{measured},
                                                    {protocol::DropRun{id("run")}},
                                                    {protocol::AcceptCalibration{}},
                                                    {protocol::DiscardCalibration{}},
                                                    {protocol::NewBottle{}},
                                                    {protocol::BottleEmpty{}},
                                                    {protocol::ClearFaults{}}}) {
    EXPECT_EQ(refused(action, {.boot_id = BootId{~boot.bits()}, .expires = now + Uptime{9'000}}),
              CalibrationRefusal::wrong_boot);
    EXPECT_EQ(refused(action, {.boot_id = boot, .expires = now - Uptime{1}}),
              CalibrationRefusal::expired);
  }
  EXPECT_TRUE(loop->calibration().runs.size() == 1 && !loop->calibration().runs[0].measured);
  EXPECT_TRUE(loop->handle_calibration(measured, protocol::OrderGuard{boot, now}).has_value());
  EXPECT_TRUE(loop->calibration().runs[0].measured == Microlitres{150'000});
}

TEST_F(TimedHost, RunsThatWereMeasuredCanBeForgotten) {
  EXPECT_TRUE(runs(service("run", ServiceKind::calibrate, 150_ml)));
  EXPECT_TRUE(say(protocol::MeasuredRun{.request_id = id("run"), .measured = Microlitres{150'000}})
                  .has_value());
  const auto forgotten = say(protocol::DiscardCalibration{});
  ASSERT_TRUE(forgotten.has_value());
  EXPECT_TRUE(forgotten->runs.empty());
  EXPECT_EQ(say(protocol::AcceptCalibration{}).error().refusal,
            CalibrationRefusal::nothing_to_accept);
}

TEST_F(MeteredHost, SaysWhatItCannotDo) {
  EXPECT_EQ(say(protocol::AcceptCalibration{}).error().refusal,
            CalibrationRefusal::nothing_to_accept);
  EXPECT_EQ(say(protocol::MeasuredRun{.request_id = id("x"), .measured = {}}).error().refusal,
            CalibrationRefusal::no_such_run);
  EXPECT_EQ(say(protocol::DropRun{.request_id = id("x")}).error().refusal,
            CalibrationRefusal::no_such_run);
  EXPECT_EQ(say(protocol::NewBottle{}).error().refusal, CalibrationRefusal::no_bottle);
  EXPECT_EQ(say(protocol::BottleEmpty{}).error().refusal, CalibrationRefusal::no_bottle);
  EXPECT_TRUE(accepted("pouring", 60));
  EXPECT_EQ(say(protocol::AcceptCalibration{}).error().refusal, CalibrationRefusal::busy);
}

TEST_F(MeteredHost, ALeakStaysKnownUntilSomebodyHasSeenToIt) {
  run(3'000);
  board.leak = 1'500;
  run(3'000);
  board.leak = 0;
  EXPECT_TRUE(has_fault(protocol::Fault::idle_flow));
  change_glass();
  EXPECT_TRUE(has_fault(protocol::Fault::idle_flow));
  EXPECT_TRUE(say(protocol::ClearFaults{}).has_value());
  EXPECT_FALSE(has_fault(protocol::Fault::idle_flow));
}

TEST_F(TimedHost, ARunThatWentWrongCanBeDropped) {
  EXPECT_TRUE(runs(service("spilt", ServiceKind::calibrate, 100_ml)));
  EXPECT_TRUE(runs(service("good", ServiceKind::calibrate, 100_ml)));
  EXPECT_TRUE(
      say(protocol::MeasuredRun{.request_id = id("good"), .measured = 100'000_ul}).has_value());
  const auto kept = say(protocol::DropRun{.request_id = id("spilt")});
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->runs.size(), 1U);
  EXPECT_EQ(kept->runs[0].request_id, id("good"));
  EXPECT_TRUE(kept->proposal.has_value());
}

TEST_F(TimedHost, ACupThatNoPumpFillsIsNotBelieved) {
  EXPECT_TRUE(runs(service("run", ServiceKind::calibrate, 15_ml)));
  const auto answer = say(protocol::MeasuredRun{.request_id = id("run"), .measured = 300'000_ul});
  EXPECT_EQ(answer.error().refusal, CalibrationRefusal::not_plausible);
  EXPECT_FALSE(loop->calibration().runs[0].measured.has_value());
}

TEST_F(UnknownMachine, PromisesNoTimeForAPour) {
  EXPECT_EQ(details().pour_time_max, Milliseconds{0});
  EXPECT_GT(Bench{timed_rig()}.details().pour_time_max, Milliseconds{0});
}

// ---- A machine that was told what a bottle holds

class WithABottle : public testing::Test, public Host {
 protected:
  WithABottle() : Host{bottle_rig()} { place_glass(); }
  static Rig bottle_rig() {
    Rig rig = timed_rig();
    rig.config.bottle = 200'000_ul;
    return rig;
  }
  /// Big orders, one after the other.
  void pour_bottle(int ml) noexcept {
    char text[] = "pour-a";
    for (; ml > 0; ml -= 60, ++text[5]) EXPECT_TRUE(pour(text, ml < 60 ? ml : 60));
  }
};

TEST_F(WithABottle, ThatIsEmptySoonerThanReckonedLearnsToFlowFaster) {
  const FlowRate before = loop->calibration().flow;
  pour_bottle(185);
  const auto told = say(protocol::BottleEmpty{});
  ASSERT_TRUE(told.has_value());
  ASSERT_TRUE(told->proposal.has_value());
  EXPECT_EQ(told->proposal->from, protocol::ProposalSource::bottle);
  EXPECT_GT(told->proposal->flow, before);
  EXPECT_TRUE(say(protocol::AcceptCalibration{}).has_value());
  reboot();
  EXPECT_GT(loop->calibration().flow, before);
}

TEST_F(WithABottle, ThatHasHardlyBegunTellsNothing) {
  EXPECT_EQ(say(protocol::BottleEmpty{}).error().refusal, CalibrationRefusal::not_enough_poured);
}

TEST_F(WithABottle, ANewOneIsReckonedFromTheStartAndTheRunsStay) {
  pour_bottle(60);
  EXPECT_TRUE(runs(service("run", ServiceKind::calibrate, 100_ml)));
  EXPECT_GT(loop->calibration().bottle_poured, 150'000_ul);
  const auto told = say(protocol::NewBottle{});
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->bottle_poured, 0_ul);
  EXPECT_EQ(told->runs.size(), 1U);
  reboot();
  EXPECT_EQ(loop->calibration().bottle_poured, 0_ul);
}

// What flowed at a low level is what a full bottle would have given more of.
TEST_F(WithABottle, ARunAtALowLevelSpeaksForAFullOne) {
  pour_bottle(120);
  const Microlitres before = board.flowed();
  EXPECT_TRUE(runs(service("run", ServiceKind::calibrate, Milliseconds{5'000})));
  const auto told =
      say(protocol::MeasuredRun{.request_id = id("run"), .measured = board.flowed() - before});
  ASSERT_TRUE(told.has_value());
  ASSERT_TRUE(told->proposal.has_value());
  EXPECT_GT(told->proposal->flow, FlowRate{12'400});
}

}  // namespace
}  // namespace pourtocol::firmware
