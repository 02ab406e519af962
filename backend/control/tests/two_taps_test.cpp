// Two taps: who is meant, and what one machine says beside the other.
#include "backend/control/tests/bar.hpp"

namespace pourtocol::control::testing {
namespace {

class TwoTaps : public Bar {
 protected:
  TwoTaps() : Bar{two_taps()} { device_shows(idle()); }

  static TapName side() { return tap_named("side"); }
  TapView view(std::uint32_t tap) const { return coordinator_.tap_view(TapIndex{tap}, now_); }
};

TEST_F(TwoTaps, AnOrderGoesToTheTapItNames) {
  order(30, "r1", "ann", side());
  answer_status();
  ASSERT_TRUE(order_call_);
  EXPECT_EQ(order_call_->tap, TapIndex{1});
  EXPECT_EQ(logged("r1").tap, side());
  EXPECT_FALSE(view(0).pour);
}

TEST_F(TwoTaps, AnOrderForATapThatIsNotThereIsRefusedWithoutARow) {
  const Ticket guest = order(30, "r1", "ann", tap_named("attic"));
  EXPECT_EQ(code_of(guest), AnswerCode::unknown_tap);
  EXPECT_EQ(ledger_.pour(rid("r1")), nullptr);
}

TEST_F(TwoTaps, AKeyBelongsToTheTapItWasUsedAt) {
  order(30, "r1");
  answer_status();
  accept();
  const Ticket elsewhere = order(30, "r1", "ann", side());
  answer_status();
  EXPECT_EQ(code_of(elsewhere), AnswerCode::key_conflict);
  const Ticket impossible = order(61, "r1", "ann", side());
  EXPECT_EQ(code_of(impossible), AnswerCode::key_conflict);
  order(61, "r2");
  EXPECT_EQ(code_of(order(61, "r2", "ann", side())), AnswerCode::key_conflict);
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(TwoTaps, AStopOfOneTapHoldsTheOtherNot) {
  stop(side());
  answer_stop(StopResult::stopped);
  EXPECT_FALSE(view(0).stopped);
  EXPECT_TRUE(view(1).stopped);
  EXPECT_EQ(stop_answers_.at(0).answer.taps.size(), 1U);
  resume(side());
  EXPECT_EQ(resume_answers_.at(0).answer.code, ControlCode::ok);
  EXPECT_FALSE(view(1).stopped);
}

TEST_F(TwoTaps, AStopOrAResumeOfATapThatIsNotThereSaysSo) {
  stop(tap_named("attic"));
  resume(tap_named("attic"));
  EXPECT_EQ(stop_answers_.at(0).answer.code, ControlCode::unknown_tap);
  EXPECT_EQ(resume_answers_.at(0).answer.code, ControlCode::unknown_tap);
  EXPECT_TRUE(stop_calls_.empty());
}

TEST_F(TwoTaps, AMachineThatDidNotAnswerIsToldBeforeOneThatKnowsNoStop) {
  device_shows(pouring());
  wait(1s);
  stop();
  answer_stop(StopResult::no_answer);
  EXPECT_TRUE(stop_answers_.empty()) << "the other may still answer";
  answer_stop(StopResult::unsupported);
  ASSERT_EQ(stop_answers_.size(), 1U);
  const StopAnswer& answer = stop_answers_[0].answer;
  EXPECT_EQ(answer.message,
            "Not every machine answered: look at it, and cut its power if it pours.");
  EXPECT_EQ(answer.taps[0].code, TapStopCode::no_answer);
  EXPECT_EQ(answer.taps[1].code, TapStopCode::cannot_stop);
}

TEST_F(TwoTaps, TwoStopsAtATimeAreEachAnsweredForTheirOwn) {
  log_waits();
  stop(tap_named("main"));
  stop(side());
  answer_stop(StopResult::stopped);
  answer_stop(StopResult::no_answer);
  log_answers_one();
  ASSERT_EQ(stop_answers_.size(), 1U) << "the row of the other is not there yet";
  log_answers();
  ASSERT_EQ(stop_answers_.size(), 2U);
  EXPECT_EQ(stop_answers_[0].answer.taps[0].tap, tap_named("main"));
  EXPECT_EQ(stop_answers_[0].answer.taps[0].code, TapStopCode::not_pouring);
  EXPECT_EQ(stop_answers_[1].answer.taps[0].tap, side());
  EXPECT_EQ(stop_answers_[1].answer.taps[0].code, TapStopCode::no_answer);
}

}  // namespace
}  // namespace pourtocol::control::testing
