#include "simulation/world.hpp"

#include <gtest/gtest.h>

#include "simulation/swarm.hpp"

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

TEST(World, KeepsEveryPromiseThroughALongParty) {
  const Report report = run_party(41, 500);
  EXPECT_FALSE(report.violation) << "invariant " << report.violation->invariant << ": "
                                 << report.violation->what;
}

TEST(World, DiffersFromSeedToSeed) {
  EXPECT_NE(run_party(1, 20).digest, run_party(2, 20).digest);
}

TEST(World, PerformsItsOwnScriptAsItHappened) {
  World drawn{{.seed = 3, .pours = 100}};
  const Report first = drawn.run();
  World performed{{.seed = 3, .pours = 100, .script = &drawn.script()}};
  const Report second = performed.run();
  EXPECT_EQ(first.digest, second.digest);
  EXPECT_EQ(first.orders, second.orders);
}

TEST(World, PoursForNobodyByAnEmptyScript) {
  const Script nothing{.happenings = {}, .ends_at = std::chrono::seconds{5}};
  World world{{.seed = 3, .script = &nothing}};
  const Report report = world.run();
  EXPECT_FALSE(report.violation);
  EXPECT_EQ(report.faults, 0U);
  EXPECT_EQ(report.faulted_pours, 0U);
  EXPECT_EQ(report.orders, world.cast().size()) << "the last round of each tap, and nothing else";
}

TEST(World, CountsAPourAsFaultedOnlyIfSomethingBefellIt) {
  const auto at = [](int seconds) { return Duration{std::chrono::seconds{seconds}}; };
  const auto party = [&](bool power_fails) {
    Script script{.happenings = {{.at = at(1), .deed = Deed::place_glass, .tap = 0},
                                 {.at = at(2),
                                  .deed = Deed::order,
                                  .tap = 0,
                                  .length = std::chrono::seconds{10},
                                  .amount = 30,
                                  .key = 1}},
                  .ends_at = at(20)};
    if (power_fails) {
      script.happenings.push_back(
          {.at = Duration{2'500'000}, .deed = Deed::power_cut, .tap = 0, .length = at(1)});
    }
    World world{{.seed = 3, .script = &script}};
    return world.run();
  };
  EXPECT_EQ(party(false).faulted_pours, 0U);
  EXPECT_EQ(party(true).faulted_pours, 1U);
  EXPECT_EQ(party(true).faults_of[static_cast<std::size_t>(Deed::power_cut)], 1U);
}

TEST(Swarm, AddsUpItsWorlds) {
  std::uint64_t broken = 0;
  const Totals totals =
      run_swarm({.seed = 1, .time = std::chrono::duration<double>{0.2}, .jobs = 2},
                [&](const Report&) { ++broken; });
  EXPECT_EQ(broken, 0U);
  EXPECT_GE(totals.worlds, 1U);
  EXPECT_GE(totals.orders, totals.worlds * pours_per_world);
  EXPECT_LE(totals.faulted_pours, totals.pours);
  EXPECT_GT(totals.faulted_pours, 0U);
  EXPECT_NE(as_json(totals).find("\"faulted_pours\": " + std::to_string(totals.faulted_pours)),
            std::string::npos);
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
