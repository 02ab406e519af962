// The log fails, or is full, or says something else than the coordinator remembers.
#include "backend/control/tests/bar.hpp"

namespace pourtocol::control::testing {
namespace {

class LogLoss : public Bar {
 protected:
  LogLoss() { device_shows(idle()); }

  Ticket order_under_way(std::string_view id = "r1") {
    const Ticket ticket = order(30, id);
    answer_status();
    EXPECT_TRUE(order_call_);
    return ticket;
  }
  /// A pour that the file knows and the coordinator does not.
  Pour written_by_another(std::string_view id) {
    StartWrite written;
    written.pour.request_id = rid(id);
    written.pour.tap = tap_named("main");
    written.pour.amount_ml = 30;
    EXPECT_TRUE(std::holds_alternative<Started>(ledger::apply(ledger_, {}, written).result));
    return logged(id);
  }
};

TEST_F(LogLoss, WhoseOrderWasSentIsNotToldThatNothingWas) {
  const Ticket guest = order_under_way();
  log_is_gone();
  accept();
  EXPECT_EQ(code_of(guest), AnswerCode::no_answer);
  EXPECT_EQ(answer_to(guest)->request_id, rid("r1"));
  EXPECT_EQ(answer_to(guest)->message,
            "The order was sent, but the log cannot be written now: follow the request id, and do "
            "not order again yet.");
}

TEST_F(LogLoss, WhoseOrderIsOnItsWayIsNotToldThatNothingWasSent) {
  const Ticket guest = order_under_way();
  log_is_gone();
  stop();  // whose row is the first that fails
  EXPECT_EQ(code_of(guest), AnswerCode::no_answer);
  EXPECT_EQ(answers_.size(), 1U);
}

TEST_F(LogLoss, AnAnswerThatComesAfterTheLogIsLostIsForNobody) {
  order_under_way();
  log_is_gone();
  stop();
  accept();
  EXPECT_EQ(logged("r1").state, PourState::sending) << "nobody waits for it any more";
  log_works();
  wait(2s);
  EXPECT_EQ(logged("r1").state, PourState::unclear) << "taken up again from the file";
  wait(60s);
  EXPECT_TRUE(is_final(logged("r1").state));
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(LogLoss, IsHealedByTryingAgainAndAgain) {
  log_is_gone();
  order(61, "r1");
  const int tried = recoveries_;
  wait(3s);
  EXPECT_EQ(recoveries_, tried + 3) << "once a second";
  log_works();
  wait(1s);
  order_under_way("r2");
  EXPECT_EQ(recoveries_, tried + 4) << "not once more";
}

TEST_F(LogLoss, OfADiskThatCanOnlyBeReadIsMendedOnceASecond) {
  order_under_way();
  log_fails();
  accept();  // whose row fails, as does that of taking the pour up again
  const int tried = recoveries_;
  wait(5s);
  EXPECT_GE(recoveries_, tried + 4);
  EXPECT_LE(recoveries_, tried + 6);
  log_works();
  wait(60s);
  EXPECT_TRUE(is_final(logged("r1").state));
}

TEST_F(LogLoss, TakesNoOrderAndNoResume) {
  log_is_gone();
  EXPECT_EQ(code_of(order(61, "r1")), AnswerCode::store_failed) << "a refusal that has no row";
  EXPECT_EQ(code_of(order(30, "r2")), AnswerCode::store_failed);
  resume();
  ASSERT_EQ(resume_answers_.size(), 1U);
  EXPECT_EQ(resume_answers_[0].answer.code, ControlCode::store_failed);
  EXPECT_EQ(orders_sent_, 0);
}

TEST_F(LogLoss, AStopTakesEffectThoughItCannotBeRecorded) {
  log_is_gone();
  stop();
  answer_stop(StopResult::stopped);
  ASSERT_EQ(stop_answers_.size(), 1U);
  EXPECT_EQ(stop_answers_[0].answer.code, ControlCode::store_failed);
  EXPECT_NE(stop_answers_[0].answer.message.find("could not be recorded"), std::string::npos);
  stop();  // now it is known that the log is gone
  answer_stop(StopResult::stopped);
  ASSERT_EQ(stop_answers_.size(), 2U);
  EXPECT_EQ(stop_answers_[1].answer.code, ControlCode::store_failed);
  log_works();
  wait(2s);
  EXPECT_EQ(code_of(order(30, "r1")), AnswerCode::stopped) << "it still holds";
}

TEST_F(LogLoss, AResumeThatCannotBeRecordedDoesNotResume) {
  stop();
  log_fails();
  resume();
  ASSERT_EQ(resume_answers_.size(), 1U);
  EXPECT_EQ(resume_answers_[0].answer.code, ControlCode::store_failed);
  log_works();
  EXPECT_EQ(code_of(order(30, "r1")), AnswerCode::stopped);
}

TEST_F(LogLoss, AFullQueueSendsNothing) {
  log_is_full_up();
  const Ticket guest = order(30, "r1");
  answer_status();
  EXPECT_EQ(code_of(guest), AnswerCode::overloaded);
  EXPECT_EQ(code_of(order(61, "r2")), AnswerCode::overloaded);
  EXPECT_EQ(answer_to(guest)->message, "The server has too much to do: try again in a moment.");
  EXPECT_EQ(orders_sent_, 0);
  log_works();
  order_under_way("r3");
}

TEST_F(LogLoss, AFileThatKnowsOfAStopRefusesTheStart) {
  (void)ledger::apply(ledger_, {}, HoldWrite{.taps = {tap_named("main")}, .held = true, .at = {}});
  const Ticket guest = order(30, "r1");
  answer_status();
  EXPECT_EQ(code_of(guest), AnswerCode::stopped);
  EXPECT_EQ(orders_sent_, 0);
}

TEST_F(LogLoss, AFileThatKnowsOfAnOpenPourRefusesTheStart) {
  Pour pour = written_by_another("r9");
  const Ticket guest = order(30, "r1");
  answer_status();
  EXPECT_EQ(code_of(guest), AnswerCode::busy);
  pour.state = PourState::unclear;
  (void)ledger::apply(ledger_, {}, StepWrite{.from = PourState::sending, .pour = pour});
  const Ticket next = order(30, "r2");
  answer_status();
  EXPECT_EQ(code_of(next), AnswerCode::unclear_pour);
  EXPECT_EQ(orders_sent_, 0);
}

TEST_F(LogLoss, AStopThatComesBetweenAResumeAndItsRowIsKept) {
  stop();
  log_waits();
  resume();
  stop();
  log_answers_one();  // the resume's row
  const Ticket guest = order(30, "r1");
  answer_status();
  log_answers();  // the stop's row, then the start
  EXPECT_EQ(code_of(guest), AnswerCode::stopped);
  EXPECT_EQ(orders_sent_, 0);
}

TEST_F(LogLoss, APourThatWasUnclearAlreadyIsTakenUpAsItIs) {
  order_under_way();
  lose_answer();
  happen(RecoverResult{ledger::present_state(ledger_)});
  EXPECT_EQ(course_of("r1"), "sending/checks_passed unclear/answer_timed_out");
}

TEST_F(LogLoss, AnUnclearPourOfATapThatIsGoneIsClosedInOneStep) {
  order_under_way();
  lose_answer();
  Settings other = one_tap();
  other.taps[0].name = tap_named("other");
  Coordinator restarted{other};
  Effects effects;
  restarted.handle(RecoverResult{ledger::present_state(ledger_)}, {.instant = now_, .wall = {}},
                   effects);
  std::vector<PourState> steps;
  for (const Effect& effect : effects) {
    if (const auto* write = std::get_if<SubmitWrite>(&effect)) {
      steps.push_back(std::get<StepWrite>(write->write).pour.state);
    }
  }
  EXPECT_EQ(steps, std::vector{PourState::unknown});
}

TEST_F(LogLoss, APourTakenUpIsShownBeforeItsMachineHasAnswered) {
  order_under_way();
  lose_answer();
  Coordinator restarted{one_tap()};
  Effects effects;
  restarted.handle(RecoverResult{ledger::present_state(ledger_)}, {.instant = now_, .wall = {}},
                   effects);
  const TapView view = restarted.tap_view(TapIndex{0}, now_);
  ASSERT_TRUE(view.pour);
  EXPECT_EQ(view.pour->phase, PourPhase::unclear);
  EXPECT_FALSE(view.pour->delivered);
  EXPECT_EQ(view.blocked->cause, Cause::unclear_pour);
}

TEST_F(LogLoss, AnAnswerThatComesAfterThePourWasTakenUpIsForNobody) {
  order_under_way();
  log_is_gone();
  stop();
  log_works();
  wait(2s);
  ASSERT_EQ(logged("r1").cause, Cause::server_restarted);
  accept();
  EXPECT_EQ(logged("r1").state, PourState::unclear);
  EXPECT_FALSE(logged("r1").accepted) << "the record is settled by what the machine shows";
}

TEST_F(LogLoss, OfAWholeQueueIsOneLoss) {
  log_waits();
  const Ticket first = order(61, "r1");
  const Ticket second = order(62, "r2");
  const int read = recoveries_;
  log_is_gone();
  log_answers_one();
  log_answers_one();
  EXPECT_EQ(code_of(first), AnswerCode::store_failed);
  EXPECT_EQ(code_of(second), AnswerCode::store_failed);
  EXPECT_EQ(recoveries_, read + 1);
}

}  // namespace
}  // namespace pourtocol::control::testing
