// Service runs, through the loop as a board runs it; and glasses that come back.
#include "firmware/core/tests/host.hpp"

namespace pourtocol::firmware {
namespace {

using protocol::PourOutcome;
using protocol::Purpose;
using protocol::Refusal;
using protocol::ServiceKind;
using protocol::StopReason;
using namespace literals;

TEST_F(TimedHost, ACalibrationRunIsAPourOfItsOwnKind) {
  EXPECT_TRUE(runs(service("run", ServiceKind::calibrate, 150_ml)));
  EXPECT_EQ(last().purpose, Purpose::calibrate);
  EXPECT_EQ(last().requested, 150_ml);
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_EQ(last().stop_reason, StopReason::target_reached);
  const OrderReply again = run_service(service("run", ServiceKind::calibrate, 150_ml));
  ASSERT_TRUE(std::holds_alternative<protocol::OrderAccepted>(again));
  EXPECT_TRUE(std::get<protocol::OrderAccepted>(again).repeated);
  EXPECT_EQ(board.episodes, 1);
}

TEST_F(TimedHost, PortionsSwitchThePumpOnEachTime) {
  EXPECT_TRUE(runs(service("run", ServiceKind::calibrate, 15_ml, 8)));
  EXPECT_EQ(board.episodes, 8);
  EXPECT_EQ(last().requested, 120_ml);
  EXPECT_EQ(last().outcome, PourOutcome::finished);
}

TEST_F(TimedHost, CleaningIsPulsed) {
  EXPECT_TRUE(runs(service("run", ServiceKind::clean, Milliseconds{6000})));
  EXPECT_EQ(board.episodes, 6);
  EXPECT_EQ(last().purpose, Purpose::clean);
}

TEST_F(TimedHost, NoRunFillsMoreThanACup) {
  EXPECT_TRUE(runs(service("run", ServiceKind::empty_line, Milliseconds{60'000})));
  EXPECT_LE(board.flowed(), Microlitres{205'000});
}

TEST_F(TimedHost, ACupThatLeavesEndsARun) {
  const OrderReply reply = loop->handle_service(service("run", ServiceKind::calibrate, 15_ml, 8));
  ASSERT_TRUE(std::holds_alternative<protocol::OrderAccepted>(reply));
  run(2'500);  // between two portions
  EXPECT_FALSE(board.is_on());
  lift_glass();
  run(2'000);
  EXPECT_FALSE(loop->pouring());
  EXPECT_EQ(last().stop_reason, StopReason::glass_removed);
  place_glass();
  run(3'000);
  EXPECT_EQ(board.episodes, 1);
}

TEST_F(TimedHost, WhatIsNoRunIsRefused) {
  auto unconfirmed = service("run", ServiceKind::prime, Milliseconds{2'000});
  unconfirmed.confirmed = false;
  EXPECT_EQ(refusal_in(run_service(unconfirmed)), Refusal::bad_order);
  EXPECT_EQ(refusal_in(run_service(service("run", ServiceKind::calibrate, 201_ml))),
            Refusal::bad_order);
  lift_glass();
  run(100);
  EXPECT_EQ(refusal_in(run_service(service("run", ServiceKind::calibrate, 50_ml))),
            Refusal::no_glass);
  EXPECT_EQ(board.episodes, 0);
}

TEST_F(TimedHost, WhatHasNoIdIsNeitherRunNorRemembered) {
  protocol::ServiceOrder nameless = service("x", ServiceKind::calibrate, 15_ml);
  nameless.request_id = RequestId{};
  EXPECT_EQ(refusal_in(run_service(nameless)), protocol::Refusal::bad_order);
  EXPECT_FALSE(loop->handle_stop({.request_id = RequestId{}}).has_value());
  EXPECT_TRUE(details().recent.empty());
}

TEST_F(MeteredHost, AMeterThatLosesPulsesStopsThePump) {
  EXPECT_TRUE(accepted("a", 60));
  run(400);
  board.speed_permille = 400;
  for (int i = 0; i < 600 && loop->pouring(); ++i) run(10);
  EXPECT_EQ(last().stop_reason, StopReason::too_slow);
  EXPECT_TRUE(has_fault(protocol::Fault::too_slow));
}

// ---- A glass that comes back

class LiftedGlass : public testing::Test, public Host {
 protected:
  LiftedGlass() : Host{waiting_rig()} { place_glass(); }
  static Rig waiting_rig() {
    Rig rig = metered_rig();
    rig.config.resume_within = Milliseconds{5'000};
    return rig;
  }
};

TEST_F(LiftedGlass, AGlassThatComesBackInTimeGetsTheRemainder) {
  EXPECT_TRUE(accepted("a", 45));
  run(1'500);
  lift_glass();
  run(1'000);
  EXPECT_FALSE(board.is_on());
  EXPECT_TRUE(loop->pouring());
  place_glass();
  finish_pour();
  EXPECT_EQ(board.episodes, 2);
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  const auto off = board.flowed().count() - 45'000;
  EXPECT_TRUE(-1'000 <= off && off <= 1'000);
  EXPECT_LE(last().min, board.flowed());
  EXPECT_GE(last().max, board.flowed());
}

TEST_F(LiftedGlass, OneThatStaysAwayEndsThePour) {
  EXPECT_TRUE(accepted("a", 45));
  run(1'500);
  lift_glass();
  run(6'500);
  EXPECT_FALSE(loop->pouring());
  EXPECT_EQ(last().stop_reason, StopReason::glass_removed);
  place_glass();
  run(500);
  EXPECT_EQ(board.episodes, 1);
}

TEST_F(LiftedGlass, AnOrderInDoubtDoesNotWaitForAnotherGlass) {
  lift_glass();
  run(10);
  EXPECT_TRUE(accepted("a", 45));
  run(500);
  EXPECT_FALSE(loop->pouring());
  EXPECT_EQ(last().stop_reason, StopReason::glass_removed);
  EXPECT_EQ(last().max, 0_ul);
  EXPECT_EQ(last().uncertainty, 0_ul);
}

TEST_F(LiftedGlass, AStopWhileItWaitsEndsThePour) {
  EXPECT_TRUE(accepted("a", 45));
  run(1'500);
  lift_glass();
  run(1'000);
  stop("a");
  place_glass();
  run(3'000);
  EXPECT_EQ(board.episodes, 1);
  EXPECT_EQ(last().stop_reason, StopReason::stop_requested);
}

TEST_F(LiftedGlass, ARebootWhileItWaitsResumesNothing) {
  EXPECT_TRUE(accepted("a", 45));
  run(1'500);
  lift_glass();
  run(1'000);
  cut_power();
  boot();
  place_glass();
  run(3'000);
  EXPECT_EQ(board.episodes, 1);
  EXPECT_EQ(last().outcome, PourOutcome::interrupted);
}

}  // namespace
}  // namespace pourtocol::firmware
