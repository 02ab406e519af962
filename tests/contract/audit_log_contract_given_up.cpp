// What the log must do with ids that were given up before their order came.
#include <gmock/gmock.h>

#include "tests/contract/audit_log_contract.hpp"

namespace pourtocol::contract {

using control::AlreadyKnown;
using control::Cause;
using control::EventStatus;
using control::GiveUpWrite;
using control::PourState;
using control::Refused;
using control::Started;
using control::WriteReply;
using control::Written;
using ::testing::IsEmpty;

namespace {

GiveUpWrite giving_up(std::string_view key) {
  return {.request_id = RequestId::parse(key).value(),
          .at = WallTime{std::chrono::milliseconds{1'000}}};
}

bool refused_as_given_up(const WriteReply& reply) {
  const auto* refused = std::get_if<Refused>(&reply.result);
  return refused != nullptr && refused->cause == Cause::given_up;
}

}  // namespace

TEST_P(AuditLogContract, AnUnknownKeyIsGivenUpWithoutARow) {
  const WriteReply& reply = reply_to(submit(giving_up("a")));
  EXPECT_TRUE(std::holds_alternative<Written>(reply.result));
  EXPECT_FALSE(reply.row);
  EXPECT_THAT(rows(), IsEmpty());
}

TEST_P(AuditLogContract, AStartUnderAKeyThatWasGivenUpIsARefusedRow) {
  reply_to(submit(giving_up("a")));
  const WriteReply& late = start(wish("a", "main"));
  EXPECT_TRUE(refused_as_given_up(late));
  ASSERT_TRUE(late.row);
  EXPECT_EQ(late.row->status, EventStatus::failed);
  EXPECT_EQ(late.row->outcome, PourState::refused);
  EXPECT_THAT(recover().open, IsEmpty());
  EXPECT_TRUE(std::holds_alternative<Started>(start(wish("b", "main")).result))
      << "another key is not concerned";
}

TEST_P(AuditLogContract, AKeyThatWasGivenUpStaysSoAfterACrash) {
  reply_to(submit(giving_up("a")));
  crash();
  EXPECT_TRUE(refused_as_given_up(start(wish("a", "main"))));
}

TEST_P(AuditLogContract, AKeyMayBeGivenUpAgain) {
  reply_to(submit(giving_up("a")));
  crash();
  EXPECT_TRUE(std::holds_alternative<Written>(reply_to(submit(giving_up("a"))).result));
  EXPECT_TRUE(refused_as_given_up(start(wish("a", "main"))));
}

TEST_P(AuditLogContract, AGivenUpKeyIsRefusedForThatWhateverElseStandsInItsWay) {
  start(wish("other", "main"));
  hold("main", true);
  reply_to(submit(giving_up("a")));
  EXPECT_TRUE(refused_as_given_up(start(wish("a", "main", 61), Cause::no_glass)));
}

TEST_P(AuditLogContract, AKnownKeyIsNotGivenUp) {
  start(wish("a", "main"));
  const WriteReply& reply = reply_to(submit(giving_up("a")));
  const auto* known = std::get_if<AlreadyKnown>(&reply.result);
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->pour.state, PourState::sending);
  const WriteReply& again = start(wish("a", "main"));
  ASSERT_TRUE(std::holds_alternative<AlreadyKnown>(again.result));
  EXPECT_EQ(std::get<AlreadyKnown>(again.result).pour.state, PourState::sending);
}

TEST_P(AuditLogContract, OfAStartAndAGivingUpInOneCommitTheFirstCounts) {
  const auto given_up = submit(giving_up("a"));
  const auto late = submit_start(wish("a", "main"));
  const auto early = submit_start(wish("b", "side"));
  const auto in_vain = submit(giving_up("b"));
  EXPECT_TRUE(std::holds_alternative<Written>(reply_to(given_up).result));
  EXPECT_TRUE(refused_as_given_up(reply_to(late)));
  EXPECT_TRUE(std::holds_alternative<Started>(reply_to(early).result));
  EXPECT_TRUE(std::holds_alternative<AlreadyKnown>(reply_to(in_vain).result));
}

}  // namespace pourtocol::contract
