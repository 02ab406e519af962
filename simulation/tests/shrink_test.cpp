#include "simulation/shrink.hpp"

#include <gtest/gtest.h>

namespace pourtocol::simulation {
namespace {

using namespace std::chrono_literals;

/// The first party from that seed on in which the bug shows.
WorldOptions failing_party(Bug bug, std::uint64_t from) {
  for (std::uint64_t seed = from;; ++seed) {
    const WorldOptions options{.seed = seed, .pours = 200, .bug = bug};
    World world{options};
    if (world.run().violation || seed == from + 60) return options;
  }
}

TEST(Shrink, FindsNothingWhereEveryPromiseIsKept) {
  EXPECT_FALSE(shrink({.seed = 1, .pours = 20}, 10s));
}

class Stories : public ::testing::TestWithParam<Bug> {};

TEST_P(Stories, AreShortAndReplay) {
  // What is left out changes what is drawn for the rest. So a party may have no short story, but
  // hardly three of them.
  WorldOptions options{.seed = 0};
  std::optional<Story> story;
  for (int parties = 0; parties < 3 && (!story || story->script.happenings.size() > 8); ++parties) {
    options = failing_party(GetParam(), options.seed + 1);
    story = shrink(options, 300s);
    ASSERT_TRUE(story);
  }
  EXPECT_LE(story->script.happenings.size(), 8U) << told(*story, options);

  WorldOptions again = options;
  again.script = &story->script;
  World world{again};
  const Report report = world.run();
  ASSERT_TRUE(report.violation);
  EXPECT_EQ(report.violation->invariant, story->violation.invariant);
  EXPECT_EQ(report.violation->at, story->violation.at);
  EXPECT_EQ(report.violation->what, story->violation.what);
}

INSTANTIATE_TEST_SUITE_P(Shrink, Stories,
                         ::testing::Values(Bug::forget_dedupe, Bug::ignore_glass, Bug::strip_guard,
                                           Bug::pump_left_on_at_reboot, Bug::log_after_send));

TEST(Shrink, TellsAStoryInWords) {
  Happening order{.at = 12'431ms, .deed = Deed::order, .tap = 1, .amount = 30, .key = 7};
  EXPECT_EQ(told(order), "    12.431 s  a guest orders 30 ml at tap2 (order-7)");
  Happening cut{.at = 12'900ms, .deed = Deed::power_cut, .tap = 1, .length = 700ms};
  EXPECT_EQ(told(cut), "    12.900 s  the power of tap2 is cut for 0.700 s");
}

}  // namespace
}  // namespace pourtocol::simulation
