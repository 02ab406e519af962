// Meters that stand still, begin late or are not looked at, and what is made of their pulses.
#include "firmware/core/metering.hpp"

#include "firmware/core/tests/host.hpp"

namespace pourtocol::firmware {
namespace {

using namespace literals;
using protocol::Fault;
using protocol::PourOutcome;
using protocol::StopReason;

TEST_F(Metered, AMeterThatStuttersDoesNotHideWhatFlowed) {
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  run(1200);
  for (int i = 0; i < 200 && board.is_on(); ++i) {
    board.meter_dead = true;
    run(10);
    board.meter_dead = false;
    run(70);
  }
  finish_pour();
  EXPECT_GE(last().max, board.flowed());
}

// Its pulses would call for more than the pump may give; what may have passed unseen is held
// against the time they earn. The pump is as much faster than it was calibrated as a pump may be.
TEST_F(Metered, AMeterThatStandsStillAgainAndAgainLetsAFastPumpNotOverfill) {
  board.speed_permille = 1150;  // of a bottle half empty: 1.09 of a full one's flow
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  while (board.is_on()) {
    board.meter_dead = false;
    run(470);
    board.meter_dead = true;
    run(200);
  }
  finish_pour();
  EXPECT_GT(board.flowed(), 60'000_ul);
  EXPECT_LE(board.flowed(), most_for(60_ml));
  EXPECT_GE(last().max, board.flowed());
}

TEST_F(Metered, AMeterThatDiesNearTheTargetEarnsAFastPumpNoTime) {
  board.speed_permille = 1150;
  board.meter_permille = 945;  // as low as a meter may read
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  while (board.is_on() && board.flowed() < 60'000_ul) run(10);
  EXPECT_TRUE(board.is_on());
  board.meter_dead = true;
  finish_pour();
  EXPECT_LE(board.flowed(), most_for(60_ml));
  EXPECT_GE(last().max, board.flowed());
}

// The receipt covers it, and nothing is learned from such a pour.
TEST_F(Metered, AMeterThatStandsStillTwiceHidesNothingAndTeachesNothing) {
  const Tuning before = loop->tuning();
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  for (int i = 0; i < 2; ++i) {
    run(1000);
    board.meter_dead = true;
    run(200);
    board.meter_dead = false;
  }
  finish_pour();
  EXPECT_GE(last().max, board.flowed());
  EXPECT_LE(last().min, board.flowed());
  EXPECT_EQ(loop->tuning().flow, before.flow);
  EXPECT_EQ(loop->tuning().coast, before.coast);
}

TEST_F(Metered, ALoopThatLookedAwayForAMomentTeachesNothing) {
  const Tuning before = loop->tuning();
  board.speed_permille = 950;
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  run(1500);
  hang(54);
  loop->step();
  EXPECT_TRUE(board.is_on());
  finish_pour();
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_GE(last().max, board.flowed());
  EXPECT_LE(last().min, board.flowed());
  EXPECT_EQ(loop->tuning().flow, before.flow);
}

TEST_F(Metered, APourThatBeganWithAirTeachesNothing) {
  const Tuning before = loop->tuning();
  board.clogged = true;
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  run(700);
  board.clogged = false;
  finish_pour();
  EXPECT_GE(last().max, board.flowed());
  EXPECT_EQ(loop->tuning().flow, before.flow);
  EXPECT_EQ(loop->tuning().start_delay, before.start_delay);
}

// Its flow ended with the pump on, so that nothing coasted: the next bottle will coast again.
TEST_F(Metered, APourThatRanTheBottleEmptyTeachesNoCoast) {
  const Tuning before = loop->tuning();
  place_glass();
  EXPECT_TRUE(accepted("a", 60));
  while (board.flowed() < 30'000_ul) run(10);
  board.clogged = true;
  finish_pour();
  EXPECT_EQ(last().stop_reason, StopReason::no_flow);
  EXPECT_EQ(loop->tuning().coast, before.coast);
  EXPECT_EQ(loop->tuning().flow, before.flow);
}

TEST_F(Metered, AFirstPulseAfterPumpOffCounts) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  run(160);
  stop();
  EXPECT_EQ(details().pour->delivered, 0_ul);
  finish_pour();
  EXPECT_GT(last().delivered, 0_ul);
  EXPECT_GE(last().max, board.flowed());
}

// Where its meter reads low, a pump that has become faster is not taken to pour less.
TEST(SlowMachines, ThatBecomeFasterAreStillToldTruly) {
  Rig rig = metered_rig();
  rig.tuning.flow = rig.tuning.calibration.flow = FlowRate{7'000};
  rig.config.confirmed = rig.tuning.calibration;
  Bench slow{rig};
  slow.board.speed_permille = 1080;
  slow.place_glass();
  EXPECT_TRUE(slow.pour("a", 30));
  EXPECT_EQ(slow.last().outcome, PourOutcome::finished);
  EXPECT_GE(slow.last().max, slow.board.flowed());
  EXPECT_LE(slow.last().min, slow.board.flowed());
}

TEST_F(Metered, ALoopThatHangsBeforeAnythingFlowsIsNoFault) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  run(50);
  hang(100);
  EXPECT_FALSE(board.is_on());
  finish_pour();
  EXPECT_EQ(last().stop_reason, StopReason::cut_off);
  EXPECT_FALSE(has_fault(Fault::cut_off));
  EXPECT_EQ(last().delivered, 0_ul);
}

TEST_F(Metered, ALoopThatHangsOverTheLastMillilitreHasPouredWhatWasAsked) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  for (int i = 0; i < 1000 && board.flowed() < 27'500_ul; ++i) run(10);
  EXPECT_TRUE(board.is_on());
  hang(200);
  EXPECT_FALSE(board.is_on());
  finish_pour();
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_EQ(last().stop_reason, StopReason::target_reached);
  EXPECT_TRUE(details().faults.empty());
}

TEST_F(MeteredHost, ACleaningGoesByTheClock) {
  EXPECT_TRUE(runs(service("run", protocol::ServiceKind::clean, Milliseconds{4'000})));
  EXPECT_EQ(board.episodes, 4);
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_GE(last().max, board.flowed());
}

class MeteredSpan : public testing::Test {
 protected:
  MeteredSpan() { metering_.pump_on(Uptime{0}, 0, machine_.earliest_start); }
  Behaviour machine_ = expect(metered_rig().config, metered_rig().tuning);
  Metering metering_{machine_};
};

TEST_F(MeteredSpan, AMeterMayReadSixPerCentLow) {
  for (int i = 1; i <= 200; ++i) metering_.read(Uptime{10 * i}, static_cast<std::uint32_t>(i) / 2);
  EXPECT_GE(metering_.most_pumped(), permille(metering_.volume(), 1060));
}

TEST_F(MeteredSpan, ALoopThatHangsOverTheFirstPulseKnowsNoFlow) {
  metering_.read(Uptime{10}, 0);
  metering_.read(Uptime{3000}, 30);
  metering_.read(Uptime{3010}, 60);
  EXPECT_FALSE(metering_.flow().has_value());
  EXPECT_LE(metering_.volume_between_pulses(), metering_.volume() + metering_.one_pulse());
}

TEST_F(MeteredSpan, BeforeItCanFlowNothingButAPulseIsUnseen) {
  metering_.read(Uptime{10}, 0);
  EXPECT_EQ(metering_.most_pumped(), metering_.one_pulse());
}

TEST_F(MeteredSpan, IsNeitherTooSlowNorOverBeforeThePumpIsOff) {
  for (int i = 1; i <= 150; ++i) metering_.read(Uptime{10 * i}, static_cast<std::uint32_t>(i) / 5);
  EXPECT_TRUE(metering_.too_slow());
  EXPECT_FALSE(metering_.observed().has_value());
  metering_.pump_off(Uptime{1500});
  EXPECT_FALSE(metering_.too_slow());
}

}  // namespace
}  // namespace pourtocol::firmware
