#include "firmware/esp32/portable/held_requests.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace pourtocol::board {
namespace {

using Holding = std::vector<int>;

TEST(HeldRequests, AreHeldWhileThereIsRoom) {
  EXPECT_TRUE(may_be_held(Holding{}, 1, 6));
  EXPECT_TRUE(may_be_held(Holding{1, 1}, 1, 6));
  EXPECT_TRUE(may_be_held(Holding{1, 2, 3, 4}, 5, 6));
  EXPECT_FALSE(may_be_held(Holding{1, 2, 3, 4, 5, 6}, 7, 6));
}

TEST(HeldRequests, OfOneAddressTakeHalfOfTheRoomAtMost) {
  EXPECT_FALSE(may_be_held(Holding{1, 1, 1}, 1, 6));
  EXPECT_TRUE(may_be_held(Holding{1, 1, 1}, 2, 6));
}

TEST(HeldRequests, LeaveTheLastPlaceToWhoHasNone) {
  EXPECT_FALSE(may_be_held(Holding{1, 1, 1, 2, 2}, 2, 6));
  EXPECT_TRUE(may_be_held(Holding{1, 1, 1, 2, 2}, 3, 6));
}

}  // namespace
}  // namespace pourtocol::board
