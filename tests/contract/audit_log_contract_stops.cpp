// What the log must do with the numbers of stops.
#include <gmock/gmock.h>

#include "tests/contract/audit_log_contract.hpp"

namespace pourtocol::contract {

using control::Cause;
using control::Holds;
using control::HoldWrite;
using control::Recovered;
using control::Refused;
using control::Started;
using control::StopNumber;
using control::WriteReply;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

TapName tap_named(std::string_view name) {
  return TapName::parse(name).value();
}

StopNumber newest_in(const WriteReply& reply) {
  const auto* holds = std::get_if<Holds>(&reply.result);
  EXPECT_NE(holds, nullptr);
  return holds == nullptr || holds->newest.empty() ? StopNumber::none : holds->newest.front();
}

}  // namespace

TEST_P(AuditLogContract, EachStopHasAHigherNumberThanAllBeforeIt) {
  const StopNumber first = newest_in(hold("main", true));
  const StopNumber second = newest_in(hold("side", true));
  const StopNumber again = newest_in(hold("main", true));
  EXPECT_LT(StopNumber::none, first);
  EXPECT_LT(first, second);
  EXPECT_LT(second, again);
  hold("main", false);
  crash();
  recover();
  EXPECT_LT(again, newest_in(hold("main", true)));
}

TEST_P(AuditLogContract, AReleaseLiftsTheStopItNamesAndThoseBefore) {
  hold("main", true);
  const StopNumber newest = newest_in(hold("main", true));
  EXPECT_EQ(newest_in(hold("main", false, newest)), StopNumber::none);
  EXPECT_TRUE(std::holds_alternative<Started>(start(wish("a", "main")).result));
}

TEST_P(AuditLogContract, AReleaseLeavesANewerStopAlone) {
  const StopNumber old = newest_in(hold("main", true));
  const StopNumber newer = newest_in(hold("main", true));
  EXPECT_EQ(newest_in(hold("main", false, old)), newer);
  const WriteReply& refused = start(wish("a", "main"));
  ASSERT_TRUE(std::holds_alternative<Refused>(refused.result));
  EXPECT_EQ(std::get<Refused>(refused.result).cause, Cause::stopped);
  crash();
  EXPECT_THAT(recover().held, ElementsAre(Recovered::Held{tap_named("main"), newer}));
}

TEST_P(AuditLogContract, AReleaseTellsOfEachTapWhatHoldsItNow) {
  const StopNumber side = newest_in(hold("side", true));
  const StopNumber main = newest_in(hold("main", true));
  const WriteReply& reply =
      reply_to(submit(HoldWrite{.taps = {tap_named("main"), tap_named("free"), tap_named("side")},
                                .held = false,
                                .at = WallTime{},
                                .up_to = side}));
  EXPECT_THAT(std::get<Holds>(reply.result).newest,
              ElementsAre(main, StopNumber::none, StopNumber::none));
}

TEST_P(AuditLogContract, AReleaseOfWhatIsNotStoppedWritesNothing) {
  const StopNumber first = newest_in(hold("main", true));
  hold("main", false);
  hold("main", false);
  hold("side", false);
  EXPECT_THAT(recover().held, IsEmpty());
  const auto second = static_cast<std::int64_t>(newest_in(hold("main", true)));
  EXPECT_EQ(second, static_cast<std::int64_t>(first) + 2) << "one row between them";
}

TEST_P(AuditLogContract, RecoveryTellsTheHighestNumberThatAStopEverHad) {
  EXPECT_EQ(recover().newest_stop, StopNumber::none);
  hold("main", true);
  const StopNumber newest = newest_in(hold("side", true));
  hold("side", false);
  crash();
  const StopNumber told = recover().newest_stop;
  EXPECT_GE(told, newest);
  EXPECT_LT(told, newest_in(hold("main", true)));
}

TEST_P(AuditLogContract, OfAStopAndAReleaseInOneCommitTheOrderCounts) {
  const StopNumber old = newest_in(hold("main", true));
  submit_hold("main", true);
  const auto release = submit_hold("main", false, old);
  EXPECT_LT(old, newest_in(reply_to(release))) << "the stop between them stands";
}

}  // namespace pourtocol::contract
