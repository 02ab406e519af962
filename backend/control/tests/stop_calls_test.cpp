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
  while (!stop_calls_.empty()) answer_stop(StopResult::stopped);
  EXPECT_EQ(answered_with(TapStopCode::not_pouring), 900);
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

TEST_F(ManyStops, AfterAllWereAnsweredStartFromNew) {
  press_stop(5);
  while (!stop_calls_.empty()) answer_stop(StopResult::stopped);
  press_stop(1);
  EXPECT_EQ(stop_calls_.size(), 1U);
}

}  // namespace
}  // namespace pourtocol::control::testing
