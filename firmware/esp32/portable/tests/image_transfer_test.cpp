#include "firmware/esp32/portable/image_transfer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pourtocol::board {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::size_t image = 1'400'000;

/// Sends `bytes_at_once` every `every_us` and tells after how many seconds it was given up; 0 if
/// all of it came.
std::int64_t seconds_until_given_up(std::size_t bytes_at_once, std::int64_t every_us) {
  constexpr std::int64_t began = 77 * second;
  ImageTransfer transfer{image, began};
  std::int64_t now = began;
  for (std::int64_t due = began + every_us; transfer.left() > 0; now += second / 10) {
    if (transfer.too_slow(now)) return (now - began) / second;
    for (; due <= now && transfer.left() > 0; due += every_us) {
      transfer.came(std::min(bytes_at_once, transfer.left()), now);
    }
  }
  return 0;
}

TEST(ImageTransfer, LetsAnImageInOverAnyNetworkThatIsOne) {
  EXPECT_EQ(seconds_until_given_up(1'460, 5'000), 0);    // 290 kB/s
  EXPECT_EQ(seconds_until_given_up(1'460, 100'000), 0);  // 15 kB/s
  EXPECT_EQ(seconds_until_given_up(200'000, 9 * second), 0) << "in gulps";
}

TEST(ImageTransfer, EndsATrickleWithinSeconds) {
  EXPECT_EQ(seconds_until_given_up(1, second), 10);
  EXPECT_EQ(seconds_until_given_up(1, 9 * second), 10);
  EXPECT_EQ(seconds_until_given_up(288, second), 10) << "the head, and nothing more";
}

TEST(ImageTransfer, EndsWhatIsSlowerThanTheLeastRate) {
  EXPECT_EQ(seconds_until_given_up(4 * 1'024, second), 19);  // it earns half of what it takes
  EXPECT_EQ(seconds_until_given_up(7 * 1'024, second), 73);
}

TEST(ImageTransfer, EndsASilenceHoweverMuchHasCome) {
  ImageTransfer transfer{image, 0};
  transfer.came(image - 1, 3 * second);
  EXPECT_FALSE(transfer.too_slow(13 * second));
  EXPECT_TRUE(transfer.too_slow(13 * second + 1));
}

TEST(ImageTransfer, TakesNoLongerThanFourMinutes) {
  constexpr std::size_t endless = 100'000'000;
  ImageTransfer transfer{endless, 0};
  for (std::int64_t now = 0; now <= ImageTransfer::longest_us; now += second) {
    EXPECT_FALSE(transfer.too_slow(now)) << now;
    transfer.came(10 * 1'024, now);
  }
  EXPECT_TRUE(transfer.too_slow(ImageTransfer::longest_us + 1));
}

}  // namespace
}  // namespace pourtocol::board
