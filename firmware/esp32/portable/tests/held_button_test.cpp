#include "firmware/esp32/portable/held_button.hpp"

#include <gtest/gtest.h>

namespace pourtocol::board {
namespace {

constexpr std::int64_t second = 1'000'000;

TEST(HeldButton, IsHeldAfterItsTime) {
  HeldButton button{5 * second};
  EXPECT_FALSE(button.update(false, 1 * second));
  EXPECT_FALSE(button.update(true, 2 * second));
  EXPECT_FALSE(button.update(true, 6 * second - 1));
  EXPECT_TRUE(button.update(true, 6 * second));
}

TEST(HeldButton, ReleasedInBetweenItStartsAnew) {
  HeldButton button{5 * second};
  EXPECT_FALSE(button.update(false, 1 * second));
  EXPECT_FALSE(button.update(true, 5 * second));
  EXPECT_FALSE(button.update(false, 5 * second + 1));
  EXPECT_FALSE(button.update(true, 10 * second));
  EXPECT_TRUE(button.update(true, 10 * second + 1));
}

TEST(HeldButton, StaysHeldUntilItIsReleased) {
  HeldButton button{5 * second};
  EXPECT_FALSE(button.update(false, 0));
  EXPECT_TRUE(button.update(true, 5 * second));
  EXPECT_TRUE(button.update(true, 60 * second));
  EXPECT_FALSE(button.update(false, 61 * second));
}

TEST(HeldButton, StuckFromTheStartItIsNobodysWish) {
  HeldButton button{5 * second};
  for (std::int64_t now = 0; now < 600 * second; now += second / 10) {
    ASSERT_FALSE(button.update(true, now)) << now;
  }
  EXPECT_FALSE(button.update(false, 600 * second));
  EXPECT_FALSE(button.update(true, 601 * second));
  EXPECT_TRUE(button.update(true, 605 * second));
}

TEST(HeldButton, NotPressedItIsNeverHeld) {
  HeldButton button{5 * second};
  for (std::int64_t now = 0; now < 60 * second; now += second) {
    EXPECT_FALSE(button.update(false, now)) << now;
  }
}

}  // namespace
}  // namespace pourtocol::board
