#include "firmware/esp32/portable/holds.hpp"

#include <gtest/gtest.h>

namespace pourtocol::board {
namespace {

TEST(Holds, AreForAsLongAsOneHolds) {
  Holds holds;
  EXPECT_FALSE(holds.any());
  holds.hold(Holder::update);
  holds.hold(Holder::trial);
  holds.release(Holder::update);
  EXPECT_TRUE(holds.any());
  holds.release(Holder::trial);
  EXPECT_FALSE(holds.any());
}

TEST(Holds, WhoAsksAgainAfterALostAnswerHoldsOnce) {
  Holds holds;
  holds.hold(Holder::radio);
  holds.hold(Holder::radio);
  holds.release(Holder::radio);
  EXPECT_FALSE(holds.any());
}

TEST(Holds, WhoLetsGoWithoutHoldingTakesNobodysHoldAway) {
  Holds holds;
  holds.hold(Holder::update);
  holds.release(Holder::trial);
  EXPECT_TRUE(holds.any());
}

}  // namespace
}  // namespace pourtocol::board
