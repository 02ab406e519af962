#include "firmware/esp32/portable/patience.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

namespace pourtocol::board {
namespace {

constexpr std::int64_t second = 1'000'000;

TEST(Patience, LastsUntilItIsUsedUp) {
  Patience patience{2 * second};
  EXPECT_TRUE(patience.left(100 * second));
  patience.waited(101 * second);
  EXPECT_TRUE(patience.left(101 * second));
  patience.waited(102 * second);
  EXPECT_FALSE(patience.left(102 * second));
}

TEST(Patience, ComesBackAsSlowlyAsItWent) {
  Patience patience{2 * second};
  EXPECT_TRUE(patience.left(0));
  patience.waited(3 * second);
  EXPECT_FALSE(patience.left(4 * second));
  EXPECT_TRUE(patience.left(4 * second + 1));
}

TEST(Patience, IsNeverMoreThanItWasAtFirst) {
  Patience patience{2 * second};
  EXPECT_TRUE(patience.left(1'000'000 * second));
  patience.waited(1'000'002 * second);
  EXPECT_FALSE(patience.left(1'000'002 * second));
}

TEST(Patience, AskedOftenItComesBackNoFaster) {
  Patience patience{2 * second};
  EXPECT_TRUE(patience.left(0));
  patience.waited(3 * second);
  for (std::int64_t now = 3 * second; now <= 4 * second; now += second / 1'000) {
    ASSERT_FALSE(patience.left(now)) << now;
  }
}

TEST(Patience, WhoeverTricklesHoldsUpTheOthersHalfOfTheTime) {
  Patience patience{2 * second};
  std::int64_t waiting = 0;
  std::int64_t longest = 0;
  std::int64_t stretch = 0;
  for (std::int64_t now = 0; now < 1'000 * second;) {
    if (patience.left(now)) {
      // As long as one reading of a connection takes at the most.
      now += second;
      patience.waited(now);
      waiting += second;
      stretch += second;
      longest = std::max(longest, stretch);
    } else {
      now += second / 1'000;
      stretch = 0;
    }
  }
  EXPECT_LE(waiting, 503 * second);
  EXPECT_LE(longest, 3 * second);
}

}  // namespace
}  // namespace pourtocol::board
