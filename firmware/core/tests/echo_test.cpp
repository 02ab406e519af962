// An ultrasonic sensor, a measurement each 60 ms, under the whole machine.
#include <array>

#include "firmware/core/tests/host.hpp"

namespace pourtocol::firmware {
namespace {

using protocol::PourOutcome;
using protocol::ServiceKind;
using protocol::StopReason;
using namespace literals;

class ByEcho : public testing::Test, public Host {
 protected:
  ByEcho() : Host{metered_rig()} { see(glass_us, 12); }
  void new_echo(std::uint16_t echo_us) {
    board.glass = hal::EchoReading{.number = ++number_, .echo_us = echo_us};
  }
  /// So many measurements that say so.
  void see(std::uint16_t echo_us, int times) {
    for (int i = 0; i < times; ++i) {
      new_echo(echo_us);
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

// As while a page of flash is erased: the pump may be off for a moment, but it is no fault.
TEST_F(ByEcho, ALoopThatIsALittleLateForAnOldEchoPoursTheRemainder) {
  EXPECT_TRUE(accepted("a", 45));
  see(glass_us, 15);
  hang(40);
  EXPECT_FALSE(board.is_on());
  see(glass_us, 90);
  EXPECT_LE(board.episodes, 3);  // the echo that came meanwhile is not new either
  EXPECT_EQ(last().stop_reason, StopReason::target_reached);
  EXPECT_TRUE(details().faults.empty());
  EXPECT_GE(board.flowed(), 44'000_ul);
  EXPECT_LE(board.flowed(), last().max);
  EXPECT_GE(board.flowed(), last().min);
}

// A glass may have been lifted since: nobody knows when within that time it was seen.
TEST_F(ByEcho, AnEchoFirstSeenByALateLoopIsTrustedForLess) {
  EXPECT_TRUE(accepted("a", 60));
  see(glass_us, 15);
  new_echo(glass_us);
  hang(40);
  run(20);
  EXPECT_TRUE(board.is_on());
  hang(35);
  EXPECT_FALSE(board.is_on());
}

TEST_F(ByEcho, ALoopThatIsLateOverTheLastMillilitreHasPouredWhatWasAsked) {
  EXPECT_TRUE(accepted("a", 30));
  while (board.is_on() && board.flowed() < 27'500_ul) see(glass_us, 1);
  ASSERT_TRUE(board.is_on());
  hang(40);
  see(glass_us, 60);
  EXPECT_EQ(board.episodes, 1);
  EXPECT_EQ(last().stop_reason, StopReason::target_reached);
  EXPECT_LE(board.flowed(), 30'500_ul);
}

TEST_F(ByEcho, AHangLongerThanALeaseIsAFaultWhateverTheEchosAge) {
  for (const int age : {0, 20, 40, 60}) {
    boot();
    see(glass_us, 12);
    board.episodes = 0;
    EXPECT_TRUE(accepted(std::array{"a", "b", "c", "d"}[static_cast<std::size_t>(age / 20)], 60));
    see(glass_us, 20);
    new_echo(glass_us);
    run(10 + age);
    hang(100);
    see(glass_us, 40);
    EXPECT_EQ(board.episodes, 1);
    EXPECT_EQ(last().stop_reason, StopReason::cut_off);
    EXPECT_TRUE(has_fault(protocol::Fault::cut_off));
    see(wall_us, 20);
    see(glass_us, 12);
  }
}

TEST_F(ByEcho, AHangInARemainderIsAFaultToo) {
  EXPECT_TRUE(accepted("a", 60));
  see(glass_us, 15);
  hang(40);
  see(glass_us, 15);
  EXPECT_GE(board.episodes, 2);
  new_echo(glass_us);
  run(10);
  hang(70);
  see(glass_us, 40);
  EXPECT_EQ(last().stop_reason, StopReason::cut_off);
  EXPECT_TRUE(has_fault(protocol::Fault::cut_off));
}

// What has come of the pause before is no sign that the rest will come.
TEST_F(ByEcho, ADoubtBeforeAnythingFlowsEndsNoOrderHoweverSmall) {
  EXPECT_TRUE(accepted("a", 1));
  new_echo(glass_us);
  run(20);
  EXPECT_TRUE(board.is_on());
  see(spike_us, 1);
  see(glass_us, 60);
  EXPECT_EQ(last().outcome, PourOutcome::finished);
  EXPECT_GE(board.flowed(), 500_ul);
}

// The line coasts for longer than it is known for, so that the pause brings what was still wanted.
TEST_F(ByEcho, ADoubtAtTheEndOfAPortionLeavesTheOthersToCome) {
  const OrderReply reply = loop->handle_service(service("run", ServiceKind::calibrate, 10_ml, 3));
  ASSERT_TRUE(std::holds_alternative<protocol::OrderAccepted>(reply));
  for (int i = 0; loop->pouring() && board.flowed() < 6'300_ul; ++i) {
    if (i % 6 == 0) new_echo(glass_us);
    run(10);
  }
  board.meter_permille = 5'000;
  see(spike_us, 1);
  see(glass_us, 2);
  board.meter_permille = 1'000;
  see(glass_us, 200);
  EXPECT_EQ(last().stop_reason, StopReason::target_reached);
  EXPECT_GE(board.flowed(), 26'000_ul);
}

TEST_F(ByEcho, AGlassThatIsDoubtedAgainAndAgainEndsThePour) {
  EXPECT_TRUE(accepted("a", 45));
  for (int i = 0; i < 40; ++i) {
    see(glass_us, 2);
    see(spike_us, 1);
  }
  EXPECT_FALSE(loop->pouring());
  EXPECT_EQ(last().stop_reason, StopReason::sensor_stuck);
}

TEST_F(ByEcho, AnOrderThatASlowLoopCannotBeginEndsSoon) {
  const auto turn = [&] {
    hang(80);
    new_echo(glass_us);
    loop->step();
  };
  turn();
  EXPECT_TRUE(accepted("a", 45));
  for (int i = 0; i < 40; ++i) turn();
  EXPECT_FALSE(loop->pouring());
  EXPECT_EQ(board.flowed(), 0_ul);
  EXPECT_EQ(last().stop_reason, StopReason::sensor_stuck);
}

TEST_F(ByEcho, NothingBeginsOnAnEchoTooOldToRunThePumpOn) {
  run(90);
  EXPECT_TRUE(loop->status().glass_present);
  EXPECT_TRUE(accepted("a", 30));
  EXPECT_FALSE(board.is_on());
  see(glass_us, 2);
  EXPECT_TRUE(board.is_on());
}

TEST_F(ByEcho, ASensorThatMeasuresNoLongerSeesNoGlass) {
  run(80);
  EXPECT_TRUE(loop->status().glass_present);  // 140 ms after the last
  run(50);
  EXPECT_FALSE(loop->status().glass_present);
}

// As while a sector of flash is erased before a pour, on a board that measures when it is asked.
TEST_F(ByEcho, ALoopThatSleptBeforeAnOrderLooksAtTheGlassBeforeItPours) {
  for (const bool lifted : {false, true}) {
    board.episodes = 0;
    hang(250);
    EXPECT_TRUE(accepted(lifted ? "b" : "a", 15));
    see(glass_us, 1);
    EXPECT_FALSE(board.is_on());
    see(lifted ? wall_us : glass_us, 60);
    EXPECT_EQ(board.episodes, lifted ? 0 : 1);
    EXPECT_EQ(last().outcome, lifted ? PourOutcome::stopped : PourOutcome::finished);
  }
}

TEST_F(ByEcho, AGlassOutOfReachIsNone) {
  see(wall_us, 20);
  see(600, 20);  // 103 mm
  EXPECT_FALSE(loop->status().glass_present);
}

}  // namespace
}  // namespace pourtocol::firmware
