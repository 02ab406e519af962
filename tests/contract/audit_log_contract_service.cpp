// What the log must do with service runs, and with what is done to calibrations.
#include <gmock/gmock.h>

#include "tests/contract/audit_log_contract.hpp"

namespace pourtocol::contract {

using control::AuditWrite;
using control::Cause;
using control::EventStatus;
using control::LogRow;
using control::Pour;
using control::Recovered;
using control::Refused;
using control::Started;
using control::WriteReply;
using control::Written;
using protocol::Purpose;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using enum control::PourState;

namespace {

TapName tap_named(std::string_view name) {
  return TapName::parse(name).value();
}

WallTime at_ms(std::int64_t ms) {
  return WallTime{std::chrono::milliseconds{ms}};
}

AuditWrite deed(std::string_view tap, std::string_view action, EventStatus status,
                std::int64_t ms) {
  return {.tap = tap_named(tap),
          .user = UserToken::from("host").value(),
          .status = status,
          .action = std::string{action},
          .reason = "So it was done.",
          .at = at_ms(ms)};
}

bool started(const WriteReply& reply) {
  return std::holds_alternative<Started>(reply.result);
}

bool out_of_range(const WriteReply& reply) {
  const auto* refused = std::get_if<Refused>(&reply.result);
  return refused != nullptr && refused->cause == Cause::amount_out_of_range;
}

}  // namespace

TEST_P(AuditLogContract, AServiceRunIsKeptForWhatItIs) {
  Pour run = wish("cup", "left", 120);
  run.purpose = Purpose::calibrate;
  run.portions = 8;
  ASSERT_TRUE(started(start(run)));
  ASSERT_TRUE(reply_to(submit_start(run)).row == std::nullopt) << "known";
  const Recovered recovered = recover();
  ASSERT_EQ(recovered.open.size(), 1U);
  EXPECT_EQ(recovered.open[0].purpose, Purpose::calibrate);
  EXPECT_EQ(recovered.open[0].portions, 8);
  EXPECT_EQ(recovered.open[0].amount_ml, 120);
  EXPECT_EQ(recovered.open[0].run_time.count(), 0);
  ASSERT_EQ(rows().size(), 1U);
  EXPECT_EQ(rows()[0].purpose, Purpose::calibrate);
  EXPECT_EQ(rows()[0].amount_ml, 120);
}

TEST_P(AuditLogContract, AServiceRunByTimeHasNoAmount) {
  Pour run = wish("wash", "left", 0);
  run.purpose = Purpose::clean;
  run.run_time = std::chrono::seconds{30};
  ASSERT_TRUE(started(start(run)));
  EXPECT_EQ(recover().open.at(0).run_time, run.run_time);
}

TEST_P(AuditLogContract, OnlyAServiceRunMayBeLargerThanADrinkAndNoneBeyondItsBounds) {
  EXPECT_TRUE(out_of_range(start(wish("drink", "left", 61))));
  Pour run = wish("large", "left", 201);
  run.purpose = Purpose::prime;
  EXPECT_TRUE(out_of_range(start(run)));
  run = wish("none", "left", 0);
  run.purpose = Purpose::prime;
  EXPECT_TRUE(out_of_range(start(run)));
  run = wish("endless", "left", 0);
  run.purpose = Purpose::clean;
  run.run_time = std::chrono::seconds{61};
  EXPECT_TRUE(out_of_range(start(run)));
  run = wish("uneven", "left", 100);
  run.purpose = Purpose::calibrate;
  run.portions = 3;
  EXPECT_TRUE(out_of_range(start(run)));
  run = wish("timed-drink", "left", 0);
  run.run_time = std::chrono::seconds{1};
  EXPECT_TRUE(out_of_range(start(run)));
}

TEST_P(AuditLogContract, AServiceRunHoldsItsTapLikeAPour) {
  Pour run = wish("cup", "left", 200);
  run.purpose = Purpose::calibrate;
  ASSERT_TRUE(started(start(run)));
  const auto& reply = start(wish("drink", "left"));
  ASSERT_TRUE(std::holds_alternative<Refused>(reply.result));
  EXPECT_EQ(std::get<Refused>(reply.result).cause, Cause::busy);
}

TEST_P(AuditLogContract, WhatARunWasForCannotBeChangedByAStep) {
  Pour run = wish("cup", "left", 30);
  run.purpose = Purpose::calibrate;
  ASSERT_TRUE(started(start(run)));
  run.state = sending;
  Pour changed = moved(run, accepted, Cause::device_accepted);
  changed.purpose = Purpose::pour;
  EXPECT_TRUE(std::holds_alternative<control::Failed>(step(run, changed).result));
}

TEST_P(AuditLogContract, ADeedMakesARowOfItsOwn) {
  const auto& reply = reply_to(submit(deed("left", "new_bottle", EventStatus::success, 1000)));
  ASSERT_TRUE(std::holds_alternative<Written>(reply.result));
  ASSERT_TRUE(reply.row);
  const auto all = rows();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].id, reply.row->id);
  EXPECT_EQ(all[0].timestamp, at_ms(1000));
  EXPECT_EQ(all[0].user.view(), "host");
  EXPECT_EQ(all[0].amount_ml, 0);
  EXPECT_EQ(all[0].status, EventStatus::success);
  EXPECT_EQ(all[0].reason, "So it was done.");
  EXPECT_EQ(all[0].tap, tap_named("left"));
  EXPECT_TRUE(all[0].request_id.empty());
  EXPECT_EQ(all[0].outcome, done);
  EXPECT_EQ(all[0].action, "new_bottle");
  EXPECT_FALSE(all[0].delivery);
  EXPECT_EQ(recover().last_log_id, 1);
}

TEST_P(AuditLogContract, ADeedIsWrittenWhateverTheTapIsBusyWith) {
  start(wish("drink", "left"));
  hold("left", true);
  reply_to(submit(deed("left", "discard", EventStatus::success, 1000)));
  EXPECT_EQ(rows().size(), 2U);
  EXPECT_EQ(recover().open.size(), 1U);
}

TEST_P(AuditLogContract, RecoveryTellsWhenEachCalibrationWasLastAccepted) {
  EXPECT_THAT(recover().calibrated, IsEmpty());
  submit(deed("left", "accept", EventStatus::started, 900));
  submit(deed("left", "accept", EventStatus::success, 1000));
  submit(deed("right", "accept", EventStatus::success, 2000));
  submit(deed("left", "accept", EventStatus::success, 3000));
  submit(deed("left", "accept", EventStatus::failed, 4000));
  reply_to(submit(deed("right", "measured", EventStatus::success, 5000)));
  crash();
  EXPECT_THAT(recover().calibrated,
              ElementsAre(Recovered::Calibrated{tap_named("left"), at_ms(3000)},
                          Recovered::Calibrated{tap_named("right"), at_ms(2000)}));
}

}  // namespace pourtocol::contract
