// Stopping, the loss of the log, restarts and shutdown.
#include "backend/control/tests/bar.hpp"
#include "backend/control/wording.hpp"

namespace pourtocol::control::testing {
namespace {

class StopAndLog : public Bar {
 protected:
  StopAndLog() { device_shows(idle()); }

  Ticket order_under_way(std::string_view id = "r1") {
    const Ticket ticket = order(30, id);
    answer_status();
    return ticket;
  }
};

TEST_F(StopAndLog, StopHoldsUntilResumed) {
  stop();
  answer_stop(StopResult::stopped);
  ASSERT_EQ(stop_answers_.size(), 1U);
  EXPECT_EQ(stop_answers_[0].answer.taps[0].code, TapStopCode::not_pouring);
  EXPECT_EQ(code_of(order(30, "r1")), AnswerCode::stopped);
  resume();
  ASSERT_EQ(resume_answers_.size(), 1U);
  order_under_way("r2");
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(StopAndLog, StopReachesTheDeviceBeforeTheLog) {
  order_under_way();
  accept();
  log_waits();
  stop();
  ASSERT_FALSE(stop_calls_.empty());
  EXPECT_EQ(stop_calls_.front().call.stop.request_id, rid("r1"));
  answer_stop(StopResult::stopped);
  EXPECT_TRUE(stop_answers_.empty()) << "not answered before the stop is durable";
  log_answers();
  EXPECT_EQ(stop_answers_.size(), 1U);
}

TEST_F(StopAndLog, AnOrderNotYetSentIsNeverSentAfterAStop) {
  log_waits();
  const Ticket guest = order_under_way();
  stop(rid("r1"));
  log_answers();
  EXPECT_EQ(orders_sent_, 0);
  EXPECT_EQ(code_of(guest), AnswerCode::stopped);
  EXPECT_EQ(course_of("r1"), "sending/checks_passed not_sent/stopped_before_sending");
  const Ticket again = order(30, "r1");
  answer_status();
  EXPECT_EQ(code_of(again), AnswerCode::stopped);
}

TEST_F(StopAndLog, StoppingOnePourHoldsNothing) {
  order_under_way();
  accept();
  stop(rid("r1"));
  answer_stop(StopResult::stopped);
  EXPECT_FALSE(coordinator_.tap_view(TapIndex{0}, now_).stopped);
}

TEST_F(StopAndLog, SaysWhenAMachineKnowsNoStop) {
  order_under_way();
  accept();
  stop();
  answer_stop(StopResult::unsupported);
  EXPECT_EQ(stop_answers_[0].answer.taps[0].code, TapStopCode::cannot_stop);
}

TEST_F(StopAndLog, NothingIsSentWhenStartedCannotBeWritten) {
  log_fails();
  const Ticket guest = order_under_way();
  EXPECT_EQ(code_of(guest), AnswerCode::store_failed);
  EXPECT_EQ(orders_sent_, 0);
  EXPECT_EQ(recoveries_, 2) << "once at the start, once to read the truth";
}

TEST_F(StopAndLog, ATapIsReadyOnlyOnceTheLogCanBeWritten) {
  Coordinator starting{one_tap()};
  Effects effects;
  const auto is_ready = [&] { return !starting.tap_view(TapIndex{0}, now_).blocked; };
  const auto hear = [&](const Event& event) {
    effects.clear();
    starting.handle(event, {.instant = now_, .wall = {}}, effects);
  };
  hear(Begin{});
  const auto* call = std::get_if<CallDeviceStatus>(&effects.back());
  ASSERT_NE(call, nullptr);
  hear(StatusAnswered{
      .tap = TapIndex{0}, .call = call->id, .asked_at = now_, .result = StatusReceived{idle()}});
  EXPECT_FALSE(is_ready());
  EXPECT_EQ(starting.tap_view(TapIndex{0}, now_).blocked->cause, Cause::starting);
  hear(RecoverResult{ledger::present_state(ledger_)});
  EXPECT_TRUE(is_ready());
  const bool announced = std::any_of(effects.begin(), effects.end(), [](const Effect& effect) {
    return std::holds_alternative<TapChanged>(effect);
  });
  EXPECT_TRUE(announced);
}

TEST_F(StopAndLog, ALogLostWithNothingToWriteBlocksItsTapsAndIsToldOnce) {
  Coordinator bar{one_tap()};
  Effects effects;
  const auto hear = [&](const Event& event) {
    effects.clear();
    bar.handle(event, {.instant = now_, .wall = {}}, effects);
  };
  const auto warnings = [&] {
    return std::count_if(effects.begin(), effects.end(),
                         [](const Effect& effect) { return std::holds_alternative<Warn>(effect); });
  };
  hear(Begin{});
  const auto* call = std::get_if<CallDeviceStatus>(&effects.back());
  ASSERT_NE(call, nullptr);
  hear(StatusAnswered{
      .tap = TapIndex{0}, .call = call->id, .asked_at = now_, .result = StatusReceived{idle()}});
  hear(RecoverResult{ledger::present_state(ledger_)});
  ASSERT_FALSE(bar.tap_view(TapIndex{0}, now_).blocked);

  const RecoverResult lost{RecoverFailed{.what = "bar.db was removed.", .file_lost = true}};
  hear(lost);
  EXPECT_EQ(warnings(), 1);
  const auto blocked = bar.tap_view(TapIndex{0}, now_).blocked;
  ASSERT_TRUE(blocked);
  EXPECT_EQ(blocked->cause, Cause::log_failed);
  EXPECT_EQ(blocked->action, action_for_lost_log);
  const auto log = bar.why(TapIndex{0}, now_).interlocks.front();
  EXPECT_EQ(log.value, "bar.db was removed.");
  EXPECT_EQ(log.kind, InterlockKind::file_lost);
  hear(lost);
  EXPECT_EQ(warnings(), 0) << "told once";
  hear(RecoverResult{ledger::present_state(ledger_)});
  EXPECT_EQ(warnings(), 1) << "and that it is over";
  EXPECT_FALSE(bar.tap_view(TapIndex{0}, now_).blocked);
}

TEST_F(StopAndLog, AStartThatWasWrittenAfterAllIsNeverSent) {
  // The COMMIT failed, yet the row is there after reopening.
  log_fails();
  order_under_way();
  StartWrite written;
  written.pour.request_id = rid("r9");
  written.pour.tap = tap_named("main");
  written.pour.amount_ml = 30;
  ASSERT_TRUE(std::holds_alternative<Started>(ledger::apply(ledger_, {}, written).result));
  log_works();
  happen(RecoverResult{ledger::present_state(ledger_)});
  EXPECT_EQ(logged("r9").state, PourState::unclear);
  wait(60s);
  EXPECT_EQ(orders_sent_, 0);
  EXPECT_EQ(logged("r9").state, PourState::unknown);
}

TEST_F(StopAndLog, ARestartedServerSettlesWhatWasOpen) {
  order_under_way();
  accept();
  Coordinator restarted{one_tap()};
  Effects effects;
  restarted.handle(RecoverResult{ledger::present_state(ledger_)}, {.instant = now_, .wall = {}},
                   effects);
  bool unclear = false;
  for (const Effect& effect : effects) {
    EXPECT_FALSE(std::holds_alternative<CallDeviceOrder>(effect));
    const auto* write = std::get_if<SubmitWrite>(&effect);
    if (write == nullptr) continue;
    const auto& step = std::get<StepWrite>(write->write);
    unclear = step.pour.state == PourState::unclear && step.pour.cause == Cause::server_restarted;
  }
  EXPECT_TRUE(unclear);
}

TEST_F(StopAndLog, ARestartedServerStillHoldsWhatWasStopped) {
  stop();
  Coordinator restarted{one_tap()};
  Effects effects;
  restarted.handle(RecoverResult{ledger::present_state(ledger_)}, {.instant = now_, .wall = {}},
                   effects);
  EXPECT_TRUE(restarted.tap_view(TapIndex{0}, now_).stopped);
}

TEST_F(StopAndLog, APourOfATapThatIsGoneIsClosed) {
  order_under_way();
  accept();
  Settings other = one_tap();
  other.taps[0].name = tap_named("other");
  Coordinator restarted{other};
  Effects effects;
  restarted.handle(RecoverResult{ledger::present_state(ledger_)}, {.instant = now_, .wall = {}},
                   effects);
  PourState last = PourState::fresh;
  for (const Effect& effect : effects) {
    if (const auto* write = std::get_if<SubmitWrite>(&effect)) {
      last = std::get<StepWrite>(write->write).pour.state;
    }
  }
  EXPECT_EQ(last, PourState::unknown);
}

TEST_F(StopAndLog, ShutdownTakesNoNewOrderAndWaitsForTheRunningOne) {
  order_under_way();
  accept();
  happen(ShutdownAsked{});
  EXPECT_FALSE(shutdown_ready_);
  EXPECT_EQ(code_of(order(30, "r2")), AnswerCode::shutting_down);
  wait(30s);
  EXPECT_EQ(logged("r1").state, PourState::done);
  EXPECT_TRUE(shutdown_ready_);
}

TEST_F(StopAndLog, WhySaysWhatToDo) {
  device_shows(idle(100s, /*glass=*/false));
  wait(1s);
  const WhyView why = coordinator_.why(TapIndex{0}, now_);
  int failing = 0;
  for (const Interlock& lock : why.interlocks) {
    if (lock.ok) {
      EXPECT_TRUE(lock.action.empty()) << name_of(lock.name);
    } else {
      ++failing;
      EXPECT_EQ(lock.name, InterlockName::glass_present);
      EXPECT_EQ(lock.action, "Place a glass.");
    }
  }
  EXPECT_EQ(failing, 1);
}

TEST_F(StopAndLog, APourIsStoppedWhileItsMachineIsBeingAsked) {
  const Ticket guest = order(30, "r1");
  stop(rid("r1"));
  EXPECT_EQ(code_of(guest), AnswerCode::stopped);
  EXPECT_EQ(stop_answers_.at(0).answer.taps[0].code, TapStopCode::stopped);
  answer_status();
  EXPECT_EQ(orders_sent_, 0);
  EXPECT_TRUE(stop_calls_.empty()) << "the machine has heard of nothing";
  EXPECT_FALSE(coordinator_.tap_view(TapIndex{0}, now_).stopped);
}

TEST_F(StopAndLog, AStopOfAPourThatIsOverSaysSo) {
  order_under_way();
  accept();
  wait(30s);
  stop(rid("r1"));
  EXPECT_EQ(stop_answers_.at(0).answer.code, ControlCode::unknown_request);
  EXPECT_TRUE(stop_calls_.empty());
}

TEST_F(StopAndLog, ShutdownSendsNoOrderWhoseRowComesAfterIt) {
  log_waits();
  const Ticket guest = order_under_way();
  happen(ShutdownAsked{});
  log_answers();
  EXPECT_EQ(orders_sent_, 0);
  EXPECT_EQ(code_of(guest), AnswerCode::shutting_down);
  EXPECT_EQ(answer_to(guest)->message, "The server is being shut down; nothing was poured.");
  EXPECT_EQ(course_of("r1"), "sending/checks_passed not_sent/shutting_down");
  EXPECT_TRUE(shutdown_ready_);
}

TEST_F(StopAndLog, ShutdownDropsAnOrderWhoseMachineIsBeingAsked) {
  const Ticket guest = order(30, "r1");
  happen(ShutdownAsked{});
  EXPECT_EQ(code_of(guest), AnswerCode::shutting_down);
  answer_status();
  EXPECT_EQ(orders_sent_, 0);
  EXPECT_TRUE(shutdown_ready_);
}

}  // namespace
}  // namespace pourtocol::control::testing
