#include "firmware/esp32/portable/trial.hpp"

#include <gtest/gtest.h>

namespace pourtocol::board {
namespace {

constexpr std::int64_t second = 1'000'000;

TEST(Trial, PassesWithGuardJournalAndNetwork) {
  constexpr TrialSigns all{.pump_guarded = true, .journal_works = true, .network_up = true};
  EXPECT_EQ(judge_trial(all, 2 * second), Verdict::passed);
  EXPECT_EQ(judge_trial(all, trial_us), Verdict::passed);
  EXPECT_EQ(judge_trial(all, 2 * trial_us), Verdict::passed) << "a pour may have kept it waiting";
}

TEST(Trial, WaitsFiveMinutesForANetworkAndNoLonger) {
  constexpr TrialSigns lonely{.pump_guarded = true, .journal_works = true};
  EXPECT_EQ(judge_trial(lonely, 0), Verdict::wait);
  EXPECT_EQ(judge_trial(lonely, 299 * second), Verdict::wait);
  EXPECT_EQ(judge_trial(lonely, 300 * second), Verdict::wait);
  EXPECT_EQ(judge_trial(lonely, 300 * second + 1), Verdict::failed);
}

TEST(Trial, ANetworkIsNotEnough) {
  constexpr TrialSigns forgetful{.pump_guarded = true, .network_up = true};
  EXPECT_EQ(judge_trial(forgetful, 10 * second), Verdict::wait);
  EXPECT_EQ(judge_trial(forgetful, 301 * second), Verdict::failed);
}

TEST(Trial, FailsAtOnceWithoutTheGuardOfThePump) {
  for (const bool journal : {false, true}) {
    for (const bool network : {false, true}) {
      const TrialSigns unguarded{.journal_works = journal, .network_up = network};
      EXPECT_EQ(judge_trial(unguarded, 0), Verdict::failed);
    }
  }
}

}  // namespace
}  // namespace pourtocol::board
