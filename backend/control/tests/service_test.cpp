// Service runs: a host looks after the machine.
#include "backend/control/tests/upkeep.hpp"

namespace pourtocol::control::testing {
namespace {

using protocol::Purpose;

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
  happen(RecoverResult{ledger::present_state(ledger_)});
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

TEST_F(Upkeep, EachKindOfRunIsOrderedAsSuchAndToldInItsOwnWords) {
  using protocol::ServiceKind;
  const auto done = [&](const DispenseRequest& request, std::string_view id) {
    const Ticket ticket = run(request, id);
    const ServiceKind kind = service_run().kind;
    accept();
    device_shows(ours_finished(id, request.purpose,
                               Millilitres{static_cast<std::int32_t>(request.amount_ml)}));
    EXPECT_EQ(logged(id).state, PourState::done);
    return std::pair{kind, answer_to(ticket)->message};
  };
  DispenseRequest prime = cup(50);
  prime.purpose = Purpose::prime;
  DispenseRequest dry = wash(4500ms);
  dry.purpose = Purpose::empty_line;
  EXPECT_EQ(done(cup(120, 8), "c1"),
            std::pair(ServiceKind::calibrate, std::string{"Running into the cup 8 times 15 ml."}));
  EXPECT_EQ(done(prime, "p1"),
            std::pair(ServiceKind::prime, std::string{"Priming the line: 50 ml."}));
  EXPECT_EQ(done(wash(30s), "w1"),
            std::pair(ServiceKind::clean, std::string{"Cleaning for 30 s."}));
  EXPECT_EQ(done(dry, "e1"),
            std::pair(ServiceKind::empty_line, std::string{"Emptying the line for 4.5 s."}));
}

TEST_F(Upkeep, ARunOfAnotherTimeIsAnotherRun) {
  run(wash(30s), "w1");
  accept();
  EXPECT_EQ(code_of(run(wash(30s), "w1")), AnswerCode::pouring);
  EXPECT_EQ(code_of(run(wash(20s), "w1")), AnswerCode::key_conflict);
}

TEST_F(Upkeep, AMachineThatTurnsOutToKnowNoServiceRunsIsSentNone) {
  device_is_silent();
  wait(1s);
  const Ticket ticket = run(cup(100), "c1");
  device_shows(idle());  // another machine under its address
  EXPECT_EQ(code_of(ticket), AnswerCode::service_unsupported);
  EXPECT_EQ(orders_sent_, 0);
}

TEST_F(Upkeep, ARunWhoseEndIsToldLateIsNotShownAsAGuestsPour) {
  order(30, "r1");
  accept();
  device_shows(ours_finished("r1", Purpose::pour, Millilitres{30}));
  ASSERT_EQ(logged("r1").state, PourState::done);
  run(cup(100), "c1");
  lose_answer();
  device_is_silent();
  wait(90s);
  ASSERT_EQ(logged("c1").state, PourState::unknown);
  device_shows(ours_finished("c1", Purpose::calibrate, Millilitres{100}));
  wait(1s);
  EXPECT_EQ(logged("c1").state, PourState::done);
  EXPECT_EQ(coordinator_.tap_view(TapIndex{0}, now_).last->request_id, rid("r1"));
}

}  // namespace
}  // namespace pourtocol::control::testing
