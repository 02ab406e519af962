// Strangers' orders and stops, by the hundred: what was said of an order stays true.
#include "firmware/core/closed_orders.hpp"

#include "firmware/core/tests/bench.hpp"

namespace pourtocol::firmware {
namespace {

using protocol::OrderGuard;
using protocol::PourOutcome;
using protocol::Refusal;

constexpr Milliseconds lifetime{5000};

RequestId stranger(int n) {
  char text[] = "stranger-0000";
  for (int i = 12; n > 0; --i, n /= 10) text[i] = static_cast<char>('0' + n % 10);
  return *RequestId::parse(text);
}

class AmongStrangers : public testing::Test, public Bench {
 protected:
  AmongStrangers() : Bench{timed_rig()} { place_glass(); }

  OrderGuard guard_for(Milliseconds time) const noexcept {
    return {.boot_id = details().boot_id, .expires = details().uptime_ms + time};
  }
  OrderReply send(const RequestId& request_id, int ml, const OrderGuard& guard) noexcept {
    return loop->handle_order(
        {.amount = Millilitres{ml}, .request_id = request_id, .guard = guard});
  }
  /// How many of so many stops of unknown orders are remembered.
  int flood_stops(int count) noexcept {
    int taken = 0;
    for (int i = 0; i < count; ++i) {
      if (!loop->handle_stop({.request_id = stranger(next_++)})) ++taken;
    }
    return taken;
  }
  int next_ = 1;
};

TEST_F(AmongStrangers, StopsOfUnknownOrdersPushNoPourOutOfTheRing) {
  const OrderGuard guard = guard_for(lifetime);
  EXPECT_EQ(refusal_in(send(id("a"), 5, guard)), std::nullopt);
  finish_pour();
  flood_stops(100);
  const OrderReply again = send(id("a"), 5, guard);
  const auto* known = std::get_if<protocol::OrderAccepted>(&again);
  ASSERT_TRUE(known != nullptr);
  EXPECT_TRUE(known->repeated);
  EXPECT_EQ(details().recent[0].request_id, id("a"));
  EXPECT_EQ(board.episodes, 1);
}

TEST_F(AmongStrangers, StopsOfUnknownOrdersCostTheFlashNothing) {
  EXPECT_TRUE(pour("a", 1));
  const std::size_t last_written = board.flash.last;
  for (int second = 0; second < 60; ++second) {
    flood_stops(20);
    run(1000);
  }
  EXPECT_EQ(board.flash.last, last_written);
}

TEST_F(AmongStrangers, StopsOfUnknownOrdersLetARunningPourBe) {
  EXPECT_TRUE(accepted("a", 30));
  while (state() == protocol::DeviceState::pouring) {
    flood_stops(5);
    run(10);
  }
  EXPECT_EQ(board.episodes, 1);
  for (const auto& pour : details().recent) {
    if (pour.request_id != id("a")) continue;
    EXPECT_EQ(pour.outcome, PourOutcome::finished);
  }
}

TEST_F(AmongStrangers, AnybodyStopsARunningPourInTheMidstOfThem) {
  EXPECT_TRUE(accepted("a", 60));
  flood_stops(100);
  run(200);
  EXPECT_TRUE(board.is_on());
  stop("a");
  EXPECT_FALSE(board.is_on());
}

TEST_F(AmongStrangers, AFewUnknownStopsAtOnceAreRememberedAndTheRestAreTold) {
  EXPECT_EQ(flood_stops(100), 8);
  run(1000);
  EXPECT_EQ(flood_stops(100), 2);
  EXPECT_FALSE(loop->handle_stop({.request_id = stranger(1)}).has_value());  // known already
  EXPECT_EQ(details().recent.size(), 4U);                                    // the newest
  EXPECT_EQ(last().outcome, PourOutcome::cancelled);
}

TEST_F(AmongStrangers, AStopThatWasTakenHoldsForAsLongAsItsOrderMayCome) {
  flood_stops(7);
  stop("late");
  const OrderGuard guard = guard_for(guard_ahead_max);
  for (int turn = 0; turn < 99; ++turn) {
    run(100);
    flood_stops(3);
  }
  EXPECT_EQ(refusal_in(send(id("late"), 30, guard)), Refusal::cancelled);
  run(200);
  EXPECT_EQ(refusal_in(send(id("other"), 30, guard)), Refusal::expired);
}

TEST_F(AmongStrangers, ARefusalHoldsHoweverManyOthersAreRefused) {
  lift_glass();
  settle_glass();
  const OrderGuard guard = guard_for(lifetime);
  EXPECT_EQ(refusal_in(send(id("a"), 30, guard)), Refusal::no_glass);
  for (int i = 1; i <= 40; ++i) {
    EXPECT_NE(refusal_in(send(stranger(i), 30, guard_for(2 * lifetime))), std::nullopt);
  }
  place_glass();
  EXPECT_NE(refusal_in(send(id("a"), 30, guard)), std::nullopt);
  EXPECT_NE(refusal_in(send(stranger(1), 30, guard)), std::nullopt);
  EXPECT_EQ(board.episodes, 0);
  run(10'000);  // and is over when the last of them has expired
  EXPECT_EQ(refusal_in(send(id("b"), 30, guard_for(lifetime))), std::nullopt);
}

TEST_F(AmongStrangers, AnOrderThatMayComeForHoursIsNone) {
  EXPECT_EQ(refusal_in(send(id("a"), 30, guard_for(guard_ahead_max + Milliseconds{1}))),
            Refusal::bad_order);
  EXPECT_EQ(refusal_in(send(id("b"), 30, guard_for(guard_ahead_max))), std::nullopt);
}

}  // namespace
}  // namespace pourtocol::firmware
