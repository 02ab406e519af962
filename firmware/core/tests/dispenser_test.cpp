// The life of pours on an ideal machine, told from outside: what a person, a server and the weather do
// to it, and what it must answer.
#include "firmware/core/tests/bench.hpp"

namespace pourtocol::firmware {
namespace {

using protocol::DeviceState;
using protocol::Fault;
using protocol::PourOutcome;
using protocol::Refusal;
using protocol::StopReason;
using namespace literals;

bool close_to(Microlitres value, Microlitres target, Microlitres tolerance) {
  return target - tolerance <= value && value <= target + tolerance;
}

class Timed : public testing::Test, public Bench {
 protected:
  Timed() : Bench{default_timed_config()} {}
};
class Metered : public testing::Test, public Bench {
 protected:
  Metered() : Bench{default_metered_config()} {}
};

// Pours ---------------------------------------------------------------------------------------------

TEST_F(Timed, PoursWhatWasAsked) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  EXPECT_TRUE(board.is_on());
  EXPECT_EQ(state(), DeviceState::pouring);
  finish_pour();
  EXPECT_TRUE(close_to(board.flowed(), 30'000_ul, 300_ul));
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_EQ(last().stop_reason, StopReason::target_reached);
  EXPECT_EQ(last().min, 0_ul);
  EXPECT_TRUE(close_to(last().delivered, 30'000_ul, 300_ul));
}

TEST_F(Metered, PoursWhatWasAsked) {
  place_glass();
  EXPECT_TRUE(pour("a", 30));
  EXPECT_TRUE(close_to(board.flowed(), 30'000_ul, 300_ul));
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_LE(last().min, board.flowed());
  EXPECT_GE(last().max, board.flowed());
  EXPECT_GT(last().min, 27'000_ul);
}

TEST_F(Metered, PoursWhatWasAskedThoughThePumpIsWeak) {
  board.speed_permille = 750;
  place_glass();
  EXPECT_TRUE(pour("a", 60));
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_TRUE(close_to(board.flowed(), 60'000_ul, 500_ul));
}

TEST_F(Metered, PoursAcrossTheWrapOfItsPulseCounter) {
  cut_power();
  board.first_pulse = 0xFFFFFFC0U;
  boot();
  place_glass();
  EXPECT_TRUE(pour("a", 30));
  EXPECT_TRUE(close_to(board.flowed(), 30'000_ul, 300_ul));
}

TEST(Clock, MayWrapInMidPour) {
  Bench other{default_timed_config(), 0xFFFFFFFFU - 1500};
  other.place_glass();
  EXPECT_TRUE(other.pour("a", 30));
  EXPECT_TRUE(close_to(other.board.flowed(), 30'000_ul, 300_ul));
  EXPECT_EQ(other.board.episodes, 1);
}

TEST_F(Metered, CountsTheCoastBeforeItCallsThePourEnded) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  while (board.is_on()) run(10);
  EXPECT_EQ(state(), DeviceState::pouring);
  const Microlitres at_off = board.flowed();
  finish_pour();
  EXPECT_GT(board.flowed(), at_off);
  EXPECT_GE(last().delivered, at_off);
}

TEST_F(Metered, TellsHowFarItIsAboutTenTimesASecond) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  run(500);
  const auto before = loop->version();
  const auto fill = details().pour->delivered;
  run(1000);
  EXPECT_GE(loop->version(), before + 8);
  EXPECT_LE(loop->version(), before + 12);
  EXPECT_GT(details().pour->delivered, fill);
}

TEST_F(Timed, ItsVersionStandsStillWhileNothingChanges) {
  place_glass();
  const auto before = loop->version();
  run(5000);
  EXPECT_EQ(loop->version(), before);
  lift_glass();
  run(100);
  EXPECT_EQ(loop->version(), before + 1);
}

// Orders --------------------------------------------------------------------------------------------

TEST_F(Timed, NeverPoursAnIdTwice) {
  place_glass();
  EXPECT_TRUE(accepted("a", 15));
  EXPECT_TRUE(repeated("a", 15));
  finish_pour();
  EXPECT_TRUE(repeated("a", 15));
  run(3000);
  EXPECT_EQ(board.episodes, 1);
}

TEST_F(Timed, NeverPoursAnIdTwiceThoughPowerWasLost) {
  place_glass();
  EXPECT_TRUE(pour("a", 15));
  reboot();
  EXPECT_TRUE(repeated("a", 15));
  EXPECT_TRUE(accepted("b", 30));
  run(1000);
  reboot();
  EXPECT_TRUE(repeated("b", 30));
  EXPECT_EQ(board.episodes, 2);
}

TEST_F(Timed, RefusesAmountsOutsideOneToSixtyByItself) {
  place_glass();
  for (const int ml : {0, -1, 61, 256 + 30, -2'000'000'000}) {
    EXPECT_EQ(refusal("a", ml), Refusal::bad_order);
  }
  EXPECT_EQ(refusal_in(loop->handle_order({.amount = 30_ml, .request_id = {}, .guard = {}})),
            Refusal::bad_order);
  EXPECT_EQ(board.episodes, 0);
  EXPECT_TRUE(accepted("a", 60));
}

TEST_F(Timed, RefusesWithoutAGlass) {
  run(1000);
  EXPECT_EQ(refusal("a", 30), Refusal::no_glass);
  board.glass.present = true;
  run(200);
  EXPECT_EQ(refusal("a", 30), Refusal::no_glass);
  run(200);
  EXPECT_TRUE(accepted("a", 30));
}

TEST_F(Timed, RefusesAnotherOrderWhileOneIsPoured) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  EXPECT_EQ(refusal("b", 30), Refusal::busy);
  while (board.is_on()) run(10);
  EXPECT_EQ(refusal("b", 30), Refusal::busy);
  finish_pour();
  EXPECT_TRUE(accepted("b", 30));
}

TEST_F(Timed, RefusesWhatWasMeantForAnotherBootOrCameLate) {
  place_glass();
  const auto guarded = [&](std::string_view text, BootId boot, Uptime expires) {
    return refusal_in(loop->handle_order(
        {.amount = 30_ml,
         .request_id = id(text),
         .guard = protocol::OrderGuard{.boot_id = boot, .expires = expires}}));
  };
  const BootId boot = details().boot_id;
  const Uptime now = details().uptime_ms;
  EXPECT_EQ(guarded("a", BootId{boot.bits() + 1}, now + Uptime{5000}), Refusal::wrong_boot);
  EXPECT_EQ(guarded("a", boot, now - Uptime{1}), Refusal::expired);
  EXPECT_EQ(guarded("a", boot, now + Uptime{5000}), std::nullopt);
  EXPECT_EQ(board.episodes, 1);
}

TEST_F(Timed, DrawsANewIdEachBoot) {
  const BootId first = details().boot_id;
  reboot();
  EXPECT_NE(details().boot_id, first);
}

TEST(Calibration, IsNeededToPour) {
  Bench fresh{Config{}};
  fresh.place_glass();
  EXPECT_EQ(fresh.refusal("a", 30), Refusal::not_calibrated);
}

TEST_F(Timed, ForgetsNoneOfTheLastSixteen) {
  place_glass();
  char text[] = "p-a";
  for (int i = 0; i < 20; ++i, ++text[2]) EXPECT_TRUE(pour(text, 1));
  reboot();
  EXPECT_EQ(details().recent.size(), 16U);
  EXPECT_EQ(details().pours_total, 20U);
  text[2] = 'a' + 4;
  for (int i = 4; i < 20; ++i, ++text[2]) EXPECT_TRUE(repeated(text, 1));
}

// The glass -----------------------------------------------------------------------------------------

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
  board.glass.valid = false;
  run(50);
  EXPECT_FALSE(board.is_on());
  run(2000);
  EXPECT_EQ(last().stop_reason, StopReason::sensor_stuck);
  EXPECT_TRUE(has_fault(Fault::sensor_stuck));
  EXPECT_EQ(refusal("b", 30), Refusal::fault);
  board.glass.valid = true;
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
  board.glass.present = true;
  finish_pour();
  EXPECT_EQ(last().outcome, PourOutcome::finished);
}

// Stops ---------------------------------------------------------------------------------------------

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
  stop("a");
  EXPECT_EQ(last().outcome, PourOutcome::cancelled);
  EXPECT_EQ(refusal("a", 30), Refusal::cancelled);
  reboot();
  EXPECT_EQ(refusal("a", 30), Refusal::cancelled);
  EXPECT_EQ(board.episodes, 0);
}

TEST_F(Timed, AStopForAnotherIdLetsTheRunningPourBe) {
  place_glass();
  EXPECT_TRUE(accepted("a", 15));
  run(500);
  stop("b");
  EXPECT_TRUE(board.is_on());
  finish_pour();
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_EQ(refusal("b", 15), Refusal::cancelled);
}

TEST_F(Timed, AStopForAPourThatEndedChangesNothing) {
  place_glass();
  EXPECT_TRUE(pour("a", 15));
  stop("a");
  EXPECT_EQ(last().outcome, PourOutcome::finished);
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

// Faults --------------------------------------------------------------------------------------------

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
}

// Power and flash -----------------------------------------------------------------------------------

TEST_F(Metered, AfterAPowerCutNothingResumesAndThePourIsInterrupted) {
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  run(3000);
  cut_power();
  const Microlitres flowed = board.flowed();
  boot();
  run(3000);
  EXPECT_FALSE(board.is_on());
  EXPECT_EQ(board.episodes, 1);
  EXPECT_EQ(last().request_id, id("a"));
  EXPECT_EQ(last().outcome, PourOutcome::interrupted);
  EXPECT_EQ(last().stop_reason, StopReason::power_lost);
  EXPECT_LE(last().min, flowed);
  EXPECT_GT(last().min, 20'000_ul);
  EXPECT_EQ(last().max, most_for(60_ml));
  EXPECT_TRUE(details().journal_whole);
  reboot();
  EXPECT_EQ(last().outcome, PourOutcome::interrupted);
  EXPECT_EQ(details().recent.size(), 1U);
}

TEST_F(Metered, TheCoastOfAPourThatPowerCutShortIsNoLeak) {
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  run(3000);
  cut_power();
  boot();
  run(5000);
  EXPECT_FALSE(has_fault(Fault::idle_flow));
}

TEST_F(Timed, NothingPoursThatCannotBeRecorded) {
  place_glass();
  board.flash.works = false;
  EXPECT_EQ(refusal("a", 30), Refusal::fault);
  EXPECT_TRUE(has_fault(Fault::journal_failed));
  EXPECT_EQ(board.episodes, 0);
  board.flash.works = true;
  run(6000);
  EXPECT_FALSE(has_fault(Fault::journal_failed));
  EXPECT_TRUE(accepted("a", 30));
  EXPECT_EQ(details().pours_total, 1U);
}

TEST_F(Timed, StopsWhenTheJournalFailsMidPourAndRecordsTheEndLater) {
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  run(1000);
  board.flash.works = false;
  finish_pour();
  EXPECT_EQ(last().stop_reason, StopReason::journal_failed);
  EXPECT_TRUE(has_fault(Fault::journal_failed));
  board.flash.works = true;
  run(6000);
  EXPECT_FALSE(has_fault(Fault::journal_failed));
  reboot();
  EXPECT_EQ(last().outcome, PourOutcome::stopped);
  EXPECT_EQ(last().stop_reason, StopReason::journal_failed);
}

TEST_F(Timed, AdmitsThatItsFlashWasLost) {
  EXPECT_TRUE(details().journal_whole);
  place_glass();
  EXPECT_TRUE(pour("a", 15));
  board.flash.lose();
  reboot();
  EXPECT_FALSE(details().journal_whole);
}

TEST(Checkpoints, AreBoundedByTheJournalsRoom) {
  Config slow = default_timed_config();
  slow.calibration.flow = FlowRate{2'000};
  Bench other{slow};
  other.place_glass();
  EXPECT_TRUE(other.accepted("a", 60));
  const std::size_t first = other.board.flash.last;
  for (int i = 0; i < 4000 && other.state() == DeviceState::pouring; ++i) other.run(10);
  EXPECT_EQ(other.last().outcome, PourOutcome::finished);
  EXPECT_LE(other.board.flash.last - first, records_per_pour_max);
}

// Between the order and the pump ---------------------------------------------------------------------

/// The pure core by itself, with a glass before it and an order whose record is being written.
class Recording : public testing::Test {
 protected:
  Recording() {
    tick({.present = true, .valid = true}, 40);
    deliver(OrderReceived{{.amount = 30_ml, .request_id = id_, .guard = std::nullopt}});
  }
  void tick(hal::GlassReading glass, int times, bool stop_pressed = false) {
    for (int i = 0; i < times; ++i) {
      now_ += Uptime{10};
      deliver(Tick{.glass = glass, .pulses = 0, .stop_pressed = stop_pressed});
    }
  }
  void deliver(const Event& event) { dispenser_.handle(event, now_, effects_); }
  template <class T>
  const T* effect() const {
    for (const Effect& effect : effects_) {
      if (const auto* found = std::get_if<T>(&effect)) return found;
    }
    return nullptr;
  }
  std::optional<Refusal> refusal() const {
    const auto* reply = effect<Reply>();
    return reply == nullptr ? std::nullopt : Bench::refusal_in(reply->reply);
  }

  RequestId id_ = Bench::id("a");
  Dispenser dispenser_{default_timed_config(), BootId{1}, History{}};
  Uptime now_{0};
  Effects effects_;
};

TEST_F(Recording, ComesBeforeThePump) {
  ASSERT_TRUE(effect<WriteJournal>() != nullptr);
  EXPECT_EQ(effect<WriteJournal>()->record.kind, RecordKind::started);
  EXPECT_EQ(effect<WriteJournal>()->record.pour.max, most_for(30_ml));
  EXPECT_TRUE(effect<SwitchPumpOn>() == nullptr);
  EXPECT_TRUE(effect<Reply>() == nullptr);
  deliver(JournalWritten{.ok = true});
  EXPECT_TRUE(effect<SwitchPumpOn>() != nullptr);
}

TEST_F(Recording, AGlassThatLeavesMeanwhileMeansNoPour) {
  tick({.present = false, .valid = true}, 4);
  deliver(JournalWritten{.ok = true});
  EXPECT_TRUE(effect<SwitchPumpOn>() == nullptr);
  EXPECT_EQ(refusal(), Refusal::no_glass);
  // The record stands in the journal already, so its end is recorded too.
  ASSERT_TRUE(effect<WriteJournal>() != nullptr);
  EXPECT_EQ(effect<WriteJournal>()->record.pour.outcome, PourOutcome::cancelled);
  EXPECT_EQ(effect<WriteJournal>()->record.pour.max, 0_ul);
}

TEST_F(Recording, AStopButtonPressedMeanwhileMeansNoPour) {
  tick({.present = true, .valid = true}, 1, true);
  deliver(JournalWritten{.ok = true});
  EXPECT_TRUE(effect<SwitchPumpOn>() == nullptr);
  EXPECT_EQ(refusal(), Refusal::cancelled);
}

TEST(Ending, WhatIsSaidOfAPourIsWhatWasRecorded) {
  Dispenser dispenser{default_metered_config(), BootId{1}, History{}};
  Effects effects;
  Uptime now{0};
  std::uint32_t pulses = 0;
  const auto tick = [&] {
    now += Uptime{10};
    dispenser.handle(
        Tick{.glass = {.present = true, .valid = true}, .pulses = pulses, .stop_pressed = false},
        now, effects);
  };
  for (int i = 0; i < 40; ++i) tick();
  dispenser.handle(OrderReceived{{.amount = 5_ml, .request_id = Bench::id("a"), .guard = {}}}, now,
                   effects);
  dispenser.handle(JournalWritten{.ok = true}, now, effects);
  std::optional<Record> ended;
  for (int i = 0; i < 1000 && !ended; ++i) {
    if (pulses < 28) ++pulses;
    tick();
    for (const Effect& effect : effects) {
      const auto* write = std::get_if<WriteJournal>(&effect);
      if (write != nullptr && write->record.kind == RecordKind::ended) ended = write->record;
    }
    if (!ended && !effects.empty() && std::holds_alternative<WriteJournal>(effects.back())) {
      dispenser.handle(JournalWritten{.ok = true}, now, effects);
    }
  }
  ASSERT_TRUE(ended.has_value());
  pulses += 100;
  tick();
  dispenser.handle(JournalWritten{.ok = true}, now, effects);
  const auto status = dispenser.status();
  EXPECT_EQ(status.details->recent.back(), ended->pour);
}

}  // namespace
}  // namespace pourtocol::firmware
