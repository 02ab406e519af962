// The rules of the log where a storage keeps in memory what they add. tests/contract holds them to
// the rest, on the simulation's disk and on SQLite.
#include "backend/ledger/ledger.hpp"

#include <gtest/gtest.h>

#include <string>

#include "backend/ledger/memory_storage.hpp"

namespace pourtocol::ledger {
namespace {

using control::Cause;
using control::Pour;
using control::PourState;
using control::Refused;
using control::Started;
using control::StartWrite;
using control::StepWrite;
using control::WriteReply;
using control::Written;

class Ledger : public ::testing::Test {
 protected:
  static Pour wish(std::string_view id) {
    Pour pour;
    pour.request_id = *RequestId::parse(id);
    pour.tap = *TapName::parse("main");
    pour.user = *UserToken::from("ann");
    pour.amount_ml = 30;
    return pour;
  }
  Pour started(std::string_view id) {
    const Pour pour = wish(id);
    EXPECT_TRUE(std::holds_alternative<Started>(apply(storage_, {}, StartWrite{pour, {}}).result));
    return *storage_.pour(pour.request_id);
  }
  bool takes(PourState from, Pour pour, PourState to) {
    pour.state = to;
    return std::holds_alternative<Written>(apply(storage_, {}, StepWrite{from, pour}).result);
  }
  /// A pour that ended as unknown.
  Pour unknown(std::string_view id) {
    Pour pour = started(id);
    EXPECT_TRUE(takes(PourState::sending, pour, PourState::unclear));
    EXPECT_TRUE(takes(PourState::unclear, pour, PourState::unknown));
    return *storage_.pour(pour.request_id);
  }
  std::size_t unresolved() { return present_state(storage_).unresolved.size(); }

  MemoryStorage storage_;
};

TEST_F(Ledger, ARefusalItCannotDoWithoutIsItsOwn) {
  Pour pour = wish("r1");
  pour.amount_ml = 61;
  const WriteReply reply = apply(storage_, {}, StartWrite{pour, {}});
  EXPECT_EQ(std::get<Refused>(reply.result).cause, Cause::amount_out_of_range);
  EXPECT_EQ(storage_.rows().back().cause, Cause::amount_out_of_range);
}

TEST_F(Ledger, AStepIsTakenFromWhereThePourStandsAndNotOtherwise) {
  const Pour pour = started("r1");
  EXPECT_FALSE(takes(PourState::sending, wish("r9"), PourState::accepted)) << "nobody knows it";
  EXPECT_FALSE(takes(PourState::accepted, pour, PourState::done)) << "it is not accepted yet";
  EXPECT_FALSE(takes(PourState::sending, pour, PourState::done)) << "there is no such arrow";
  EXPECT_EQ(storage_.transitions().size(), 1U);
  EXPECT_TRUE(takes(PourState::sending, pour, PourState::accepted));
}

TEST_F(Ledger, AStepMayNotChangeWhatWasWishedFor) {
  const Pour pour = started("r1");
  std::vector<Pour> others(7, pour);
  others[0].tap = *TapName::parse("side");
  others[1].user = *UserToken::from("bob");
  others[2].amount_ml = 31;
  others[3].purpose = protocol::Purpose::calibrate;
  others[4].run_time = std::chrono::seconds{3};
  others[5].portions = 2;
  others[6].started_at += std::chrono::seconds{1};
  for (const Pour& other : others) {
    EXPECT_FALSE(takes(PourState::sending, other, PourState::accepted));
  }
  EXPECT_EQ(*storage_.pour(pour.request_id), pour);
}

TEST_F(Ledger, AnUnknownPourIsUnresolvedUntilAnotherMayHaveFlowed) {
  unknown("r1");
  EXPECT_EQ(unresolved(), 1U);
  EXPECT_TRUE(takes(PourState::sending, started("r2"), PourState::not_sent));
  EXPECT_TRUE(takes(PourState::sending, started("r3"), PourState::rejected));
  const Pour fourth = started("r4");
  EXPECT_TRUE(takes(PourState::sending, fourth, PourState::unclear));
  EXPECT_TRUE(takes(PourState::unclear, fourth, PourState::not_poured));
  EXPECT_EQ(unresolved(), 1U) << "none of them flowed";
  EXPECT_TRUE(takes(PourState::sending, started("r5"), PourState::accepted));
  EXPECT_EQ(unresolved(), 0U);
}

TEST_F(Ledger, ATapOnWhichNothingEverFlowedHasNothingUnresolved) {
  EXPECT_TRUE(takes(PourState::sending, started("r1"), PourState::not_sent));
  EXPECT_EQ(unresolved(), 0U);
}

}  // namespace
}  // namespace pourtocol::ledger
