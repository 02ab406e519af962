// Service runs and the wizard, through the loop as a board runs it; glasses that a slow sensor
// doubts, and glasses that come back.
#include "firmware/core/tests/bench.hpp"

namespace pourtocol::firmware {
namespace {

using protocol::CalibrationRefusal;
using protocol::PourOutcome;
using protocol::Purpose;
using protocol::Refusal;
using protocol::ServiceKind;
using protocol::StopReason;
using namespace literals;

protocol::ServiceOrder service(std::string_view id, ServiceKind kind,
                               protocol::ServiceExtent extent, int portions = 1) {
  return {.kind = kind,
          .extent = extent,
          .confirmed = true,
          .request_id = Bench::id(id),
          .guard = std::nullopt,
          .portions = portions};
}

class Host : public Bench {
 public:
  using Bench::Bench;
  OrderReply run_service(const protocol::ServiceOrder& order) noexcept {
    const OrderReply reply = loop->handle_service(order);
    for (int i = 0; i < 8000 && loop->pouring(); ++i) run(10);
    return reply;
  }
  bool runs(const protocol::ServiceOrder& order) noexcept {
    const OrderReply reply = run_service(order);
    const auto* yes = std::get_if<protocol::OrderAccepted>(&reply);
    return yes != nullptr && !yes->repeated;
  }
  protocol::CalibrationAnswer say(const protocol::CalibrationAction& action) noexcept {
    return loop->handle_calibration(action);
  }
};

class TimedHost : public testing::Test, public Host {
 protected:
  TimedHost() : Host{timed_rig()} { place_glass(); }
};
class MeteredHost : public testing::Test, public Host {
 protected:
  MeteredHost() : Host{metered_rig()} { place_glass(); }
};
class UnknownMachine : public testing::Test, public Host {
 protected:
  UnknownMachine() : Host{Rig{}} { place_glass(); }
};

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

TEST_F(UnknownMachine, IsRunIntoACupAndPoursOnceACalibrationIsAccepted) {
  EXPECT_EQ(refusal("early", 30), Refusal::not_calibrated);
  EXPECT_TRUE(runs(service("run", ServiceKind::calibrate, Milliseconds{4'000})));
  const auto measured =
      say(protocol::MeasuredRun{.request_id = id("run"), .measured = board.flowed()});
  ASSERT_TRUE(measured.has_value());
  ASSERT_TRUE(measured->proposal.has_value());
  EXPECT_FALSE(measured->calibrated);
  const auto accepted = say(protocol::AcceptCalibration{});
  ASSERT_TRUE(accepted.has_value());
  EXPECT_TRUE(accepted->calibrated);
  EXPECT_TRUE(accepted->runs.empty());
  change_glass();
  EXPECT_TRUE(pour("first", 30));
  EXPECT_EQ(last().outcome, PourOutcome::finished);
}

TEST_F(UnknownMachine, KnowsItselfAfterALossOfPower) {
  EXPECT_TRUE(runs(service("run", ServiceKind::calibrate, Milliseconds{4'000})));
  (void)say(protocol::MeasuredRun{.request_id = id("run"), .measured = board.flowed()});
  EXPECT_TRUE(say(protocol::AcceptCalibration{}).has_value());
  const Tuning before = loop->tuning();
  reboot();
  EXPECT_EQ(loop->tuning(), before);
  EXPECT_TRUE(loop->tuning().calibrated());
}

TEST_F(MeteredHost, LearnsFromEachPourAndKeepsIt) {
  board.speed_permille = 960;
  EXPECT_TRUE(pour("a", 45));
  const Tuning learned = loop->tuning();
  EXPECT_LT(learned.flow, learned.calibration.flow);
  EXPECT_EQ(learned.pours_since, 1);
  reboot();
  EXPECT_EQ(loop->tuning(), learned);
}

TEST_F(MeteredHost, AnAcceptanceThatCannotBeWrittenDidNotHappen) {
  EXPECT_TRUE(runs(service("run", ServiceKind::calibrate, 150_ml)));
  EXPECT_TRUE(say(protocol::MeasuredRun{.request_id = id("run"), .measured = Microlitres{150'000}})
                  .has_value());
  const Tuning before = loop->tuning();
  board.flash.works = false;
  EXPECT_EQ(say(protocol::AcceptCalibration{}).error().refusal, CalibrationRefusal::journal_failed);
  EXPECT_EQ(loop->tuning(), before);
  EXPECT_TRUE(has_fault(protocol::Fault::journal_failed));
}

TEST_F(TimedHost, RunsThatWereMeasuredCanBeForgotten) {
  EXPECT_TRUE(runs(service("run", ServiceKind::calibrate, 150_ml)));
  EXPECT_TRUE(say(protocol::MeasuredRun{.request_id = id("run"), .measured = Microlitres{150'000}})
                  .has_value());
  const auto forgotten = say(protocol::DiscardCalibration{});
  ASSERT_TRUE(forgotten.has_value());
  EXPECT_TRUE(forgotten->runs.empty());
  EXPECT_EQ(say(protocol::AcceptCalibration{}).error().refusal,
            CalibrationRefusal::nothing_to_accept);
}

TEST_F(TimedHost, WhatHasNoIdIsNeitherRunNorRemembered) {
  protocol::ServiceOrder nameless = service("x", ServiceKind::calibrate, 15_ml);
  nameless.request_id = RequestId{};
  EXPECT_EQ(refusal_in(run_service(nameless)), protocol::Refusal::bad_order);
  loop->handle_stop({.request_id = RequestId{}});
  EXPECT_TRUE(details().recent.empty());
}

TEST_F(MeteredHost, SaysWhatItCannotDo) {
  EXPECT_EQ(say(protocol::AcceptCalibration{}).error().refusal,
            CalibrationRefusal::nothing_to_accept);
  EXPECT_EQ(say(protocol::MeasuredRun{.request_id = id("x"), .measured = {}}).error().refusal,
            CalibrationRefusal::no_such_run);
  EXPECT_EQ(say(protocol::DropRun{.request_id = id("x")}).error().refusal,
            CalibrationRefusal::no_such_run);
  EXPECT_EQ(say(protocol::NewBottle{}).error().refusal, CalibrationRefusal::no_bottle);
  EXPECT_EQ(say(protocol::BottleEmpty{}).error().refusal, CalibrationRefusal::no_bottle);
  EXPECT_TRUE(accepted("pouring", 60));
  EXPECT_EQ(say(protocol::AcceptCalibration{}).error().refusal, CalibrationRefusal::busy);
}

TEST_F(MeteredHost, AMeterThatLosesPulsesStopsThePump) {
  EXPECT_TRUE(accepted("a", 60));
  run(400);
  board.speed_permille = 400;
  for (int i = 0; i < 600 && loop->pouring(); ++i) run(10);
  EXPECT_EQ(last().stop_reason, StopReason::too_slow);
  EXPECT_TRUE(has_fault(protocol::Fault::too_slow));
}

TEST_F(MeteredHost, ALeakStaysKnownUntilSomebodyHasSeenToIt) {
  run(3'000);
  board.leak = 1'500;
  run(3'000);
  board.leak = 0;
  EXPECT_TRUE(has_fault(protocol::Fault::idle_flow));
  change_glass();
  EXPECT_TRUE(has_fault(protocol::Fault::idle_flow));
  EXPECT_TRUE(say(protocol::ClearFaults{}).has_value());
  EXPECT_FALSE(has_fault(protocol::Fault::idle_flow));
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

// ---- An ultrasonic sensor, a measurement each 60 ms

class ByEcho : public testing::Test, public Host {
 protected:
  ByEcho() : Host{metered_rig()} { see(glass_us, 12); }
  /// So many measurements that say so.
  void see(std::uint16_t echo_us, int times) {
    for (int i = 0; i < times; ++i) {
      board.glass = hal::EchoReading{.number = ++number_, .echo_us = echo_us};
      run(60);
    }
  }
  static constexpr std::uint16_t glass_us = 160;  // 27 mm
  static constexpr std::uint16_t spike_us = 270;  // 46 mm
  static constexpr std::uint16_t wall_us = 1800;  // 31 cm

 private:
  std::uint32_t number_ = 0;
};

TEST_F(ByEcho, AGlassIsSeenAndPouredInto) {
  EXPECT_TRUE(loop->status().glass_present);
  EXPECT_TRUE(accepted("a", 15));
  see(glass_us, 60);
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_EQ(board.episodes, 1);
}

TEST_F(ByEcho, TheFirstEchoOfTheWallSwitchesThePumpOff) {
  EXPECT_TRUE(accepted("a", 45));
  see(glass_us, 15);
  EXPECT_TRUE(board.is_on());
  see(wall_us, 1);
  EXPECT_FALSE(board.is_on());
  EXPECT_TRUE(loop->pouring());
  see(wall_us, 40);
  EXPECT_EQ(last().stop_reason, StopReason::glass_removed);
  EXPECT_EQ(board.episodes, 1);
}

TEST_F(ByEcho, AGlassThatNeverLeftGetsTheRemainder) {
  EXPECT_TRUE(accepted("a", 45));
  see(glass_us, 15);
  see(spike_us, 1);
  EXPECT_FALSE(board.is_on());
  see(glass_us, 90);
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_EQ(board.episodes, 2);
  EXPECT_LE(last().min, board.flowed());
  EXPECT_GE(last().max, board.flowed());
}

TEST_F(ByEcho, SpikesAloneAreNoGlass) {
  see(wall_us, 20);
  EXPECT_FALSE(loop->status().glass_present);
  for (int i = 0; i < 10; ++i) {
    see(spike_us, 1);
    see(wall_us, 1);
  }
  EXPECT_FALSE(loop->status().glass_present);
}

TEST_F(ByEcho, ASensorThatFallsSilentStopsThePumpAtOnce) {
  EXPECT_TRUE(accepted("a", 60));
  see(glass_us, 15);
  run(40);  // no new measurement: 100 ms after the last
  EXPECT_FALSE(board.is_on());
  run(3'000);
  EXPECT_TRUE(has_fault(protocol::Fault::sensor_stuck));
  EXPECT_FALSE(loop->pouring());
}

TEST_F(ByEcho, ALoopThatHangsLeavesThePumpOnNoLongerThanTheEchoIsGood) {
  EXPECT_TRUE(accepted("a", 60));
  see(glass_us, 15);
  hang(40);
  EXPECT_FALSE(board.is_on());
}

TEST_F(ByEcho, AGlassOutOfReachIsNone) {
  see(wall_us, 20);
  see(600, 20);  // 103 mm
  EXPECT_FALSE(loop->status().glass_present);
}

}  // namespace
}  // namespace pourtocol::firmware
