// Many people press STOP at once: what the machine hears of it, and who is told what.
#include "backend/control/tests/bar.hpp"

namespace pourtocol::control::testing {
namespace {

class ManyStops : public Bar {
 protected:
  ManyStops() : Bar{two_taps()} { device_shows(idle()); }

  void press_stop(int times) {
    for (int i = 0; i < times; ++i) stop(tap_named("main"));
  }
  int answered_with(TapStopCode code) const {
    return static_cast<int>(std::ranges::count_if(stop_answers_, [&](const AnswerStop& told) {
      return told.answer.taps.at(0).code == code;
    }));
  }
};

TEST_F(ManyStops, CallAMachineTwiceAtATimeAtMost) {
  press_stop(900);
  EXPECT_EQ(stop_calls_.size(), 2U);
  answer_stop(StopResult::stopped);
  EXPECT_EQ(stop_calls_.size(), 2U) << "the one that follows, for all who have not been answered";
}

TEST_F(ManyStops, AreEachAnswered) {
  press_stop(900);
  int calls = 0;
  for (; !stop_calls_.empty(); ++calls) answer_stop(StopResult::stopped);
  EXPECT_EQ(answered_with(TapStopCode::not_pouring), 900);
  EXPECT_EQ(calls, 3) << "two that left at once, and one for all who came after them";
}

TEST_F(ManyStops, AreAnsweredByNoCallThatLeftBeforeThem) {
  press_stop(2);
  press_stop(1);
  answer_stop(StopResult::stopped);
  answer_stop(StopResult::stopped);
  EXPECT_EQ(stop_answers_.size(), 2U) << "the third's own call has only just left";
  answer_stop(StopResult::no_answer);
  EXPECT_EQ(answered_with(TapStopCode::no_answer), 1);
}

TEST_F(ManyStops, GoOnWhenACallHangs) {
  press_stop(3);
  answer_stop(StopResult::no_answer);
  answer_stop(StopResult::stopped);
  answer_stop(StopResult::stopped);
  EXPECT_EQ(answered_with(TapStopCode::no_answer), 1);
  EXPECT_EQ(answered_with(TapStopCode::not_pouring), 2);
}

TEST_F(ManyStops, AtOneMachineHoldUpNoOther) {
  press_stop(900);
  stop(tap_named("side"));
  EXPECT_EQ(stop_calls_.back().tap, TapIndex{1});
}

TEST_F(ManyStops, BeforeAndAfterAnOrderAreDifferentStops) {
  press_stop(2);
  resume();
  order(30, "r1");
  answer_status();
  stop(rid("r1"));
  ASSERT_EQ(stop_calls_.size(), 3U);
  EXPECT_EQ(stop_calls_.back().call.stop.request_id, rid("r1"));
}

TEST_F(ManyStops, OfTwoPoursCallAMachineTwiceForEachAtMost) {
  press_stop(3);
  resume();
  order(30, "r1");
  answer_status();
  for (int i = 0; i < 100; ++i) stop(rid("r1"));
  EXPECT_EQ(stop_calls_.size(), 4U);
  while (!stop_calls_.empty()) answer_stop(StopResult::stopped);
  EXPECT_EQ(stop_answers_.size(), 103U);
}

TEST_F(ManyStops, ThatWaitForOneMachineMakeRoomTheLongestFirst) {
  const auto most = static_cast<int>(two_taps().stops_waiting_per_tap);
  press_stop(most);
  EXPECT_TRUE(stop_answers_.empty());
  press_stop(7);
  ASSERT_EQ(stop_answers_.size(), 7U);
  EXPECT_EQ(answered_with(TapStopCode::no_answer), 7);
  EXPECT_TRUE(std::ranges::is_sorted(stop_answers_, {}, &AnswerStop::ticket));
  stop(tap_named("side"));
  EXPECT_EQ(stop_answers_.size(), 7U) << "who waits for another machine is in nobody's way";
  while (!stop_calls_.empty()) answer_stop(StopResult::stopped);
  EXPECT_EQ(answered_with(TapStopCode::not_pouring), most + 1);
}

TEST_F(ManyStops, OfAllTapsStillWaitForTheOthers) {
  stop(AllTaps{});
  press_stop(static_cast<int>(two_taps().stops_waiting_per_tap));
  EXPECT_TRUE(stop_answers_.empty()) << "the other machine may still answer";
  while (!stop_calls_.empty()) answer_stop(StopResult::stopped);
  EXPECT_EQ(answered_with(TapStopCode::no_answer), 1);
}

TEST_F(ManyStops, ShareTheRowThatIsOnItsWayAndItsFate) {
  log_waits();
  press_stop(50);
  stop(tap_named("side"));
  while (!stop_calls_.empty()) answer_stop(StopResult::stopped);
  EXPECT_TRUE(stop_answers_.empty()) << "not before they are durable";
  log_answers();
  EXPECT_EQ(answered_with(TapStopCode::not_pouring), 51);
  EXPECT_EQ(newest_stop(), StopNumber{2}) << "one for each tap";
  press_stop(1);
  EXPECT_EQ(newest_stop(), StopNumber{3}) << "the one before may have been seen, and resumed";
}

TEST_F(ManyStops, AreAllToldThatTheirRowFailed) {
  log_waits();
  press_stop(3);
  log_fails();
  log_answers_one();
  while (!stop_calls_.empty()) answer_stop(StopResult::stopped);
  ASSERT_EQ(stop_answers_.size(), 3U);
  for (const AnswerStop& told : stop_answers_) {
    EXPECT_EQ(told.answer.code, ControlCode::store_failed);
  }
}

TEST_F(ManyStops, AfterAllWereAnsweredStartFromNew) {
  press_stop(5);
  while (!stop_calls_.empty()) answer_stop(StopResult::stopped);
  press_stop(1);
  EXPECT_EQ(stop_calls_.size(), 1U);
}

}  // namespace
}  // namespace pourtocol::control::testing
