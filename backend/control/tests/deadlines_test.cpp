#include "backend/control/deadlines.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/random.hpp"

namespace pourtocol::control {
namespace {

using std::chrono_literals::operator""s;

Instant at(int seconds) {
  return Instant{std::chrono::seconds{seconds}};
}

TEST(Deadlines, AreNoneInTheBeginning) {
  const Deadlines deadlines;
  EXPECT_EQ(deadlines.earliest(), Instant::max());
  EXPECT_TRUE(deadlines.due(at(1'000'000)).empty());
}

TEST(Deadlines, AreDueInTheOrderOfTheConfiguration) {
  Deadlines deadlines;
  deadlines.set(TapIndex{2}, at(1));
  deadlines.set(TapIndex{0}, at(3));
  deadlines.set(TapIndex{1}, at(2));
  EXPECT_EQ(deadlines.earliest(), at(1));
  EXPECT_EQ(deadlines.due(at(2)), (std::vector{TapIndex{1}, TapIndex{2}}));
  deadlines.set(TapIndex{2}, Instant::max());
  EXPECT_EQ(deadlines.due(at(2)), std::vector{TapIndex{1}});
  EXPECT_EQ(deadlines.earliest(), at(2));
}

TEST(Deadlines, AreThoseThatWereSetLast) {
  Deadlines deadlines;
  std::vector<Instant> expected(7, Instant::max());
  Random random{1};
  for (int i = 0; i < 10'000; ++i) {
    const auto tap = static_cast<std::uint32_t>(random.below(expected.size()));
    const auto seconds = static_cast<int>(random.below(20));
    expected[tap] = seconds == 0 ? Instant::max() : at(seconds);
    deadlines.set(TapIndex{tap}, expected[tap]);
    ASSERT_EQ(deadlines.earliest(), std::ranges::min(expected));
    std::vector<TapIndex> due;
    for (std::uint32_t t = 0; t < expected.size(); ++t) {
      if (expected[t] <= at(10)) due.push_back(TapIndex{t});
    }
    ASSERT_EQ(deadlines.due(at(10)), due);
  }
}

}  // namespace
}  // namespace pourtocol::control
