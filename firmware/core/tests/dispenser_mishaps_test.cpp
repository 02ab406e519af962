// The glass, stops and faults: what ends a pour early on an ideal machine, and what that leaves
// behind.
#include "firmware/core/tests/bench.hpp"

namespace pourtocol::firmware {
namespace {

using protocol::DeviceState;
using protocol::Fault;
using protocol::PourOutcome;
using protocol::Refusal;
using protocol::StopReason;
using namespace literals;

// ---- The glass

TEST_F(Metered, StopsPumpWhenGlassLeavesMidPour) {
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  run(2000);
  lift_glass();
  run(50);
  EXPECT_FALSE(board.is_on());
  finish_pour();
  EXPECT_EQ(last().outcome, PourOutcome::stopped);
  EXPECT_EQ(last().stop_reason, StopReason::glass_removed);
  EXPECT_LE(last().min, board.flowed());
  EXPECT_GE(last().max, board.flowed());
  place_glass();
  run(3000);
  EXPECT_EQ(board.episodes, 1);
}

TEST_F(Timed, StopsPumpWhenTheSensorFallsSilent) {
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  run(1000);
  board.glass = hal::GlassReading{.present = true, .valid = false};
  run(50);
  EXPECT_FALSE(board.is_on());
  run(2000);
  EXPECT_EQ(last().stop_reason, StopReason::sensor_stuck);
  EXPECT_TRUE(has_fault(Fault::sensor_stuck));
  EXPECT_EQ(refusal("b", 30), Refusal::fault);
  board.glass = hal::GlassReading{.present = true, .valid = true};
  run(1500);
  EXPECT_FALSE(has_fault(Fault::sensor_stuck));
  EXPECT_TRUE(accepted("b", 30));
}

TEST_F(Timed, PoursOnThroughASingleFalseReading) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  run(1000);
  lift_glass();
  run(10);
  board.glass = hal::GlassReading{.present = true, .valid = true};
  finish_pour();
  EXPECT_EQ(last().outcome, PourOutcome::finished);
}

// ---- Stops

TEST_F(Timed, StopsAtOnceWhenTold) {
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  run(1000);
  stop();
  EXPECT_FALSE(board.is_on());
  finish_pour();
  EXPECT_EQ(last().outcome, PourOutcome::stopped);
  EXPECT_EQ(last().stop_reason, StopReason::stop_requested);
  EXPECT_LT(last().max, 20'000_ul);
}

TEST_F(Timed, AStopThatNamesThePourStopsIt) {
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  run(500);
  stop("a");
  EXPECT_FALSE(board.is_on());
}

TEST_F(Timed, AStopThatComesFirstCancelsTheOrderForEver) {
  place_glass();
  const auto guard = protocol::OrderGuard{.boot_id = details().boot_id,
                                          .expires = details().uptime_ms + Uptime{5000}};
  stop("a");
  EXPECT_EQ(last().outcome, PourOutcome::cancelled);
  EXPECT_EQ(refusal("a", 30), Refusal::cancelled);
  reboot();  // which it does not remember, for a guard does not outlive a boot
  EXPECT_EQ(
      refusal_in(loop->handle_order({.amount = 30_ml, .request_id = id("a"), .guard = guard})),
      Refusal::wrong_boot);
  EXPECT_EQ(board.episodes, 0);
}

TEST_F(Timed, AStopForAnotherIdLetsTheRunningPourBe) {
  place_glass();
  EXPECT_TRUE(accepted("a", 15));
  run(500);
  stop("b");
  EXPECT_TRUE(board.is_on());
  finish_pour();
  EXPECT_EQ(details().recent[0].outcome, PourOutcome::finished);
  EXPECT_EQ(refusal("b", 15), Refusal::cancelled);
}

TEST_F(Timed, AStopForAPourThatEndedChangesNothing) {
  place_glass();
  EXPECT_TRUE(pour("a", 15));
  stop("a");
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_EQ(details().recent.size(), 1U);
}

TEST_F(Timed, AStopWithNothingToStopLeavesNoTrace) {
  place_glass();
  stop();
  EXPECT_TRUE(details().recent.empty());
  EXPECT_TRUE(pour("a", 15));
}

TEST_F(Timed, ASecondStopWhileItStillCoastsChangesNothing) {
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  run(1000);
  lift_glass();
  run(50);
  EXPECT_FALSE(board.is_on());
  stop("a");
  finish_pour();
  EXPECT_EQ(last().stop_reason, StopReason::glass_removed);
  EXPECT_EQ(details().recent.size(), 1U);
}

TEST_F(Timed, TheStopButtonStopsAndHoldsOff) {
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  run(1000);
  board.stop_pressed = true;
  run(10);
  EXPECT_FALSE(board.is_on());
  finish_pour();
  EXPECT_EQ(refusal("b", 30), Refusal::busy);
  board.stop_pressed = false;
  EXPECT_TRUE(accepted("b", 30));
}

// ---- Faults

TEST_F(Metered, FindsOutWithinASecondThatNothingFlows) {
  board.clogged = true;
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  run(1300);
  EXPECT_FALSE(board.is_on());
  EXPECT_TRUE(has_fault(Fault::no_flow));
  finish_pour();
  EXPECT_EQ(last().stop_reason, StopReason::no_flow);
  EXPECT_EQ(last().min, 0_ul);
}

TEST_F(Metered, ADeadMeterNeverPoursTooMuch) {
  board.meter_dead = true;
  place_glass();
  char text[] = "dead-a";
  for (const int ml : {1, 2, 5, 15, 30, 60}) {
    const Microlitres before = board.flowed();
    EXPECT_TRUE(pour(text, ml));
    ++text[5];
    run(2000);
    EXPECT_LE(board.flowed() - before, most_for(Millilitres{ml}));
    EXPECT_GE(last().max, board.flowed() - before);
    EXPECT_EQ(last().min, 0_ul);
    change_glass();
  }
}

TEST_F(Metered, AMeterThatDiesMidPourNeverPoursTooMuch) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  run(1800);
  board.meter_dead = true;
  finish_pour();
  run(2000);
  EXPECT_LE(board.flowed(), most_for(30_ml));
  EXPECT_GE(last().max, board.flowed());
  EXPECT_LE(last().min, board.flowed());
  EXPECT_EQ(last().stop_reason, StopReason::no_flow);
}

TEST_F(Metered, AFaultOfAPourStandsUntilTheGlassWasChanged) {
  board.clogged = true;
  place_glass();
  EXPECT_TRUE(pour("a", 30));
  board.clogged = false;
  EXPECT_EQ(refusal("b", 30), Refusal::fault);
  lift_glass();
  run(100);
  place_glass();  // too quickly for anybody to have looked
  EXPECT_EQ(refusal("b", 30), Refusal::fault);
  change_glass();
  EXPECT_TRUE(accepted("b", 30));
}

TEST_F(Metered, StopsWhenItFlowsFarTooFast) {
  board.speed_permille = 1900;
  place_glass();
  EXPECT_TRUE(pour("a", 60));
  EXPECT_EQ(last().stop_reason, StopReason::too_fast);
  EXPECT_TRUE(has_fault(Fault::too_fast));
}

TEST_F(Metered, FlowWithThePumpOffIsAFaultUntilReboot) {
  place_glass();
  run(3000);
  board.leak = 2000;
  run(2000);
  EXPECT_TRUE(has_fault(Fault::idle_flow));
  board.leak = 0;
  change_glass();
  EXPECT_EQ(refusal("a", 30), Refusal::fault);
  reboot();
  EXPECT_TRUE(accepted("a", 30));
}

TEST_F(Timed, TheHardwareCutsOffWhenTheLoopHangs) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  run(500);
  hang(60'000);
  EXPECT_FALSE(board.is_on());
  EXPECT_LE(board.flowed(), most_for(30_ml));
  run(2000);
  EXPECT_EQ(last().stop_reason, StopReason::cut_off);
  EXPECT_TRUE(has_fault(Fault::cut_off));
  EXPECT_GE(last().max, board.flowed());
}

TEST_F(Timed, TheHardwareCutsOffWhenTheLoopHangsBeforeItSeesTheGlassLeave) {
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  run(1000);
  lift_glass();
  hang(100);
  EXPECT_FALSE(board.is_on());
}

TEST_F(Timed, ALoopThatIsALittleLateCutsNothingOff) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  for (int i = 0; i < 100 && board.is_on(); ++i) {
    hang(40);
    loop->step();
  }
  finish_pour();
  EXPECT_EQ(last().outcome, PourOutcome::finished);
}

TEST_F(Metered, TheHardwareCutsOffWhenTheLoopHangs) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  run(1500);
  hang(60'000);
  EXPECT_FALSE(board.is_on());
  EXPECT_LE(board.flowed(), most_for(30_ml));
  run(2000);
  EXPECT_EQ(last().stop_reason, StopReason::cut_off);
  EXPECT_TRUE(has_fault(Fault::cut_off));
}

TEST_F(Metered, AHangBeforeAnythingFlowsIsAFaultToo) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  hang(1'000);
  run(2'000);
  EXPECT_EQ(last().stop_reason, StopReason::cut_off);
  EXPECT_TRUE(has_fault(Fault::cut_off));
}

TEST_F(Metered, APourBesideALeakIsToldAfterAWhileAllTheSame) {
  place_glass();
  EXPECT_TRUE(accepted("a", 15));
  for (int i = 0; i < 1000 && board.is_on(); ++i) run(10);
  board.leak = 3'000;  // pulses come and come
  run(2'500);
  EXPECT_EQ(state(), DeviceState::pouring);
  run(1'000);
  EXPECT_EQ(state(), DeviceState::idle);
  EXPECT_EQ(last().outcome, PourOutcome::finished);
}

}  // namespace
}  // namespace pourtocol::firmware
