// Calibrations: what a host does to them, and what the log says of it.
#include "backend/control/tests/upkeep.hpp"

namespace pourtocol::control::testing {
namespace {

using protocol::CalibrationRefusal;
using protocol::CalibrationReport;
using protocol::UnclearAnswer;

TEST_F(Upkeep, ALookChangesNothingAndLeavesNoRow) {
  const Ticket ticket = calibration(std::nullopt);
  ASSERT_TRUE(calibration_call_);
  EXPECT_FALSE(calibration_call_->call.action);
  answer_calibration(report());
  ASSERT_EQ(told(ticket), CalibrationCode::ok);
  EXPECT_EQ(calibration_answer_to(ticket)->report, report());
  EXPECT_FALSE(calibration_answer_to(ticket)->accepted_at);
  EXPECT_EQ(deeds(), Told{});
}

TEST_F(Upkeep, AnAcceptanceIsInTheLogBeforeTheMachineHearsOfIt) {
  const Ticket ticket = calibration(protocol::AcceptCalibration{});
  log_waits();
  answer_calibration(report());
  EXPECT_FALSE(calibration_call_) << "not before it is durable";
  log_answers();
  ASSERT_TRUE(calibration_call_);
  EXPECT_TRUE(calibration_call_->call.action);
  EXPECT_EQ(deeds(),
            Told{"started accept: Accepting a calibration: 12.1 ml/s (was 11.8 ml/s), 3 runs."});
  EXPECT_EQ(calibration_answer_to(ticket), nullptr);
  log_waits();
  answer_calibration(report(false));
  EXPECT_EQ(calibration_answer_to(ticket), nullptr) << "nor is anybody told before it is durable";
  log_answers();
  ASSERT_EQ(told(ticket), CalibrationCode::ok);
  EXPECT_EQ(deeds().back(),
            "success accept: Calibration accepted: 12.1 ml/s (was 11.8 ml/s), 3 runs.");
  EXPECT_EQ(calibration_answer_to(ticket)->accepted_at, WallTime{} + 1h);
  EXPECT_EQ(ledger_.rows().back().user, user_named("host"));
}

TEST_F(Upkeep, AnActHoldsForTheBootThatTheHostLookedAtAndNotForLong) {
  (void)calibration(protocol::DiscardCalibration{});
  ASSERT_TRUE(calibration_call_);
  const auto at_once = calibration_call_->call.guard;
  ASSERT_TRUE(at_once);
  EXPECT_EQ(at_once->boot_id, BootId{0x1111});
  EXPECT_GT(at_once->expires, 100s);
  EXPECT_LT(at_once->expires, 130s);
  answer_calibration(report());

  (void)calibration(protocol::AcceptCalibration{});
  ASSERT_TRUE(calibration_call_);
  EXPECT_FALSE(calibration_call_->call.guard) << "a look changes nothing";
  log_waits();
  answer_calibration(report());
  wait(700ms);  // the disk takes its time
  log_answers();
  ASSERT_TRUE(calibration_call_);
  ASSERT_TRUE(calibration_call_->call.guard);
  EXPECT_EQ(calibration_call_->call.guard->boot_id, BootId{0x1111});
  EXPECT_EQ(calibration_call_->call.guard->expires, at_once->expires + 700ms);
}

TEST_F(Upkeep, WhenItWasAcceptedIsKnownAfterARestart) {
  (void)ledger::apply(ledger_, {},
                      AuditWrite{.tap = tap_named("main"),
                                 .user = user_named("host"),
                                 .status = EventStatus::success,
                                 .action = "accept",
                                 .reason = "Calibration accepted.",
                                 .at = WallTime{} + 5min});
  happen(RecoverResult{ledger::present_state(ledger_)});
  const Ticket ticket = calibration(std::nullopt);
  answer_calibration(report());
  EXPECT_EQ(calibration_answer_to(ticket)->accepted_at, WallTime{} + 5min);
}

TEST_F(Upkeep, WithNothingProposedNothingIsWrittenAndNobodyTold) {
  const Ticket ticket = calibration(protocol::AcceptCalibration{});
  answer_calibration(report(false));
  ASSERT_EQ(told(ticket), CalibrationCode::refused);
  EXPECT_EQ(calibration_answer_to(ticket)->refusal, CalibrationRefusal::nothing_to_accept);
  EXPECT_FALSE(calibration_call_);
  EXPECT_EQ(deeds(), Told{});
}

TEST_F(Upkeep, AnAcceptanceThatNeedsAHandSaysWhatToLookAtAndWhatToDo) {
  const Ticket ticket = calibration(protocol::AcceptCalibration{});
  answer_calibration(report());
  answer_calibration(
      protocol::CalibrationRefused{.refusal = CalibrationRefusal::hand_needed, .text = {}});
  EXPECT_EQ(told(ticket), CalibrationCode::refused);
  const std::string said = calibration_answer_to(ticket)->message;
  for (const char* word : {"cup", "ml or cl", "bottle", "stop button", "five seconds"}) {
    EXPECT_NE(said.find(word), std::string::npos) << word;
  }
}

TEST_F(Upkeep, AnAcceptanceByHandIsToldAsConfirmed) {
  const Ticket ticket = calibration(protocol::AcceptCalibration{});
  answer_calibration(report());
  protocol::CalibrationReport after = report(false);
  after.confirmed = true;
  answer_calibration(after);
  EXPECT_EQ(told(ticket), CalibrationCode::ok);
  EXPECT_TRUE(calibration_answer_to(ticket)->report->confirmed.value_or(false));
}

TEST_F(Upkeep, AnAcceptanceTheMachineRefusesIsToldAsSuch) {
  const Ticket ticket = calibration(protocol::AcceptCalibration{});
  answer_calibration(report());
  answer_calibration(protocol::CalibrationRefused{.refusal = CalibrationRefusal::busy, .text = {}});
  EXPECT_EQ(told(ticket), CalibrationCode::refused);
  EXPECT_EQ(deeds().back(),
            "failed accept: Calibration not accepted: The pump is running: wait until it is done.");
  EXPECT_TRUE(ledger::present_state(ledger_).calibrated.empty());
}

TEST_F(Upkeep, AnAcceptanceWhoseAnswerIsLostIsToldAsNotKnown) {
  const Ticket ticket = calibration(protocol::AcceptCalibration{});
  answer_calibration(report());
  answer_calibration(UnclearAnswer::timed_out);
  EXPECT_EQ(told(ticket), CalibrationCode::no_answer);
  EXPECT_EQ(deeds().size(), 2U);
  EXPECT_NE(deeds().back().find("is not known"), std::string::npos);
}

TEST_F(Upkeep, WhatCannotBeRecordedIsNotDone) {
  const Ticket ticket = calibration(protocol::NewBottle{});
  log_fails();
  answer_calibration(report());
  EXPECT_EQ(told(ticket), CalibrationCode::store_failed);
  EXPECT_FALSE(calibration_call_);
}

TEST_F(Upkeep, WhoDoesWhatCannotBeRecordedHearsSo) {
  const Ticket ticket = calibration(protocol::MeasuredRun{rid("c1"), Microlitres{101'500}});
  ASSERT_TRUE(calibration_call_->call.action) << "what only gathers material goes first";
  log_fails();
  answer_calibration(report());
  EXPECT_EQ(told(ticket), CalibrationCode::store_failed);
  EXPECT_NE(calibration_answer_to(ticket)->message.find("could not be recorded"),
            std::string::npos);
}

TEST_F(Upkeep, EachDeedIsToldInItsOwnSentence) {
  const auto done = [&](const protocol::CalibrationAction& action) {
    calibration(action);
    answer_calibration(report());
    return deeds().back();
  };
  EXPECT_EQ(done(protocol::MeasuredRun{rid("c1"), Microlitres{101'500}}),
            "success measured: Calibration run c1: the cup showed 101.5 ml, reckoned 98.4 ml.");
  EXPECT_EQ(done(protocol::DropRun{rid("c2")}),
            "success drop_run: Calibration run c2 does not count.");
  EXPECT_EQ(done(protocol::DiscardCalibration{}),
            "success discard: Calibration discarded: nothing changes.");
  EXPECT_EQ(done(protocol::BottleEmpty{}),
            "success bottle_empty: The bottle is empty: 693 ml reckoned of 700 ml; 12.1 ml/s "
            "proposed (is 11.8 ml/s).");
}

TEST_F(Upkeep, ABottleAndFaultsAreRecordedFirst) {
  auto faulty = ours();
  faulty.details->faults.insert(protocol::Fault::no_flow);
  device_shows(faulty);
  calibration(protocol::ClearFaults{});
  answer_calibration(report());
  answer_calibration(report());
  calibration(protocol::NewBottle{});
  answer_calibration(report());
  answer_calibration(report());
  EXPECT_EQ(deeds(),
            (Told{"started clear_faults: Clearing faults: no_flow.",
                  "success clear_faults: Faults cleared: no_flow.",
                  "started new_bottle: Noting a full bottle; 693 ml had left the last one.",
                  "success new_bottle: A full bottle was connected; 693 ml had left the last "
                  "one."}));
}

// ---- acts that come late

class LateAct : public Upkeep {
 protected:
  explicit LateAct(Settings settings = one_tap()) : Upkeep{std::move(settings)} {}
  /// The number that a look shows.
  std::int64_t seen() {
    const Ticket ticket = calibration(std::nullopt);
    answer_calibration(report());
    return calibration_answer_to(ticket)->act;
  }
  Ticket act(const protocol::CalibrationAction& action, std::optional<std::int64_t> seen,
             std::optional<protocol::FaultSet> faults = std::nullopt) {
    return calibration(CalibrationRequest{.tap = tap_named("main"),
                                          .user = user_named("host"),
                                          .action = action,
                                          .act = seen,
                                          .faults = faults});
  }
  void do_recorded_first(const protocol::CalibrationAction& action) {
    calibration(action);
    answer_calibration(report());
    answer_calibration(report());
  }
  void expect_void(Ticket ticket) {
    EXPECT_EQ(told(ticket), CalibrationCode::changed_meanwhile);
    EXPECT_FALSE(calibration_call_) << "the machine hears nothing of it";
  }
};

TEST_F(LateAct, IsVoidAfterAnotherActAtItsTap) {
  const std::int64_t before = seen();
  do_recorded_first(protocol::NewBottle{});
  const Told so_far = deeds();
  expect_void(act(protocol::AcceptCalibration{}, before));
  expect_void(act(protocol::BottleEmpty{}, before));
  EXPECT_EQ(deeds(), so_far);
  EXPECT_GT(seen(), before);
}

TEST_F(LateAct, ThatComesASecondTimeIsNotDoneAgain) {
  const std::int64_t before = seen();
  const Ticket first = act(protocol::NewBottle{}, before);
  answer_calibration(report());
  answer_calibration(report());
  ASSERT_EQ(told(first), CalibrationCode::ok);
  expect_void(act(protocol::NewBottle{}, before));
  EXPECT_EQ(calibration_answer_to(first)->act, seen()) << "its answer says by what the next goes";
}

TEST_F(LateAct, DoesNotUndoANewerWordOfTheSameRun) {
  const std::int64_t before = seen();
  const Ticket right = act(protocol::MeasuredRun{rid("c1"), Microlitres{101'500}}, before);
  answer_calibration(report());
  ASSERT_EQ(told(right), CalibrationCode::ok);
  expect_void(act(protocol::MeasuredRun{rid("c1"), Microlitres{9'000}}, before));
}

TEST_F(LateAct, IsVoidWhileAnotherActIsUnderWay) {
  const std::int64_t before = seen();
  const Ticket first = act(protocol::NewBottle{}, before);
  ASSERT_TRUE(calibration_call_);
  EXPECT_EQ(told(act(protocol::NewBottle{}, before)), CalibrationCode::changed_meanwhile);
  answer_calibration(report());
  answer_calibration(report());
  EXPECT_EQ(told(first), CalibrationCode::ok);
}

TEST_F(LateAct, IsVoidAfterAnActThatCouldNotBeRecorded) {
  const std::int64_t before = seen();
  calibration(protocol::MeasuredRun{rid("c1"), Microlitres{101'500}});
  log_fails();
  answer_calibration(report());
  log_works();
  wait(3s);
  expect_void(act(protocol::DiscardCalibration{}, before));
}

TEST_F(LateAct, IsVoidAfterAnActThatPerhapsWasDone) {
  const std::int64_t before = seen();
  calibration(protocol::DiscardCalibration{});
  answer_calibration(UnclearAnswer::timed_out);
  expect_void(act(protocol::MeasuredRun{rid("c1"), Microlitres{101'500}}, before));
}

TEST_F(LateAct, IsVoidAfterTheMachineWasReplaced) {
  const auto with_id = [](std::uint64_t id) {
    auto status = ours();
    status.details->machine_id = MachineId{id};
    return status;
  };
  device_shows(with_id(1));
  wait(1s);
  const std::int64_t before = seen();
  device_shows(with_id(2));
  wait(1s);
  take_over(MachineId{2});
  expect_void(act(protocol::AcceptCalibration{}, before));
}

class LateActOfTwoTaps : public LateAct {
 protected:
  LateActOfTwoTaps() : LateAct{two_taps()} {}
};

TEST_F(LateActOfTwoTaps, GoesByWhatWasDoneAtItsOwnTapAlone) {
  const std::int64_t before = seen();
  calibration(protocol::DiscardCalibration{}, "side");
  answer_calibration(report());
  ASSERT_EQ(deeds().size(), 1U);
  (void)act(protocol::DiscardCalibration{}, before);
  EXPECT_TRUE(calibration_call_);
}

TEST_F(LateAct, IsVoidAfterARestartOfTheServerToo) {
  const std::int64_t before = seen();
  do_recorded_first(protocol::NewBottle{});
  server_restarts();
  device_shows(ours());
  wait(1s);
  EXPECT_GT(seen(), before);
  expect_void(act(protocol::NewBottle{}, before));
  (void)act(protocol::NewBottle{}, seen());
  EXPECT_TRUE(calibration_call_);
}

TEST_F(LateAct, ClearsNoFaultThatTheHostHasNotSeen) {
  protocol::FaultSet shown;
  shown.insert(protocol::Fault::no_flow);
  auto faulty = ours();
  faulty.details->faults = shown;
  faulty.details->faults.insert(protocol::Fault::too_fast);
  device_shows(faulty);
  wait(1s);
  expect_void(act(protocol::ClearFaults{}, std::nullopt, shown));
  EXPECT_EQ(deeds(), Told{});
  shown.insert(protocol::Fault::too_fast);
  shown.insert(protocol::Fault::sensor_stuck);  // gone by itself since
  (void)act(protocol::ClearFaults{}, std::nullopt, shown);
  EXPECT_TRUE(calibration_call_);
}

TEST_F(Upkeep, ASilentMachineIsOffline) {
  const Ticket ticket = calibration(std::nullopt);
  answer_calibration(UnclearAnswer::timed_out);
  EXPECT_EQ(told(ticket), CalibrationCode::offline);
  device_is_silent();
  wait(10s);
  EXPECT_EQ(told(calibration(std::nullopt)), CalibrationCode::offline);
  EXPECT_FALSE(calibration_call_);
}

TEST_F(Upkeep, AnUnknownTapIsToldSo) {
  EXPECT_EQ(told(calibration(std::nullopt, "other")), CalibrationCode::unknown_tap);
}

TEST_F(Upkeep, OnlyAFewMayAskAtATime) {
  std::vector<Ticket> tickets;
  for (std::size_t i = 0; i < Calibrations::jobs_per_tap_max; ++i) {
    tickets.push_back(calibration(std::nullopt));
  }
  EXPECT_EQ(told(calibration(std::nullopt)), CalibrationCode::too_many_requests);
  answer_calibration(report());
  EXPECT_EQ(told(tickets.back()), CalibrationCode::ok);
}

TEST_F(Upkeep, AShutdownWaitsForWhatIsUnderWay) {
  const Ticket ticket = calibration(protocol::AcceptCalibration{});
  answer_calibration(report());
  happen(ShutdownAsked{});
  EXPECT_FALSE(shutdown_ready_);
  EXPECT_EQ(told(calibration(std::nullopt)), CalibrationCode::shutting_down);
  answer_calibration(report(false));
  EXPECT_EQ(told(ticket), CalibrationCode::ok);
  EXPECT_TRUE(shutdown_ready_);
}

TEST_F(Upkeep, AnAcceptanceTellsWhatItChanges) {
  const auto told_of = [&](const CalibrationReport& before) {
    calibration(protocol::AcceptCalibration{});
    answer_calibration(before);
    const std::string intent = deeds().back();
    answer_calibration(report(false));
    return intent.substr(intent.find(": ") + 2);
  };
  CalibrationReport first = report();
  first.calibrated = false;
  first.runs[1].measured.reset();
  first.runs[2].measured.reset();
  EXPECT_EQ(told_of(first), "Accepting a calibration: 12.1 ml/s (was not calibrated), 1 run.");
  CalibrationReport metered = report();
  metered.proposal->pulses_per_litre = 5600;
  EXPECT_EQ(told_of(metered),
            "Accepting a calibration: 12.1 ml/s (was 11.8 ml/s), 5600 pulses per litre, 3 runs.");
  CalibrationReport emptied = report();
  emptied.proposal->from = protocol::ProposalSource::bottle;
  EXPECT_EQ(told_of(emptied),
            "Accepting a calibration: 12.1 ml/s (was 11.8 ml/s), from an empty bottle.");
}

TEST_F(Upkeep, AnEmptyBottleFromWhichNothingFollowsIsToldWithoutAProposal) {
  calibration(protocol::BottleEmpty{});
  answer_calibration(report(false));
  EXPECT_EQ(deeds().back(),
            "success bottle_empty: The bottle is empty: 693 ml reckoned of 700 ml.");
}

TEST_F(Upkeep, ClearingFaultsThatNoMoreStandSaysSo) {
  calibration(protocol::ClearFaults{});
  answer_calibration(report());
  EXPECT_EQ(deeds().back(), "started clear_faults: Clearing faults: none was standing.");
}

TEST_F(Upkeep, WhatWasRecordedFirstAndIsRefusedHasARowThatSaysSo) {
  const auto refused = [&](const protocol::CalibrationAction& action) {
    calibration(action);
    answer_calibration(report());
    answer_calibration(
        protocol::CalibrationRefused{.refusal = CalibrationRefusal::journal_failed, .text = {}});
    return deeds().back();
  };
  const std::string why =
      "The machine could not record it, so nothing was changed: look at the machine.";
  EXPECT_EQ(refused(protocol::NewBottle{}), "failed new_bottle: New bottle not noted: " + why);
  EXPECT_EQ(refused(protocol::ClearFaults{}), "failed clear_faults: Faults not cleared: " + why);
}

TEST_F(Upkeep, EachRefusalOfTheMachineIsToldInItsOwnSentence) {
  const auto told_for = [&](CalibrationRefusal refusal, std::string_view text = "") {
    const Ticket ticket = calibration(protocol::BottleEmpty{});
    answer_calibration(protocol::CalibrationRefused{
        .refusal = refusal, .text = protocol::RefusalText::truncated(text)});
    EXPECT_EQ(told(ticket), CalibrationCode::refused);
    return calibration_answer_to(ticket)->message;
  };
  EXPECT_EQ(
      told_for(CalibrationRefusal::no_such_run),
      "The machine knows no such run: it may have been started anew. Run into the cup again.");
  EXPECT_EQ(told_for(CalibrationRefusal::no_bottle),
            "The machine has not been told what a bottle holds: set it first.");
  EXPECT_EQ(
      told_for(CalibrationRefusal::not_enough_poured),
      "Too little has left this bottle to conclude anything: say so when a bottle is new, and "
      "again when it is empty.");
  EXPECT_EQ(told_for(CalibrationRefusal::not_plausible),
            "No pump could be like that: check what was entered, or run again.");
  EXPECT_EQ(told_for(CalibrationRefusal::wrong_boot),
            "The machine has restarted meanwhile, and nothing was changed: look at its "
            "calibration, then try again.");
  EXPECT_EQ(told_for(CalibrationRefusal::expired),
            "It reached the machine too late, and nothing was changed: try again.");
  EXPECT_EQ(told_for(CalibrationRefusal::other), "The machine refused.");
  EXPECT_EQ(told_for(CalibrationRefusal::other, "door open"), "The machine refused (door open).");
  EXPECT_EQ(deeds(), Told{}) << "nothing was done";
}

TEST_F(Upkeep, OurFirmwareFromBeforeCalibrationsCannotBeCalibratedFromHere) {
  const Ticket ticket = calibration(std::nullopt);
  answer_calibration(
      protocol::CalibrationRefused{.refusal = CalibrationRefusal::other, .text = {}});
  EXPECT_EQ(told(ticket), CalibrationCode::service_unsupported);
}

TEST_F(Upkeep, WhatSurelyDidNotReachTheMachineChangedNothing) {
  const Ticket ticket = calibration(protocol::DropRun{rid("c1")});
  answer_calibration(NotSent{"connection refused"});
  EXPECT_EQ(told(ticket), CalibrationCode::offline);
  EXPECT_EQ(deeds(), Told{});
}

TEST_F(Upkeep, WithoutALogAMachineMayBeLookedAtAndNotChanged) {
  const Ticket under_way = calibration(protocol::DropRun{rid("c1")});
  log_is_gone();
  order(61, "r1");
  answer_calibration(report());
  EXPECT_EQ(told(under_way), CalibrationCode::store_failed);
  EXPECT_NE(calibration_answer_to(under_way)->message.find("could not be recorded"),
            std::string::npos);
  EXPECT_EQ(told(calibration(protocol::DropRun{rid("c1")})), CalibrationCode::store_failed);
  EXPECT_FALSE(calibration_call_);
  const Ticket look = calibration(std::nullopt);
  answer_calibration(report());
  EXPECT_EQ(told(look), CalibrationCode::ok);
}

TEST_F(Upkeep, ALookIsAnsweredWhileADeedWaitsForItsRow) {
  const Ticket deed = calibration(protocol::DropRun{rid("c1")});
  log_waits();
  answer_calibration(report());
  const Ticket look = calibration(std::nullopt);
  answer_calibration(report());
  EXPECT_EQ(told(look), CalibrationCode::ok);
  EXPECT_EQ(calibration_answer_to(deed), nullptr);
  log_answers();
  EXPECT_EQ(told(deed), CalibrationCode::ok);
}

}  // namespace
}  // namespace pourtocol::control::testing
