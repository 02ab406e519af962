#include "simulation/world.hpp"

#include <gtest/gtest.h>

#include <random>

namespace pourtocol::simulation {
namespace {

Report run_party(std::uint64_t seed, std::uint64_t pours, Bug bug = Bug::none) {
  World world{{.seed = seed, .pours = pours, .bug = bug}};
  return world.run();
}

class FixedSeeds : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(FixedSeeds, KeepEveryPromiseAndReplayExactly) {
  const Report first = run_party(GetParam(), 100);
  EXPECT_FALSE(first.violation) << "invariant " << first.violation->invariant << ": "
                                << first.violation->what;
  const Report second = run_party(GetParam(), 100);
  EXPECT_EQ(first.digest, second.digest);
}

INSTANTIATE_TEST_SUITE_P(World, FixedSeeds, ::testing::Range<std::uint64_t>(1, 41));

TEST(World, KeepsEveryPromiseOnAFreshSeed) {
  const std::uint64_t seed = std::random_device{}();
  const Report report = run_party(seed, 500);
  EXPECT_FALSE(report.violation) << "invariant " << report.violation->invariant << ": "
                                 << report.violation->what << "\nreplay: ./dev sim --seed " << seed
                                 << " --pours 500";
}

TEST(World, DiffersFromSeedToSeed) {
  EXPECT_NE(run_party(1, 20).digest, run_party(2, 20).digest);
}

class PlantedBugs : public ::testing::TestWithParam<std::pair<Bug, std::string_view>> {};

TEST_P(PlantedBugs, AreCaught) {
  constexpr std::uint64_t worlds_max = 60;
  for (std::uint64_t seed = 1; seed <= worlds_max; ++seed) {
    if (run_party(seed, 200, GetParam().first).violation) return;
  }
  FAIL() << "not found within " << worlds_max << " parties of 200 orders";
}

INSTANTIATE_TEST_SUITE_P(World, PlantedBugs, ::testing::ValuesIn(planted_bugs),
                         [](const auto& test) { return std::string{test.param.second}; });

}  // namespace
}  // namespace pourtocol::simulation
