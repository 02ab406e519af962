// An order of our firmware whose answer was lost: when it is sent again, and when never.
#include "backend/control/tests/our_firmware.hpp"

namespace pourtocol::control::testing {
namespace {

TEST_F(OurFirmware, GetsTheSameOrderAgainIfItNeverArrived) {
  order_under_way();
  lose_answer();
  device_shows(status(102s));
  wait(200ms);
  ASSERT_EQ(orders_sent_, 2);
  EXPECT_EQ(drink().request_id, rid("r1"));
  EXPECT_EQ(drink().guard->expires, Uptime{105s}) << "the deadline stays the same";
  accept();
  EXPECT_EQ(course_of("r1"),
            "sending/checks_passed unclear/answer_timed_out sending/sent_again "
            "accepted/device_accepted");
}

TEST_F(OurFirmware, IsNotSentToAgainOnWordFromBeforeTheAnswerWasLost) {
  order_under_way();
  device_shows(status(100s));  // asked before
  lose_answer();
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(OurFirmware, KeepsTheFirstSendingOpenWhenTheSecondIsRefused) {
  order_under_way();
  lose_answer();
  device_shows(status(102s));
  wait(200ms);
  answer_order(protocol::OrderRejected{.refusal = protocol::Refusal::no_glass, .text = {}});
  EXPECT_EQ(logged("r1").state, PourState::unclear);
}

TEST_F(OurFirmware, IsSentToThreeTimesAtMost) {
  order_under_way();
  lose_answer();
  device_shows(status(102s));
  wait(500ms);
  lose_answer();
  wait(1500ms);  // the device may hold back the status that is being asked for
  ASSERT_EQ(orders_sent_, 3);
  lose_answer();
  wait(1s);
  EXPECT_EQ(orders_sent_, 3);
  EXPECT_EQ(logged("r1").state, PourState::unclear);
  device_shows(status(106s));
  wait(200ms);
  EXPECT_EQ(logged("r1").cause, Cause::order_expired);
}

TEST_F(OurFirmware, IsNotSentToAgainOnceThePourWasStopped) {
  order_under_way();
  lose_answer();
  stop(rid("r1"));
  device_shows(status(102s));
  wait(500ms);
  EXPECT_EQ(orders_sent_, 1);
  EXPECT_EQ(logged("r1").state, PourState::unclear) << "the first may still arrive";
}

TEST_F(OurFirmware, IsNotSentToAgainByAServerThatShutsDown) {
  order_under_way();
  lose_answer();
  happen(ShutdownAsked{});
  device_shows(status(102s));
  wait(500ms);
  EXPECT_EQ(orders_sent_, 1);
  EXPECT_FALSE(shutdown_ready_);
  device_shows(status(106s));
  wait(200ms);
  EXPECT_EQ(logged("r1").state, PourState::not_poured);
  EXPECT_TRUE(shutdown_ready_);
}

TEST_F(OurFirmware, IsNotSentToAgainWhenTheStopComesBeforeTheRowOfIt) {
  order_under_way();
  lose_answer();
  log_waits();
  device_shows(status(102s));
  wait(200ms);
  stop(rid("r1"));
  log_answers();
  EXPECT_EQ(orders_sent_, 1);
  EXPECT_EQ(course_of("r1"),
            "sending/checks_passed unclear/answer_timed_out sending/sent_again "
            "unclear/stopped_before_sending");
  EXPECT_FALSE(logged("r1").delivery) << "the first may still arrive";
}

TEST_F(OurFirmware, IsNotSentToAgainOnWordFromBeforeTheOrder) {
  wait(500ms);  // a status is being asked for
  order_under_way();
  lose_answer();
  device_shows(status(100s));
  EXPECT_EQ(orders_sent_, 1);
  wait(200ms);
  EXPECT_EQ(orders_sent_, 2);
}

TEST_F(OurFirmware, IsNotSentToAgainWhereStopsMayHaveDroppedItsRecord) {
  order_under_way();
  lose_answer();
  protocol::DeviceStatus shown = status(102s);
  for (std::size_t i = 0; i < protocol::recent_pours_max; ++i) {
    protocol::RecentPour stopped;
    stopped.request_id = rid("s" + std::to_string(i));
    stopped.outcome = protocol::PourOutcome::cancelled;
    stopped.stop_reason = protocol::StopReason::stop_requested;
    shown.details->recent.push_back(stopped);
  }
  shown.details->pours_total = 8;  // was it ours?
  device_shows(shown);
  wait(500ms);
  EXPECT_EQ(orders_sent_, 1);
  shown.details->uptime_ms = 106s;
  device_shows(shown);
  wait(200ms);
  EXPECT_EQ(logged("r1").cause, Cause::journal_lost);
}

TEST_F(OurFirmware, IsNotSentToAgainWhereItMayHaveLostItsJournal) {
  order_under_way();
  lose_answer();
  protocol::DeviceStatus shown = status(102s);
  shown.details->journal_whole = false;
  device_shows(shown);
  wait(500ms);
  EXPECT_EQ(orders_sent_, 1);
}

}  // namespace
}  // namespace pourtocol::control::testing
