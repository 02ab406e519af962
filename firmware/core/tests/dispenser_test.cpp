// Pours and orders on an ideal machine, told from outside: what a server asks for, and what it is
// told.
#include "firmware/core/tests/bench.hpp"

namespace pourtocol::firmware {
namespace {

using protocol::DeviceState;
using protocol::PourOutcome;
using protocol::Refusal;
using protocol::StopReason;
using namespace literals;

bool close_to(Microlitres value, Microlitres target, Microlitres tolerance) {
  return target - tolerance <= value && value <= target + tolerance;
}

// ---- Pours

TEST_F(Timed, PoursWhatWasAsked) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  EXPECT_TRUE(board.is_on());
  EXPECT_EQ(state(), DeviceState::pouring);
  finish_pour();
  EXPECT_TRUE(close_to(board.flowed(), 30'000_ul, 300_ul));
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_EQ(last().stop_reason, StopReason::target_reached);
  EXPECT_EQ(last().min, 0_ul);
  EXPECT_TRUE(close_to(last().delivered, 30'000_ul, 300_ul));
}

TEST_F(Metered, PoursWhatWasAsked) {
  place_glass();
  EXPECT_TRUE(pour("a", 30));
  EXPECT_TRUE(close_to(board.flowed(), 30'000_ul, 300_ul));
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_LE(last().min, board.flowed());
  EXPECT_GE(last().max, board.flowed());
  EXPECT_GT(last().min, 27'000_ul);
}

// Fast enough even then for its meter to count it all.
TEST(Meters, PourWhatWasAskedThoughThePumpIsWeak) {
  Rig rig = metered_rig();
  rig.tuning.flow = rig.tuning.calibration.flow = FlowRate{16'000};
  rig.config.confirmed = rig.tuning.calibration;
  Bench weak{rig};
  weak.board.speed_permille = 900;
  weak.place_glass();
  EXPECT_TRUE(weak.pour("a", 60));
  EXPECT_EQ(weak.last().outcome, PourOutcome::finished);
  EXPECT_TRUE(close_to(weak.board.flowed(), 60'000_ul, 500_ul));
}

// Nothing tells it from a pump that is so weak; what has come is no more than was allowed, and the
// host hears that the flow was too slow.
TEST_F(Metered, AMeterThatLosesAQuarterOfItsPulsesDoesNotOverfill) {
  board.meter_permille = 750;
  place_glass();
  EXPECT_TRUE(pour("a", 60));
  EXPECT_EQ(last().stop_reason, StopReason::too_slow);
  EXPECT_TRUE(has_fault(protocol::Fault::too_slow));
  EXPECT_LE(board.flowed(), most_for(60_ml));
  EXPECT_GE(last().max, board.flowed());
}

// Each pour would teach it a slower flow, and a slower flow would earn the next one more time.
TEST_F(Metered, AMeterThatLosesPulsesPourAfterPourTeachesNothingThatOverfills) {
  board.meter_permille = 780;
  char text[] = "pour-a";
  for (int i = 0; i < 12; ++i, ++text[5]) {
    const auto before = board.flowed();
    place_glass();
    EXPECT_TRUE(pour(text, 60));
    EXPECT_LE(board.flowed() - before, most_for(60_ml));
    EXPECT_GE(last().max, board.flowed() - before);
    lift_glass();
    run(3'000);
  }
}

TEST_F(Metered, PoursAcrossTheWrapOfItsPulseCounter) {
  cut_power();
  board.first_pulse = 0xFFFFFFC0U;
  boot();
  place_glass();
  EXPECT_TRUE(pour("a", 30));
  EXPECT_TRUE(close_to(board.flowed(), 30'000_ul, 300_ul));
}

TEST(Clock, MayWrapInMidPour) {
  Bench other{timed_rig(), 0xFFFFFFFFU - 1500};
  other.place_glass();
  EXPECT_TRUE(other.pour("a", 30));
  EXPECT_TRUE(close_to(other.board.flowed(), 30'000_ul, 300_ul));
  EXPECT_EQ(other.board.episodes, 1);
}

TEST_F(Metered, CountsTheCoastBeforeItCallsThePourEnded) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  while (board.is_on()) run(10);
  EXPECT_EQ(state(), DeviceState::pouring);
  const Microlitres at_off = board.flowed();
  finish_pour();
  EXPECT_GT(board.flowed(), at_off);
  EXPECT_GE(last().delivered, at_off);
}

TEST_F(Metered, TellsHowFarItIsAboutTenTimesASecond) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  run(500);
  const auto before = loop->version();
  const auto fill = details().pour->delivered;
  run(1000);
  EXPECT_GE(loop->version(), before + 8);
  EXPECT_LE(loop->version(), before + 12);
  EXPECT_GT(details().pour->delivered, fill);
}

TEST_F(Timed, ItsVersionStandsStillWhileNothingChanges) {
  place_glass();
  const auto before = loop->version();
  run(5000);
  EXPECT_EQ(loop->version(), before);
  lift_glass();
  run(100);
  EXPECT_EQ(loop->version(), before + 1);
}

TEST_F(Timed, AStatusIsBuiltAnewOnlyWhenSomethingChanged) {
  protocol::DeviceStatus kept;
  EXPECT_TRUE(loop->refresh(kept));
  place_glass();
  EXPECT_TRUE(loop->refresh(kept));
  run(5000);
  EXPECT_FALSE(loop->refresh(kept));
  EXPECT_TRUE(kept == loop->status());  // its uptimes went on
  lift_glass();
  run(100);
  EXPECT_TRUE(loop->refresh(kept));
  EXPECT_FALSE(kept.glass_present);
  boot();
  EXPECT_TRUE(loop->refresh(kept));
  EXPECT_TRUE(kept == loop->status());
}

TEST_F(Timed, SaysWhichMachineItsBoardIsAlsoWhenItsFlashIsGone) {
  EXPECT_TRUE(!details().machine_id.has_value());
  board.own_id = MachineId{7};
  board.flash = MemoryFlash{};
  boot();
  EXPECT_TRUE(details().machine_id == MachineId{7});
  protocol::DeviceStatus kept;
  EXPECT_TRUE(loop->refresh(kept));
  EXPECT_TRUE(kept == loop->status());
}

// ---- Orders

TEST_F(Timed, NeverPoursAnIdTwice) {
  place_glass();
  EXPECT_TRUE(accepted("a", 15));
  EXPECT_TRUE(repeated("a", 15));
  finish_pour();
  EXPECT_TRUE(repeated("a", 15));
  run(3000);
  EXPECT_EQ(board.episodes, 1);
}

TEST_F(Timed, NeverPoursAnIdTwiceThoughPowerWasLost) {
  place_glass();
  EXPECT_TRUE(pour("a", 15));
  reboot();
  EXPECT_TRUE(repeated("a", 15));
  EXPECT_TRUE(accepted("b", 30));
  run(1000);
  reboot();
  EXPECT_TRUE(repeated("b", 30));
  EXPECT_EQ(board.episodes, 2);
}

TEST_F(Timed, RefusesAmountsOutsideOneToSixtyByItself) {
  place_glass();
  for (const int ml : {0, -1, 61, 256 + 30, -2'000'000'000}) {
    EXPECT_EQ(refusal("a", ml), Refusal::bad_order);
  }
  EXPECT_EQ(refusal_in(loop->handle_order({.amount = 30_ml, .request_id = {}, .guard = {}})),
            Refusal::bad_order);
  EXPECT_EQ(board.episodes, 0);
  EXPECT_TRUE(accepted("a", 60));
}

TEST_F(Timed, RefusesWithoutAGlass) {
  run(1000);
  EXPECT_EQ(refusal("a", 30), Refusal::no_glass);
  board.glass = hal::GlassReading{.present = true, .valid = true};
  run(200);
  EXPECT_EQ(refusal("a", 30), Refusal::no_glass);
  run(200);
  EXPECT_TRUE(accepted("a", 30));
}

TEST_F(Timed, RefusesAnotherOrderWhileOneIsPoured) {
  place_glass();
  EXPECT_TRUE(accepted("a", 30));
  EXPECT_EQ(refusal("b", 30), Refusal::busy);
  while (board.is_on()) run(10);
  EXPECT_EQ(refusal("b", 30), Refusal::busy);
  finish_pour();
  EXPECT_TRUE(accepted("b", 30));
}

TEST_F(Timed, RefusesACopyOfAnOrderItHasRefused) {
  const auto guarded = [&] {
    return refusal_in(loop->handle_order(
        {.amount = 30_ml,
         .request_id = id("a"),
         .guard = protocol::OrderGuard{.boot_id = details().boot_id, .expires = Uptime{4000}}}));
  };
  EXPECT_EQ(guarded(), Refusal::no_glass);
  place_glass();
  EXPECT_EQ(guarded(), Refusal::cancelled);  // somebody has been told that nothing was poured
  run(5000);
  EXPECT_EQ(guarded(), Refusal::expired);
  EXPECT_EQ(board.episodes, 0);
}

TEST_F(Timed, PoursAnotherOrderThanTheOneItHasRefused) {
  const auto guarded = [&](std::string_view text) {
    return refusal_in(loop->handle_order(
        {.amount = 30_ml,
         .request_id = id(text),
         .guard = protocol::OrderGuard{.boot_id = details().boot_id, .expires = Uptime{9000}}}));
  };
  EXPECT_EQ(guarded("a"), Refusal::no_glass);
  place_glass();
  EXPECT_EQ(guarded("b"), std::nullopt);
  finish_pour();
  EXPECT_EQ(guarded("a"), Refusal::cancelled);
  EXPECT_EQ(board.episodes, 1);
}

TEST_F(Timed, DoesNotBeginWhileItDoubtsTheGlass) {
  place_glass();
  board.glass = hal::GlassReading{.present = false, .valid = true};
  EXPECT_TRUE(accepted("a", 30));  // gone for one reading only
  run(10);
  EXPECT_EQ(board.episodes, 0);
}

TEST_F(Timed, RefusesWhatWasMeantForAnotherBootOrCameLate) {
  place_glass();
  const auto guarded = [&](std::string_view text, BootId boot, Uptime expires) {
    return refusal_in(
        loop->handle_order({.amount = 30_ml,
                            .request_id = id(text),
                            .guard = protocol::OrderGuard{.boot_id = boot, .expires = expires}}));
  };
  const BootId boot = details().boot_id;
  const Uptime now = details().uptime_ms;
  EXPECT_EQ(guarded("a", BootId{boot.bits() + 1}, now + Uptime{5000}), Refusal::wrong_boot);
  EXPECT_EQ(guarded("a", boot, now - Uptime{1}), Refusal::expired);
  EXPECT_EQ(guarded("a", boot, now + Uptime{5000}), std::nullopt);
  EXPECT_EQ(board.episodes, 1);
}

TEST_F(Timed, DrawsANewIdEachBoot) {
  const BootId first = details().boot_id;
  reboot();
  EXPECT_NE(details().boot_id, first);
}

TEST(Calibration, IsNeededToPour) {
  Bench fresh{Rig{}};
  fresh.place_glass();
  EXPECT_EQ(fresh.refusal("a", 30), Refusal::not_calibrated);
}

TEST_F(Timed, ForgetsNoneOfTheLastSixteen) {
  place_glass();
  char text[] = "p-a";
  for (int i = 0; i < 20; ++i, ++text[2]) EXPECT_TRUE(pour(text, 1));
  reboot();
  EXPECT_EQ(details().recent.size(), 16U);
  EXPECT_EQ(details().pours_total, 20U);
  text[2] = 'a' + 4;
  for (int i = 4; i < 20; ++i, ++text[2]) EXPECT_TRUE(repeated(text, 1));
}

}  // namespace
}  // namespace pourtocol::firmware
