// A resume names the stop it lifts, and lifts no newer one.
#include "backend/control/tests/bar.hpp"

namespace pourtocol::control::testing {
namespace {

class Resume : public Bar {
 protected:
  Resume() : Bar{two_taps()} { device_shows(idle()); }

  void stop_all() {
    stop();
    while (!stop_calls_.empty()) answer_stop(StopResult::stopped);
  }
  bool is_stopped(std::uint32_t tap) const {
    return coordinator_.tap_view(TapIndex{tap}, now_).stopped;
  }
  StopNumber stop_of(std::uint32_t tap) const {
    return coordinator_.tap_view(TapIndex{tap}, now_).stop;
  }
  const ResumeAnswer& told() const { return resume_answers_.back().answer; }
};

TEST_F(Resume, LiftsTheStopItNames) {
  stop_all();
  EXPECT_NE(stop_of(0), StopNumber::none);
  EXPECT_NE(stop_of(1), StopNumber::none);
  resume_from(newest_stop());
  EXPECT_EQ(told().code, ControlCode::ok);
  EXPECT_FALSE(is_stopped(0) || is_stopped(1));
  EXPECT_EQ(stop_of(0), StopNumber::none);
}

TEST_F(Resume, ThatIsOvertakenByANewerStopLiftsNothing) {
  stop_all();
  const StopNumber seen = newest_stop();
  stop_all();
  resume_from(seen);
  EXPECT_EQ(told().code, ControlCode::stopped_again);
  EXPECT_EQ(told().message,
            "Stopped again meanwhile: main, side. Look, and resume anew if all is well.");
  EXPECT_TRUE(is_stopped(0) && is_stopped(1));
  EXPECT_EQ(code_of(order(30, "r1")), AnswerCode::stopped);
}

TEST_F(Resume, AFileThatTellsAnOlderStopForgetsNoNewerOne) {
  stop_all();
  stop_all();
  const StopNumber newest = stop_of(0);
  Recovered older;
  older.held.push_back({.tap = tap_named("main"), .stop = StopNumber{1}});
  ASSERT_GT(newest, StopNumber{1});
  happen(RecoverResult{older});
  EXPECT_EQ(stop_of(0), newest);
}

TEST_F(Resume, LiftsWhatWasNotStoppedAgainAndNamesTheRest) {
  stop_all();
  const StopNumber seen = newest_stop();
  stop(tap_named("side"));
  answer_stop(StopResult::stopped);
  resume_from(seen);
  EXPECT_EQ(told().code, ControlCode::stopped_again);
  EXPECT_EQ(told().still_stopped, std::vector{tap_named("side")});
  EXPECT_FALSE(is_stopped(0));
  EXPECT_TRUE(is_stopped(1));
}

TEST_F(Resume, IsVoidForAStopThatIsStillOnItsWayToTheLog) {
  stop_all();
  const StopNumber seen = newest_stop();
  log_waits();
  stop();
  resume_from(seen);
  log_answers();
  EXPECT_EQ(told().code, ControlCode::stopped_again);
  EXPECT_TRUE(is_stopped(0) && is_stopped(1));
}

TEST_F(Resume, SaysThatATapIsStoppedByWhatCameWhileItWasWritten) {
  stop_all();
  const StopNumber seen = newest_stop();
  log_waits();
  resume_from(seen);
  stop(tap_named("side"));
  log_answers_one();
  EXPECT_EQ(told().code, ControlCode::stopped_again);
  EXPECT_EQ(told().still_stopped, std::vector{tap_named("side")});
  log_answers();
  EXPECT_FALSE(is_stopped(0));
  EXPECT_TRUE(is_stopped(1));
}

TEST_F(Resume, OfWhatIsNotStoppedChangesNothing) {
  stop(tap_named("side"));
  answer_stop(StopResult::stopped);
  const auto stands = ledger::present_state(ledger_).held;
  resume_from(std::nullopt, tap_named("main"));
  EXPECT_EQ(told().code, ControlCode::ok);
  resume_from(newest_stop(), tap_named("main"));
  EXPECT_EQ(told().code, ControlCode::ok);
  EXPECT_EQ(ledger::present_state(ledger_).held, stands);
}

TEST_F(Resume, ComesASecondTimeWithoutHarm) {
  stop_all();
  const StopNumber seen = newest_stop();
  resume_from(seen);
  resume_from(seen);
  EXPECT_EQ(told().code, ControlCode::ok);
  stop_all();
  resume_from(seen);
  EXPECT_EQ(told().code, ControlCode::stopped_again);
  EXPECT_TRUE(is_stopped(0));
}

TEST_F(Resume, HasToSayWhichStopItLifts) {
  stop_all();
  resume_from(std::nullopt);
  EXPECT_EQ(told().code, ControlCode::stop_not_named);
  EXPECT_TRUE(is_stopped(0));
}

TEST_F(Resume, CannotNameAStopThatThereNeverWas) {
  stop_all();
  const StopNumber newest = newest_stop();
  resume_from(StopNumber{static_cast<std::int64_t>(newest) + 1});
  EXPECT_EQ(told().code, ControlCode::stop_not_named);
  resume_from(StopNumber::last);
  EXPECT_EQ(told().code, ControlCode::stop_not_named);
  EXPECT_TRUE(is_stopped(0) && is_stopped(1));
}

TEST_F(Resume, MayNameAStopThatAnotherTapHadBeforeARestart) {
  stop_all();
  const StopNumber newest = stop_of(1);
  resume_from(newest, tap_named("side"));
  server_restarts(two_taps());
  resume_from(newest);
  EXPECT_EQ(told().code, ControlCode::ok);
  EXPECT_FALSE(is_stopped(0));
}

TEST_F(Resume, IsNotTakenAfterItsDeadline) {
  stop_all();
  happen(
      ResumeAsked{.ticket = Ticket{900},
                  .request = {.scope = AllTaps{}, .stop = newest_stop(), .deadline = now_ - 1us}});
  EXPECT_EQ(told().code, ControlCode::too_late);
  EXPECT_TRUE(is_stopped(0));
}

TEST_F(Resume, CanNameAStopThatCouldNotBeWrittenOnceTheLogIsBack) {
  log_is_gone();
  stop_all();
  EXPECT_EQ(stop_of(0), StopNumber::none);
  log_works();
  wait(2s);
  EXPECT_NE(stop_of(0), StopNumber::none);
  EXPECT_EQ(ledger::present_state(ledger_).held.size(), 2U) << "it outlives a restart now";
  resume_from(newest_stop());
  EXPECT_EQ(told().code, ControlCode::ok);
  EXPECT_FALSE(is_stopped(0) || is_stopped(1));
}

TEST_F(Resume, AStopInTheFirstMomentsIsWrittenWhenTheLogHasBeenRead) {
  Coordinator starting{one_tap()};
  ledger::MemoryStorage ledger;
  std::vector<StopAnswer> answers;
  const auto hear = [&](const Event& first) {
    std::deque<Event> events{first};
    while (!events.empty()) {
      Effects effects;
      starting.handle(events.front(), {.instant = now_, .wall = {}}, effects);
      events.pop_front();
      for (Effect& effect : effects) {
        if (auto* write = std::get_if<SubmitWrite>(&effect)) {
          WriteReply reply = ledger::apply(ledger, {}, write->write);
          reply.id = write->id;
          events.emplace_back(std::move(reply));
        } else if (auto* call = std::get_if<CallDeviceStop>(&effect)) {
          events.emplace_back(
              StopAnswered{.tap = call->tap, .call = call->id, .result = StopResult::stopped});
        } else if (auto* answer = std::get_if<AnswerStop>(&effect)) {
          answers.push_back(answer->answer);
        }
      }
    }
  };
  hear(Begin{});
  hear(StopAsked{.ticket = Ticket{1}, .scope = AllTaps{}});
  EXPECT_TRUE(starting.tap_view(TapIndex{0}, now_).stopped);
  EXPECT_TRUE(answers.empty());
  hear(RecoverResult{ledger::present_state(ledger)});
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].code, ControlCode::ok);
  EXPECT_EQ(ledger::present_state(ledger).held.size(), 1U);
}

TEST_F(Resume, AStopInTheFirstMomentsIsNotCalledRecordedWhenTheLogCannotBeRead) {
  Coordinator starting{one_tap()};
  Effects effects;
  const auto hear = [&](const Event& event) {
    starting.handle(event, {.instant = now_, .wall = {}}, effects);
  };
  hear(StopAsked{.ticket = Ticket{1}, .scope = AllTaps{}});
  const auto& call =
      std::get<CallDeviceStop>(*std::find_if(effects.begin(), effects.end(), [](const Effect& one) {
        return std::holds_alternative<CallDeviceStop>(one);
      }));
  hear(StopAnswered{.tap = call.tap, .call = call.id, .result = StopResult::stopped});
  hear(RecoverResult{RecoverFailed{"no disk"}});
  EXPECT_EQ(std::get<AnswerStop>(effects.back()).answer.code, ControlCode::store_failed);
}

}  // namespace
}  // namespace pourtocol::control::testing
