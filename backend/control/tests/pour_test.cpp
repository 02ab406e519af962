// What a pour may be, which steps it may take, and the names of all that is written of it.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "backend/control/pour.hpp"

namespace pourtocol::control {
namespace {

using namespace std::chrono_literals;
using protocol::Purpose;

template <class Enum>
Enum nth(std::size_t n) {
  return static_cast<Enum>(n);
}

Pour guests(std::int64_t amount_ml) {
  Pour pour;
  pour.amount_ml = amount_ml;
  return pour;
}
Pour cup(std::int64_t amount_ml, int portions = 1) {
  Pour pour = guests(amount_ml);
  pour.purpose = Purpose::calibrate;
  pour.portions = portions;
  return pour;
}
Pour wash(std::chrono::milliseconds time) {
  Pour pour;
  pour.purpose = Purpose::clean;
  pour.run_time = time;
  return pour;
}

TEST(Pours, TakeTheStepsOfTheTableAndNoOthers) {
  constexpr std::array<std::string_view, pour_state_count> arrows{
      "new: refused sending done partial unknown",
      "refused:",
      "sending: accepted unclear not_sent rejected",
      "accepted: unclear done partial not_poured",
      "unclear: sending done partial not_poured unknown",
      "not_sent:",
      "rejected:",
      "done:",
      "partial:",
      "not_poured:",
      "unknown: done partial not_poured",
  };
  for (std::size_t from = 0; from < pour_state_count; ++from) {
    std::string found{name_of(nth<PourState>(from))};
    found += ":";
    for (std::size_t to = 0; to < pour_state_count; ++to) {
      if (!is_legal(nth<PourState>(from), nth<PourState>(to))) continue;
      found += " " + std::string{name_of(nth<PourState>(to))};
    }
    EXPECT_EQ(found, arrows.at(from));
  }
}

TEST(Pours, AreNewOpenOrFinal) {
  EXPECT_FALSE(is_final(PourState::fresh));
  EXPECT_FALSE(is_open(PourState::fresh));
  for (std::size_t i = 1; i < pour_state_count; ++i) {
    EXPECT_NE(is_final(nth<PourState>(i)), is_open(nth<PourState>(i)));
  }
}

TEST(Pours, OfAGuestAre1To60MlInOnePortionAndNeverATime) {
  EXPECT_TRUE(is_possible(guests(1)));
  EXPECT_TRUE(is_possible(guests(60)));
  EXPECT_FALSE(is_possible(guests(0)));
  EXPECT_FALSE(is_possible(guests(61)));
  Pour divided = guests(60);
  divided.portions = 2;
  EXPECT_FALSE(is_possible(divided));
  Pour timed = guests(0);
  timed.run_time = 3s;
  EXPECT_FALSE(is_possible(timed));
}

TEST(Pours, IntoACupAre1To200MlInUpToEightEqualPortions) {
  EXPECT_TRUE(is_possible(cup(1)));
  EXPECT_TRUE(is_possible(cup(200, 8)));
  EXPECT_FALSE(is_possible(cup(0)));
  EXPECT_FALSE(is_possible(cup(201)));
  EXPECT_FALSE(is_possible(cup(100, 0)));
  EXPECT_FALSE(is_possible(cup(90, 9)));
  EXPECT_FALSE(is_possible(cup(100, 3)));
}

TEST(Pours, ByTimeHaveABoundAndNeitherAnAmountNorPortions) {
  EXPECT_TRUE(is_possible(wash(500ms)));
  EXPECT_TRUE(is_possible(wash(60s)));
  EXPECT_FALSE(is_possible(wash(499ms)));
  EXPECT_FALSE(is_possible(wash(60'001ms)));
  Pour both = wash(30s);
  both.amount_ml = 100;
  EXPECT_FALSE(is_possible(both));
  Pour divided = wash(30s);
  divided.portions = 2;
  EXPECT_FALSE(is_possible(divided));
}

TEST(Pours, AreReadBackByTheNamesTheyAreWrittenUnder) {
  for (const auto state : enumerators<PourState>) {
    EXPECT_EQ(pour_state_named(name_of(state)), state);
  }
  for (const auto cause : enumerators<Cause>) EXPECT_EQ(cause_named(name_of(cause)), cause);
  for (const auto basis : enumerators<Basis>) EXPECT_EQ(basis_named(name_of(basis)), basis);
}

TEST(Pours, WrittenUnderANameNobodyKnowsAreNotGuessedAt) {
  EXPECT_FALSE(pour_state_named("spilt"));
  EXPECT_FALSE(cause_named("thirst"));
  EXPECT_FALSE(basis_named("eye"));
}

}  // namespace
}  // namespace pourtocol::control
