// Power and flash that fail under an ideal machine, and the moment between an order and its pump.
#include "firmware/core/tests/bench.hpp"

namespace pourtocol::firmware {
namespace {

using protocol::DeviceState;
using protocol::Fault;
using protocol::PourOutcome;
using protocol::Refusal;
using protocol::StopReason;
using namespace literals;

// ---- Power and flash

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

TEST_F(Timed, NothingPoursForWhichFlashCannotMakeRoom) {
  place_glass();
  board.flash.erases = false;
  char text[] = "p-a";
  int poured = 0;
  for (; poured < 20 && pour(text, 1); ++poured) ++text[2];
  EXPECT_GT(poured, 0);
  EXPECT_LT(poured, 20);
  EXPECT_EQ(refusal(text, 1), Refusal::fault);
  EXPECT_TRUE(has_fault(Fault::journal_failed));
  EXPECT_EQ(board.episodes, poured);
  reboot();
  EXPECT_EQ(details().pours_total, static_cast<std::uint32_t>(poured));
}

TEST_F(Timed, AMachineWhoseFlashIsDeadSaysSoAndPoursNothing) {
  board.flash.lose();
  board.flash.works = false;
  reboot();
  place_glass();
  EXPECT_FALSE(details().journal_whole);
  EXPECT_EQ(refusal("a", 30), Refusal::fault);
  EXPECT_EQ(board.episodes, 0);
}

TEST(Checkpoints, AreBoundedByTheJournalsRoom) {
  Rig slow = timed_rig();
  slow.tuning.flow = slow.tuning.calibration.flow = FlowRate{2'000};
  slow.config.confirmed = slow.tuning.calibration;
  Bench other{slow};
  other.place_glass();
  EXPECT_TRUE(other.accepted("a", 60));
  const std::size_t first = other.board.flash.last;
  for (int i = 0; i < 4000 && other.state() == DeviceState::pouring; ++i) other.run(10);
  EXPECT_EQ(other.last().outcome, PourOutcome::finished);
  EXPECT_LE(other.board.flash.last - first, records_per_pour_max);
}

// ---- Between the order and the pump

/// The pure core by itself, with a glass before it and an order whose record is being written.
class Recording : public testing::Test {
 protected:
  explicit Recording(const Rig& rig = timed_rig())
      : dispenser_{rig.config, rig.tuning, BootId{1}, History{}} {
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
  Dispenser dispenser_;
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

// A write that takes long: the pour goes on, or ends, as the sensors say; its end waits.
class SlowFlash : public Recording {
 protected:
  explicit SlowFlash(const Rig& rig = timed_rig()) : Recording{rig} {
    deliver(JournalWritten{.ok = true});
    for (int i = 0; i < 100 && effect<WriteJournal>() == nullptr; ++i) tick(there_, 1);
    EXPECT_EQ(effect<WriteJournal>()->record.kind, RecordKind::checkpoint);
  }
  hal::GlassReading there_{.present = true, .valid = true};
};

TEST_F(SlowFlash, ACheckpointThatFailsAfterTheGlassHasLeftIsNotWhyThePourEnded) {
  tick({.present = false, .valid = true}, 5);
  deliver(JournalWritten{.ok = false});
  EXPECT_TRUE(effect<SwitchPumpOff>() == nullptr);
  for (int i = 0; i < 200 && effect<WriteJournal>() == nullptr; ++i) tick(there_, 1);
  ASSERT_TRUE(effect<WriteJournal>() != nullptr);
  EXPECT_EQ(effect<WriteJournal>()->record.pour.stop_reason, StopReason::glass_removed);
}

Rig that_waits_for_its_glass() {
  Rig rig = timed_rig();
  rig.config.resume_within = Milliseconds{10'000};
  return rig;
}

class SlowFlashOfAPatientMachine : public SlowFlash {
 protected:
  SlowFlashOfAPatientMachine() : SlowFlash{that_waits_for_its_glass()} {}
};

TEST_F(SlowFlashOfAPatientMachine, APourThatWaitsEndsWhenTheJournalHasFailed) {
  tick({.present = false, .valid = true}, 5);
  deliver(JournalWritten{.ok = false});
  for (int i = 0; i < 200 && effect<WriteJournal>() == nullptr; ++i) {
    tick(there_, 1);
    EXPECT_TRUE(effect<SwitchPumpOn>() == nullptr);
  }
  ASSERT_TRUE(effect<WriteJournal>() != nullptr);
  EXPECT_EQ(effect<WriteJournal>()->record.pour.stop_reason, StopReason::journal_failed);
}

TEST(Ending, WhatIsSaidOfAPourIsWhatWasRecorded) {
  Dispenser dispenser{metered_rig().config, metered_rig().tuning, BootId{1}, History{}};
  Effects effects;
  Uptime now{0};
  std::uint32_t pulses = 0;
  const auto tick = [&] {
    now += Uptime{10};
    dispenser.handle(Tick{.glass = hal::GlassReading{.present = true, .valid = true},
                          .pulses = pulses,
                          .stop_pressed = false},
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
