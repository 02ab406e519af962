// The log in memory does what the port says of a log: tests/contract holds it to the rest, on the
// simulation's disk.
#include "backend/control/ledger_model.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pourtocol::control {
namespace {

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
    EXPECT_TRUE(std::holds_alternative<Started>(ledger_.apply(StartWrite{pour, {}}).result));
    return *ledger_.find(pour.request_id);
  }
  bool takes(PourState from, Pour pour, PourState to) {
    pour.state = to;
    return std::holds_alternative<Written>(ledger_.apply(StepWrite{from, pour}).result);
  }
  /// A pour that ended as unknown.
  Pour unknown(std::string_view id) {
    Pour pour = started(id);
    EXPECT_TRUE(takes(PourState::sending, pour, PourState::unclear));
    EXPECT_TRUE(takes(PourState::unclear, pour, PourState::unknown));
    return *ledger_.find(pour.request_id);
  }
  std::size_t unresolved() const { return ledger_.recover().unresolved.size(); }

  LedgerModel ledger_;
};

TEST_F(Ledger, ARefusalItCannotDoWithoutIsItsOwn) {
  Pour pour = wish("r1");
  pour.amount_ml = 61;
  const WriteReply reply = ledger_.apply(StartWrite{pour, {}});
  EXPECT_EQ(std::get<Refused>(reply.result).cause, Cause::amount_out_of_range);
  EXPECT_EQ(ledger_.rows().back().cause, Cause::amount_out_of_range);
}

TEST_F(Ledger, AStepIsTakenFromWhereThePourStandsAndNotOtherwise) {
  const Pour pour = started("r1");
  EXPECT_FALSE(takes(PourState::sending, wish("r9"), PourState::accepted)) << "nobody knows it";
  EXPECT_FALSE(takes(PourState::accepted, pour, PourState::done)) << "it is not accepted yet";
  EXPECT_FALSE(takes(PourState::sending, pour, PourState::done)) << "there is no such arrow";
  EXPECT_EQ(ledger_.transitions().size(), 1U);
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
  EXPECT_EQ(*ledger_.find(pour.request_id), pour);
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
}  // namespace pourtocol::control
