#include <gtest/gtest.h>

#include "core/fixed_text.hpp"
#include "core/fixed_vector.hpp"

namespace pourtocol {
namespace {

TEST(FixedText, TakesTextUpToItsCapacityAndRefusesMore) {
  EXPECT_EQ(FixedText<4>::from("pour")->view(), "pour");
  EXPECT_FALSE(FixedText<4>::from("pours").has_value());
  EXPECT_EQ(FixedText<4>::truncated("pours").view(), "pour");
}

TEST(FixedText, ComparesByContentWhateverStoodThereBefore) {
  auto text = *FixedText<8>::from("longer");
  text = *FixedText<8>::from("a");
  EXPECT_EQ(text, *FixedText<8>::from("a"));
  EXPECT_LT(text, *FixedText<8>::from("b"));
}

TEST(FixedVector, DropsTheOldestWhenFull) {
  FixedVector<int, 3> ring;
  for (int i = 1; i <= 5; ++i) ring.push_back_dropping_oldest(i);
  EXPECT_EQ(ring[0], 3);
  EXPECT_EQ(ring.back(), 5);
  EXPECT_TRUE(ring.full());
}

TEST(FixedVectorDeathTest, RefusesToOverflow) {
  FixedVector<int, 1> one;
  one.push_back(1);
  EXPECT_DEATH(one.push_back(2), "");
}

}  // namespace
}  // namespace pourtocol
