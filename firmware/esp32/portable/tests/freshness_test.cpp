#include "firmware/esp32/portable/freshness.hpp"

#include <gtest/gtest.h>

namespace pourtocol::board {
namespace {

TEST(Freshness, IsDemandedAsSoonAsAKeyIsSet) {
  EXPECT_TRUE(is_too_timeless(true, false));
  EXPECT_FALSE(is_too_timeless(true, true));
  EXPECT_FALSE(is_too_timeless(false, false)) << "as it was, without a key";
  EXPECT_FALSE(is_too_timeless(false, true));
}

}  // namespace
}  // namespace pourtocol::board
