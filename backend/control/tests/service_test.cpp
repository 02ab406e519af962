// Service runs and calibrations: a host looks after the machine.
#include "backend/control/tests/bar.hpp"

namespace pourtocol::control::testing {
namespace {

using protocol::CalibrationRefusal;
using protocol::CalibrationReport;
using protocol::Purpose;
using protocol::UnclearAnswer;

class Upkeep : public Bar {
 protected:
  Upkeep() { device_shows(ours()); }

  static protocol::DeviceStatus ours(Uptime uptime = 100s) {
    protocol::DeviceStatus status = idle(std::chrono::duration_cast<std::chrono::seconds>(uptime));
    auto& details = status.details.emplace();
    details.boot_id = BootId{0x1111};
    details.uptime_ms = uptime;
    details.journal_whole = true;
    return status;
  }
  static protocol::DeviceStatus ours_finished(std::string_view id, Purpose purpose,
                                              Millilitres requested) {
    protocol::DeviceStatus status = ours(130s);
    protocol::RecentPour record;
    record.request_id = rid(id);
    record.requested = requested;
    record.purpose = purpose;
    record.delivered = record.min = record.max = Microlitres{99'000};
    status.details->recent.push_back(record);
    status.details->pours_total = 1;
    return status;
  }
  static DispenseRequest cup(std::int64_t amount_ml, int portions = 1) {
    DispenseRequest request;
    request.amount_ml = amount_ml;
    request.purpose = Purpose::calibrate;
    request.portions = portions;
    return request;
  }
  static DispenseRequest wash(std::chrono::milliseconds time) {
    DispenseRequest request;
    request.purpose = Purpose::clean;
    request.run_time = time;
    return request;
  }
  static CalibrationReport report(bool proposed = true) {
    CalibrationReport report;
    report.calibrated = true;
    report.flow = FlowRate{11'800};
    report.bottle = Microlitres{700'000};
    report.bottle_poured = Microlitres{693'000};
    for (const std::string_view id : {"c1", "c2", "c3"}) {
      report.runs.push_back({.request_id = rid(id),
                             .measured = Microlitres{101'500},
                             .reckoned = Microlitres{98'400}});
    }
    if (!proposed) return report;
    auto& proposal = report.proposal.emplace();
    proposal.flow = FlowRate{12'100};
    return report;
  }
  /// "started: …", one for each row that belongs to no pour.
  std::vector<std::string> deeds() const {
    std::vector<std::string> told;
    for (const LogRow& row : ledger_.rows()) {
      if (row.action.empty()) continue;
      told.push_back(std::string{name_of(row.status)} + " " + row.action + ": " + row.reason);
    }
    return told;
  }
  CalibrationCode told(Ticket ticket) const {
    const auto* answer = calibration_answer_to(ticket);
    EXPECT_NE(answer, nullptr) << "not answered";
    return answer == nullptr ? CalibrationCode::too_many_requests : answer->code;
  }
  using Told = std::vector<std::string>;
};

// ---- service runs -------------------------------------------------------------------------------

TEST_F(Upkeep, AServiceRunIsInTheLogBeforeItLeaves) {
  log_waits();
  run(cup(100), "c1");
  EXPECT_FALSE(order_call_);
  log_answers();
  ASSERT_TRUE(order_call_);
  EXPECT_EQ(service_run().kind, protocol::ServiceKind::calibrate);
  EXPECT_EQ(std::get<Millilitres>(service_run().extent), Millilitres{100});
  ASSERT_TRUE(service_run().guard);
  EXPECT_EQ(ledger_.rows().back().purpose, Purpose::calibrate);
}

TEST_F(Upkeep, AServiceRunIsSettledByTheMachinesRecord) {
  const Ticket ticket = run(cup(100), "c1");
  accept();
  EXPECT_EQ(answer_to(ticket)->message, "Running into the cup: 100 ml.");
  device_shows(ours_finished("c1", Purpose::calibrate, Millilitres{100}));
  EXPECT_EQ(logged("c1").state, PourState::done);
  EXPECT_EQ(ledger_.rows().back().purpose, Purpose::calibrate);
  EXPECT_FALSE(coordinator_.tap_view(TapIndex{0}, now_).last) << "no guest's pour";
}

TEST_F(Upkeep, AServiceRunWhoseAnswerWasLostIsSentAgainUnderItsId) {
  const Ticket ticket = run(wash(30s), "w1");
  lose_answer();
  EXPECT_EQ(code_of(ticket), AnswerCode::no_answer);
  device_shows(ours(100s + 100ms));
  ASSERT_TRUE(order_call_);
  EXPECT_EQ(service_run().request_id, rid("w1"));
  EXPECT_EQ(std::get<std::chrono::milliseconds>(service_run().extent), 30s);
  EXPECT_TRUE(service_run().confirmed);
}

TEST_F(Upkeep, AServiceRunOfALostServerIsSettledAndNotRunAgain) {
  run(wash(30s), "w1");
  const int sent = orders_sent_;
  happen(RecoverResult{ledger_.recover()});
  device_shows(ours_finished("w1", Purpose::clean, Millilitres{0}));
  EXPECT_EQ(logged("w1").state, PourState::done);
  EXPECT_EQ(orders_sent_, sent);
}

TEST_F(Upkeep, ALongRunIsGivenItsTime) {
  run(wash(60s), "w1");
  accept();
  protocol::DeviceStatus running = ours(110s);
  running.state = protocol::DeviceState::pouring;
  running.details->pour = protocol::RunningPour{
      .request_id = rid("w1"), .requested = {}, .delivered = {}, .purpose = Purpose::clean};
  device_shows(running);
  wait(60s);
  EXPECT_EQ(logged("w1").state, PourState::accepted);
  EXPECT_EQ(coordinator_.tap_view(TapIndex{0}, now_).pour->purpose, Purpose::clean);
  wait(8s);
  EXPECT_EQ(logged("w1").state, PourState::unclear) << "it should have ended long ago";
}

TEST_F(Upkeep, PortionsAreOrderedOneByOneAndBoundedTogether) {
  run(cup(120, 8), "c1");
  EXPECT_EQ(std::get<Millilitres>(service_run().extent), Millilitres{15});
  EXPECT_EQ(service_run().portions, 8);
  EXPECT_EQ(logged("c1").amount_ml, 120);
  EXPECT_EQ(logged("c1").most, Microlitres{8 * (15 * 1150 + 4000)});
}

TEST_F(Upkeep, WhatARunCanGiveIsBoundedByACupAtMost) {
  run(wash(60s), "w1");
  EXPECT_EQ(logged("w1").most, Microlitres{200 * 1150 + 4000});
}

TEST_F(Upkeep, AServiceRunIsRefusedForWhatAPourIsRefusedFor) {
  device_shows([] {
    auto status = ours();
    status.glass_present = false;
    return status;
  }());
  EXPECT_EQ(code_of(run(cup(100), "c1")), AnswerCode::no_glass);
  device_shows(ours());
  run(cup(100), "c2");
  EXPECT_EQ(code_of(run(cup(100), "c3")), AnswerCode::busy);
  EXPECT_EQ(code_of(order(30, "r1")), AnswerCode::busy);
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(Upkeep, AnImpossibleRunIsRefused) {
  EXPECT_EQ(code_of(run(cup(201), "c1")), AnswerCode::amount_out_of_range);
  EXPECT_EQ(answer_to(run(cup(0), "c2"))->message,
            "An amount of 0 ml is not possible: ask for 1 to 200 ml.");
  EXPECT_EQ(code_of(run(wash(61s), "w1")), AnswerCode::amount_out_of_range);
  EXPECT_EQ(code_of(order(61, "r1")), AnswerCode::amount_out_of_range);
  EXPECT_FALSE(order_call_);
}

TEST_F(Upkeep, AKnownKeyIsOneRunOnly) {
  run(cup(100), "c1");
  accept();
  EXPECT_EQ(code_of(run(cup(100), "c1")), AnswerCode::pouring);
  EXPECT_EQ(code_of(run(cup(50), "c1")), AnswerCode::key_conflict);
  EXPECT_EQ(code_of(run(cup(100, 2), "c1")), AnswerCode::key_conflict);
  DispenseRequest prime = cup(100);
  prime.purpose = Purpose::prime;
  EXPECT_EQ(code_of(run(prime, "c1")), AnswerCode::key_conflict);
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(Upkeep, ADeviceOfTheSeedsContractRefusesPolitely) {
  device_shows(idle());
  const Ticket ticket = run(cup(100), "c1");
  EXPECT_EQ(code_of(ticket), AnswerCode::service_unsupported);
  EXPECT_FALSE(order_call_);
  EXPECT_EQ(logged("c1").state, PourState::refused);
  EXPECT_EQ(told(calibration(std::nullopt)), CalibrationCode::service_unsupported);
}

TEST_F(Upkeep, APartialRunIsToldWithoutAnAmountItNeverHad) {
  run(wash(30s), "w1");
  accept();
  auto shown = ours_finished("w1", Purpose::clean, Millilitres{0});
  auto record = shown.details->recent[0];
  record.outcome = protocol::PourOutcome::stopped;
  record.stop_reason = protocol::StopReason::too_slow;
  shown.details->recent.clear();
  shown.details->recent.push_back(record);
  device_shows(shown);
  EXPECT_EQ(ledger_.rows().back().reason,
            "Partial: it flowed too slowly, stopped after 99 ml; check the bottle and the line, "
            "then calibrate the tap.");
}

// ---- calibrations -------------------------------------------------------------------------------

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

TEST_F(Upkeep, WhenItWasAcceptedIsKnownAfterARestart) {
  (void)ledger_.apply(AuditWrite{.tap = tap_named("main"),
                                 .user = user_named("host"),
                                 .status = EventStatus::success,
                                 .action = "accept",
                                 .reason = "Calibration accepted.",
                                 .at = WallTime{} + 5min});
  happen(RecoverResult{ledger_.recover()});
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

TEST_F(Upkeep, AnAcceptanceTheMachineRefusesIsToldAsSuch) {
  const Ticket ticket = calibration(protocol::AcceptCalibration{});
  answer_calibration(report());
  answer_calibration(protocol::CalibrationRefused{.refusal = CalibrationRefusal::busy, .text = {}});
  EXPECT_EQ(told(ticket), CalibrationCode::refused);
  EXPECT_EQ(deeds().back(),
            "failed accept: Calibration not accepted: The pump is running: wait until it is done.");
  EXPECT_TRUE(ledger_.recover().calibrated.empty());
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

}  // namespace
}  // namespace pourtocol::control::testing
