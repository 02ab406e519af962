// Pours that switch the pump on more than once: portions of a calibration, and
// the remainder for a glass that was lifted and came back. And what else nobody
// but a changed line would notice.
#include "firmware/core/course.hpp"
#include "firmware/core/learning.hpp"
#include "firmware/core/tests/bench.hpp"

namespace pourtocol::firmware {
namespace {

using namespace literals;
using protocol::Fault;
using protocol::PourOutcome;
using protocol::Refusal;
using protocol::StopReason;

/// Waits half a minute for a lifted glass.
Rig patient(Rig rig) noexcept {
  rig.config.resume_within = Milliseconds{30'000};
  return rig;
}

class Patient : public testing::Test, public Bench {
 protected:
  Patient() : Bench{patient(metered_rig())} {}

  void pour_and_lift() noexcept {
    place_glass();
    EXPECT_TRUE(accepted("a", 60));
    run(1500);
    lift_glass();
    run(200);
    EXPECT_FALSE(board.is_on());
  }
  bool calibrate(std::string_view text, int ml, int portions) noexcept {
    const OrderReply reply = loop->handle_service({.kind = protocol::ServiceKind::calibrate,
                                                   .extent = Millilitres{ml},
                                                   .confirmed = false,
                                                   .request_id = id(text),
                                                   .guard = std::nullopt,
                                                   .portions = portions});
    return std::holds_alternative<protocol::OrderAccepted>(reply);
  }
};

TEST_F(Patient, AGlassThatComesBackGetsTheRemainder) {
  pour_and_lift();
  place_glass();
  finish_pour();
  EXPECT_EQ(board.episodes, 2);
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_LE(board.flowed(), most_for(60_ml));
  EXPECT_GE(board.flowed(), 55'000_ul);
}

TEST_F(Patient, TheStopButtonEndsAPourThatWaits) {
  pour_and_lift();
  board.stop_pressed = true;
  run(20);
  board.stop_pressed = false;
  place_glass();
  finish_pour();
  EXPECT_EQ(board.episodes, 1);
  EXPECT_EQ(last().stop_reason, StopReason::stop_requested);
}

TEST_F(Patient, AStopEndsAPourThatWaits) {
  pour_and_lift();
  stop();
  place_glass();
  finish_pour();
  EXPECT_EQ(board.episodes, 1);
  EXPECT_EQ(last().stop_reason, StopReason::stop_requested);
}

TEST_F(Patient, AGlassWithHardlyAnythingLeftToPourGetsNothingMore) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  for (int i = 0; i < 1000 && board.flowed() < 27'400_ul; ++i) run(10);
  lift_glass();
  run(200);
  place_glass();
  finish_pour();
  EXPECT_EQ(board.episodes, 1);
  EXPECT_EQ(last().outcome, PourOutcome::finished);
}

TEST_F(Patient, ADeadMeterAndAGlassThatComesAndGoesNeverPourTooMuch) {
  board.meter_dead = true;
  place_glass();
  EXPECT_TRUE(accepted("a", 15));
  for (int i = 0; i < 20; ++i) {
    run(700);
    lift_glass();
    run(200);
    place_glass();
  }
  finish_pour();
  run(2000);
  EXPECT_LE(board.flowed(), most_for(15_ml));
  EXPECT_GE(last().max, board.flowed());
}

TEST_F(Patient, AGlassLiftedBeforeAnythingFlowsGetsAllOfItLater) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  run(60);
  lift_glass();
  run(200);
  EXPECT_FALSE(board.is_on());
  EXPECT_EQ(board.flowed(), 0_ul);
  place_glass();
  finish_pour();
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_GE(board.flowed(), 29'000_ul);
  EXPECT_LE(board.flowed(), most_for(30_ml));
}

// A strong pump that is slow to start: a fifth of a second is a third of what is still wanted.
TEST(AMeteredGlass, ThatComesBackToASlowStartGetsAllOfTheRemainder) {
  Rig rig = patient(metered_rig());
  rig.tuning.calibration.flow = rig.tuning.flow = FlowRate{25'000};
  rig.tuning.calibration.start_delay = rig.tuning.start_delay = Milliseconds{250};
  rig.tuning.calibration.coast = rig.tuning.coast = Microlitres{2'000};
  rig.config.confirmed = rig.tuning.calibration;
  Bench other{rig};
  other.place_glass();
  EXPECT_TRUE(other.accepted("a", 20));
  for (int i = 0; i < 100 && other.board.flowed() < 8'000_ul; ++i) other.run(10);
  other.lift_glass();
  other.run(200);
  other.place_glass();
  other.finish_pour();
  EXPECT_EQ(other.last().stop_reason, StopReason::target_reached);
  EXPECT_TRUE(other.details().faults.empty());
  EXPECT_GE(other.board.flowed(), 19'000_ul);
  EXPECT_LE(other.board.flowed(), most_for(20_ml));
}

// Each start may bring more than is reckoned, so that in the end the order's most is used up.
TEST(ATimedGlass, ThatIsLiftedAgainAndAgainIsCutShortWithoutAFault) {
  Bench other{patient(timed_rig())};
  other.place_glass();
  EXPECT_TRUE(other.accepted("a", 30));
  for (int i = 0; i < 40 && other.state() == protocol::DeviceState::pouring; ++i) {
    other.run(250);
    other.lift_glass();
    other.run(1500);
    other.place_glass();
  }
  other.finish_pour();
  EXPECT_EQ(other.last().stop_reason, StopReason::cut_off);
  EXPECT_TRUE(other.details().faults.empty());
  EXPECT_LE(other.board.flowed(), most_for(30_ml));
  EXPECT_GE(other.last().max, other.board.flowed());
}

TEST_F(Patient, AServiceRunDoesNotGoOnIntoAnotherVessel) {
  place_glass();
  EXPECT_TRUE(calibrate("c", 60, 1));
  run(1500);
  lift_glass();
  run(200);
  place_glass();
  finish_pour();
  EXPECT_EQ(board.episodes, 1);
  EXPECT_EQ(last().stop_reason, StopReason::glass_removed);
}

TEST_F(Patient, PortionsAreAPauseApart) {
  place_glass();
  EXPECT_TRUE(calibrate("c", 10, 3));
  for (int i = 0; i < 500 && board.is_on(); ++i) run(10);
  EXPECT_EQ(board.episodes, 1);
  run(1400);
  EXPECT_EQ(board.episodes, 1);
  run(200);
  EXPECT_EQ(board.episodes, 2);
  for (int i = 0; i < 10 && state() == protocol::DeviceState::pouring; ++i) run(1000);
  EXPECT_EQ(board.episodes, 3);
  EXPECT_EQ(last().requested, 30_ml);
  EXPECT_GE(board.flowed(), 27'000_ul);
}

TEST_F(Metered, AnOrderOfAFewPulsesEndsAtItsTarget) {
  place_glass();
  EXPECT_TRUE(pour("a", 3));
  run(2000);
  EXPECT_LE(board.flowed(), 3'600_ul);
}

TEST_F(Metered, AFlowFarTooSlowIsAFault) {
  board.speed_permille = 400;
  place_glass();
  EXPECT_TRUE(pour("a", 60));
  EXPECT_EQ(last().stop_reason, StopReason::too_slow);
  EXPECT_EQ(refusal("b", 30), Refusal::fault);
}

// A millilitre has had its time before a pump that may start so late must have begun.
TEST(AMeteredDrop, ThatALateLoopCutsOffBeforeItFlowsIsNoSlowPump) {
  Rig rig = metered_rig();
  rig.tuning.calibration.start_delay = rig.tuning.start_delay = Milliseconds{500};
  rig.config.confirmed = rig.tuning.calibration;
  Bench other{rig};
  other.board.clogged = true;
  other.place_glass();
  EXPECT_TRUE(other.accepted("a", 1));
  other.run(590);
  EXPECT_TRUE(other.board.is_on());
  other.hang(40);
  EXPECT_FALSE(other.board.is_on());
  other.run(3000);
  EXPECT_EQ(other.last().stop_reason, StopReason::cut_off);
  EXPECT_TRUE(other.details().faults.empty());
}

TEST_F(Metered, AKnockOnTheMeterIsNoLeak) {
  place_glass();
  run(4000);
  board.first_pulse += 3;
  run(100);
  EXPECT_FALSE(has_fault(Fault::idle_flow));
}

TEST_F(Timed, AFailedJournalIsTriedAgainAfterAWhile) {
  place_glass();
  board.flash.works = false;
  EXPECT_EQ(refusal("a", 30), Refusal::fault);
  board.flash.works = true;
  run(4000);
  EXPECT_TRUE(has_fault(Fault::journal_failed));
  run(1500);
  EXPECT_FALSE(has_fault(Fault::journal_failed));
}

TEST_F(Timed, AnOrderMayComeInItsLastMillisecond) {
  place_glass();
  const auto reply =
      loop->handle_order({.amount = 30_ml,
                          .request_id = id("a"),
                          .guard = protocol::OrderGuard{.boot_id = details().boot_id,
                                                        .expires = details().uptime_ms}});
  EXPECT_TRUE(std::holds_alternative<protocol::OrderAccepted>(reply));
}

TEST_F(Timed, AnOrderInAMomentOfDoubtWaitsUntilItIsLaidToRest) {
  place_glass();
  lift_glass();
  run(10);
  EXPECT_TRUE(accepted("a", 30));
  EXPECT_FALSE(board.is_on());
  board.glass = hal::GlassReading{.present = true, .valid = true};
  finish_pour();
  EXPECT_EQ(board.episodes, 1);
  EXPECT_EQ(last().stop_reason, StopReason::target_reached);
}

TEST_F(Metered, WhatTheMeterCountsWhileAnOrderWaitsIsNotOfIt) {
  place_glass();
  lift_glass();
  run(10);
  EXPECT_TRUE(accepted("a", 30));
  board.first_pulse += 3;
  run(10);
  board.glass = hal::GlassReading{.present = true, .valid = true};
  finish_pour();
  EXPECT_LE(last().min, board.flowed());
  EXPECT_GE(last().max, board.flowed());
  EXPECT_GE(board.flowed(), 29'000_ul);
}

TEST_F(Timed, AnOrderInAMomentOfDoubtEndsWithNothingIfTheGlassIsGone) {
  place_glass();
  lift_glass();
  run(10);
  EXPECT_TRUE(accepted("a", 30));
  finish_pour();
  EXPECT_EQ(board.episodes, 0);
  EXPECT_EQ(last().stop_reason, StopReason::glass_removed);
  EXPECT_EQ(last().delivered, 0_ul);
  EXPECT_EQ(last().max, 0_ul);
}

TEST_F(Timed, NothingIsErasedWhileThePumpRuns) {
  place_glass();
  // A record or two more each time, until the end of a sector was met at every moment of a pour.
  char text[] = "pour-00";
  for (int i = 0; i < 32; ++i) {
    text[5] = static_cast<char>('0' + i / 10);
    text[6] = static_cast<char>('0' + i % 10);
    EXPECT_TRUE(accepted(text, i % 2 == 0 ? 60 : 1));
    const int before = board.flash.erasures;
    while (board.is_on()) {
      EXPECT_EQ(board.flash.erasures, before);
      run(10);
    }
    finish_pour();
    EXPECT_EQ(last().outcome, PourOutcome::finished);
  }
  EXPECT_GT(board.flash.erasures, 2);
}

TEST_F(Timed, WhatTheHardwareStoppedAtItsTargetRanNoLonger) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  int milliseconds = 0;
  for (; milliseconds < 10'000 && board.is_on(); milliseconds += 10) run(10);
  finish_pour();
  const Microlitres expected = last().delivered;
  EXPECT_TRUE(accepted("b", 30));
  run(milliseconds - 20);
  EXPECT_TRUE(board.is_on());
  hang(500);
  finish_pour();
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_LE(last().delivered, expected + 100_ul);
}

TEST_F(Timed, ABootSwitchesThePumpOff) {
  board.switch_on(Milliseconds{60'000});
  boot();
  EXPECT_FALSE(board.is_on());
}

// Half a second's stream is moved on by a pump that runs for a moment only, and coasts after that.
TEST_F(Timed, WhatStillMovedCoastsAfterAShortSpanToo) {
  board.glass = hal::EchoReading{.number = 1, .echo_us = 160};
  std::uint32_t number = 1;
  const auto see = [&](int times) {
    for (int i = 0; i < times; ++i) {
      board.glass = hal::EchoReading{.number = ++number, .echo_us = 160};
      run(60);
    }
  };
  see(12);
  EXPECT_TRUE(accepted("a", 60));
  see(10);
  hang(40);
  see(1);
  for (int i = 0; i < 3 && !board.is_on(); ++i) run(10);
  EXPECT_EQ(board.episodes, 2);
  stop();
  see(40);
  EXPECT_EQ(last().stop_reason, StopReason::stop_requested);
  EXPECT_GE(last().max, board.flowed());
}

TEST_F(Timed, WhatHasNotBegunToFlowIsToldAsNothing) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  run(120);
  ASSERT_TRUE(details().pour.has_value());
  EXPECT_EQ(details().pour->delivered, 0_ul);
}

TEST_F(Timed, AnOrderOfAMillilitreIsNotReckonedToCoastLikeAStream) {
  place_glass();
  EXPECT_TRUE(pour("a", 1));
  EXPECT_LE(last().delivered, 1'300_ul);
}

TEST(ExpectedBehaviour, AMachineThatGrewSlowMayBeAsFastAsItWas) {
  Rig rig = metered_rig();
  const FlowRate fastest = expect(rig.config, rig.tuning).fastest;
  rig.tuning.flow = FlowRate{10'000};
  EXPECT_EQ(expect(rig.config, rig.tuning).fastest, fastest);
}

TEST(ServiceCourse, ACleaningStopsBeforeTheCupIsFull) {
  Rig rig = timed_rig();
  rig.tuning.calibration.flow = rig.tuning.flow = FlowRate{25'000};
  const Course course = course_of({.kind = protocol::ServiceKind::clean,
                                   .extent = Milliseconds{60'000},
                                   .confirmed = true,
                                   .request_id = Bench::id("c"),
                                   .guard = std::nullopt},
                                  expect(rig.config, rig.tuning));
  EXPECT_LE(course.portion.count() * course.portions, 200'000);
}

TEST(Learning, OfAMachineNobodyCalibratedWaits) {
  const Tuning learned = learn({}, {},
                               {.delivered = 30'000_ul,
                                .observed = Metering::Observed{.start_delay = Milliseconds{200},
                                                               .flow = FlowRate{12'000},
                                                               .coast = 1'500_ul},
                                .ran_dry = false});
  EXPECT_EQ(learned.flow, FlowRate{0});
  EXPECT_EQ(learned.coast, 0_ul);
}

}  // namespace
}  // namespace pourtocol::firmware
