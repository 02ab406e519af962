#include <gmock/gmock.h>

#include "tests/contract/audit_log_contract.hpp"

namespace pourtocol::contract {

using control::AlreadyKnown;
using control::Cause;
using control::EventStatus;
using control::Failed;
using control::Holds;
using control::LogRow;
using control::Overloaded;
using control::Pour;
using control::PourState;
using control::Refused;
using control::Started;
using control::WriteId;
using control::WriteReply;
using control::Written;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using enum control::PourState;

namespace {

TapName tap_named(std::string_view name) {
  return TapName::parse(name).value();
}

template <class Result>
bool is(const WriteReply& reply) {
  return std::holds_alternative<Result>(reply.result);
}

bool refused_for(const WriteReply& reply, Cause cause) {
  const auto* refused = std::get_if<Refused>(&reply.result);
  return refused != nullptr && refused->cause == cause;
}

std::vector<std::string> keys_of(const std::vector<Pour>& pours) {
  std::vector<std::string> keys;
  for (const Pour& pour : pours) keys.emplace_back(pour.request_id.view());
  return keys;
}

std::vector<TapName> held_in(const control::Recovered& recovered) {
  std::vector<TapName> taps;
  for (const auto& held : recovered.held) taps.push_back(held.tap);
  return taps;
}

void expect_without_gaps(const std::vector<LogRow>& rows) {
  std::int64_t expected = 1;
  for (const LogRow& row : rows) EXPECT_EQ(row.id, expected++);
}

void expect_same(const LogRow& a, const LogRow& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.timestamp, b.timestamp);
  EXPECT_EQ(a.user, b.user);
  EXPECT_EQ(a.amount_ml, b.amount_ml);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.tap, b.tap);
  EXPECT_EQ(a.request_id, b.request_id);
  EXPECT_EQ(a.purpose, b.purpose);
  EXPECT_EQ(a.action, b.action);
  EXPECT_EQ(a.outcome, b.outcome);
  EXPECT_EQ(a.delivery, b.delivery);
}

}  // namespace

TEST_P(AuditLogContract, AStartIsWrittenAsSendingAndMakesARow) {
  const Pour pour = wish("a", "main");
  const WriteReply& reply = start(pour);

  EXPECT_TRUE(is<Started>(reply));
  ASSERT_TRUE(reply.row);
  EXPECT_EQ(reply.row->id, 1);
  EXPECT_EQ(reply.row->status, EventStatus::started);
  EXPECT_EQ(reply.row->outcome, sending);
  EXPECT_EQ(reply.row->user, pour.user);
  EXPECT_EQ(reply.row->amount_ml, 30);
  EXPECT_EQ(reply.row->request_id, pour.request_id);
  EXPECT_EQ(reply.row->timestamp, pour.started_at);
  EXPECT_EQ(reply.row->reason, "");
  EXPECT_EQ(reply.row->cause, Cause::checks_passed);
  EXPECT_FALSE(reply.row->stop_reason);
}

TEST_P(AuditLogContract, TheCoordinatorsRefusalIsWrittenUnderItsCause) {
  const WriteReply& reply = start(wish("a", "main"), Cause::no_glass);

  EXPECT_TRUE(refused_for(reply, Cause::no_glass));
  ASSERT_TRUE(reply.row);
  EXPECT_EQ(reply.row->status, EventStatus::failed);
  EXPECT_EQ(reply.row->outcome, refused);
  EXPECT_NE(reply.row->reason, "");
  EXPECT_THAT(recover().open, IsEmpty());
}

TEST_P(AuditLogContract, AnAmountOutside1To60IsRefusedWhateverTheCoordinatorThinks) {
  int n = 0;
  for (const std::int64_t amount :
       {std::int64_t{0}, std::int64_t{61}, std::int64_t{-1}, std::int64_t{9'000'000'000'000'000}}) {
    const auto key = "k" + std::to_string(++n);
    const WriteReply& reply = start(wish(key, "main", amount));
    EXPECT_TRUE(refused_for(reply, Cause::amount_out_of_range)) << amount;
    EXPECT_EQ(reply.row.value().amount_ml, amount);
  }
  EXPECT_TRUE(is<Started>(start(wish("least", "main", 1))));
  EXPECT_TRUE(is<Started>(start(wish("most", "side", 60))));
}

TEST_P(AuditLogContract, ATapWithAnOpenPourTakesNoOther) {
  Pour pour = wish("a", "main");
  start(pour);
  pour.state = sending;
  EXPECT_TRUE(refused_for(start(wish("b", "main")), Cause::busy));

  const Pour taken = moved(pour, accepted, Cause::device_accepted);
  step(pour, taken);
  EXPECT_TRUE(refused_for(start(wish("c", "main")), Cause::busy));

  const Pour lost = moved(taken, unclear, Cause::contact_lost);
  step(taken, lost);
  const WriteReply& fourth = start(wish("d", "main"));
  EXPECT_TRUE(refused_for(fourth, Cause::unclear_pour) || refused_for(fourth, Cause::busy));
  EXPECT_TRUE(is<Started>(start(wish("e", "side")))) << "another tap is free";

  step(lost, moved(lost, unknown, Cause::unreachable));
  EXPECT_TRUE(is<Started>(start(wish("f", "main"))));
}

TEST_P(AuditLogContract, AHeldTapTakesNoOrderUntilItIsReleased) {
  EXPECT_TRUE(is<Holds>(hold("main", true)));
  EXPECT_TRUE(refused_for(start(wish("a", "main")), Cause::stopped));
  EXPECT_TRUE(is<Started>(start(wish("b", "side"))));

  EXPECT_TRUE(is<Holds>(hold("main", false)));
  EXPECT_TRUE(is<Started>(start(wish("c", "main"))));
}

TEST_P(AuditLogContract, TheRefusalOfTheCoordinatorComesBeforeTheStoresOwn) {
  hold("main", true);
  EXPECT_TRUE(refused_for(start(wish("a", "main", 99), Cause::offline), Cause::offline));
  EXPECT_TRUE(refused_for(start(wish("b", "main", 99)), Cause::amount_out_of_range));
  EXPECT_TRUE(refused_for(start(wish("c", "main")), Cause::stopped));
}

TEST_P(AuditLogContract, AKnownKeyIsTheAnswerBeforeAnyCheck) {
  const Pour poured = pour_through("a", "main", {accepted, done});
  hold("main", true);
  const std::size_t before = rows().size();

  const WriteReply& reply = start(wish("a", "side", 99), Cause::offline);
  ASSERT_TRUE(is<AlreadyKnown>(reply));
  EXPECT_EQ(std::get<AlreadyKnown>(reply.result).pour, poured);
  EXPECT_FALSE(reply.row);
  EXPECT_EQ(rows().size(), before);
}

TEST_P(AuditLogContract, ARefusedKeyStaysKnown) {
  start(wish("a", "main"), Cause::no_glass);
  const WriteReply& again = start(wish("a", "main"));
  ASSERT_TRUE(is<AlreadyKnown>(again));
  EXPECT_EQ(std::get<AlreadyKnown>(again.result).pour.state, refused);
  EXPECT_EQ(std::get<AlreadyKnown>(again.result).pour.cause, Cause::no_glass);
}

TEST_P(AuditLogContract, ChecksSeeWhatWasWrittenJustBefore) {
  const WriteId first = submit_start(wish("a", "main"));
  const WriteId twin = submit_start(wish("a", "main"));
  const WriteId rival = submit_start(wish("b", "main"));
  submit_hold("side", true);
  const WriteId held = submit_start(wish("c", "side"));

  EXPECT_TRUE(is<Started>(reply_to(first)));
  EXPECT_TRUE(is<AlreadyKnown>(reply_to(twin)));
  EXPECT_TRUE(refused_for(reply_to(rival), Cause::busy));
  EXPECT_TRUE(refused_for(reply_to(held), Cause::stopped));
}

TEST_P(AuditLogContract, AWholePourMayBeSubmittedAtOnce) {
  Pour pour = wish("a", "main");
  submit_start(pour);
  pour.state = sending;
  const Pour taken = moved(pour, accepted, Cause::device_accepted);
  submit_step(pour, taken);
  submit_step(taken, ended(taken));
  EXPECT_TRUE(is<Started>(start(wish("b", "main"))));
  expect_without_gaps(rows());
}

TEST_P(AuditLogContract, OnlyTheStartAndTheEndOfAPourMakeRows) {
  Pour pour = wish("a", "main");
  start(pour);
  pour.state = sending;
  const Pour taken = moved(pour, accepted, Cause::device_accepted);
  EXPECT_FALSE(step(pour, taken).row);
  const Pour lost = moved(taken, unclear, Cause::contact_lost);
  EXPECT_FALSE(step(taken, lost).row);

  const Pour end = ended(lost);
  const WriteReply& reply = step(lost, end);
  ASSERT_TRUE(reply.row);
  EXPECT_EQ(reply.row->status, EventStatus::success);
  EXPECT_EQ(reply.row->outcome, done);
  EXPECT_EQ(reply.row->delivery, end.delivery);
  EXPECT_EQ(reply.row->timestamp, end.updated_at);
  EXPECT_EQ(reply.row->cause, end.cause);
  EXPECT_EQ(reply.row->stop_reason, end.stop_reason);
  EXPECT_EQ(rows().size(), 2U);
  EXPECT_EQ(rows().back().cause, end.cause);
  EXPECT_EQ(rows().back().stop_reason, end.stop_reason);
}

TEST_P(AuditLogContract, AnUnknownPourMayBeResolvedByLateEvidence) {
  const Pour lost = pour_through("a", "main", {unclear, unknown});
  const WriteReply& reply = step(lost, moved(lost, partial, Cause::device_reported));
  EXPECT_TRUE(is<Written>(reply));
  ASSERT_TRUE(reply.row);
  EXPECT_EQ(reply.row->outcome, partial);
  EXPECT_THAT(recover().unresolved, IsEmpty());
}

TEST_P(AuditLogContract, LateEvidenceLeavesAnotherPourOfItsTapOpen) {
  const Pour lost = pour_through("a", "main", {unclear, unknown});
  pour_through("b", "main", {accepted});
  EXPECT_TRUE(is<Written>(step(lost, moved(lost, partial, Cause::device_reported))));
  EXPECT_TRUE(refused_for(start(wish("c", "main")), Cause::busy));
  EXPECT_THAT(keys_of(recover().open), ElementsAre("b"));
}

TEST_P(AuditLogContract, AStepThatIsNotLegalFailsAndLeavesNoTrace) {
  const Pour poured = pour_through("a", "main", {accepted, done});
  Pour stranger = wish("stranger", "side");
  stranger.state = sending;
  Pour stale = poured;
  stale.state = accepted;
  const std::size_t before = rows().size();

  EXPECT_TRUE(is<Failed>(step(poured, moved(poured, accepted, Cause::device_accepted))));
  recover();
  EXPECT_TRUE(is<Failed>(step(stale, moved(stale, partial, Cause::device_reported))));
  recover();
  EXPECT_TRUE(is<Failed>(step(stranger, moved(stranger, accepted, Cause::device_accepted))));
  recover();

  EXPECT_EQ(rows().size(), before);
  const WriteReply& known = start(wish("a", "main"));
  ASSERT_TRUE(is<AlreadyKnown>(known));
  EXPECT_EQ(std::get<AlreadyKnown>(known.result).pour, poured);
  EXPECT_TRUE(is<Started>(start(wish("next", "main"))));
}

TEST_P(AuditLogContract, RepliesComeInTheOrderOfTheCalls) {
  constexpr int pours = 60;
  for (int i = 0; i < pours; ++i) {
    Pour pour = wish("k" + std::to_string(i), "t" + std::to_string(i));
    submit_start(pour);
    pour.state = sending;
    submit_step(pour, moved(pour, not_sent, Cause::connect_failed));
    submit_start(pour);
    submit_hold("t" + std::to_string(i), true);
  }
  wait_for_replies(4 * pours);
  std::uint64_t expected = 0;
  for (const WriteReply& reply : replies()) EXPECT_EQ(reply.id, WriteId{++expected});
}

TEST_P(AuditLogContract, AStormOfStartsIsAnsweredInOrderAndOnlyStartsAreTurnedAway) {
  constexpr std::size_t storm = 3000;
  for (std::size_t i = 0; i < storm; ++i) {
    submit_start(wish("k" + std::to_string(i), "t" + std::to_string(i)));
  }
  const WriteId last = submit_hold("t0", true);
  EXPECT_TRUE(is<Holds>(reply_to(last)));

  std::size_t written = 0;
  std::uint64_t expected = 0;
  for (const WriteReply& reply : replies()) {
    EXPECT_EQ(reply.id, WriteId{++expected});
    if (is<Overloaded>(reply)) {
      EXPECT_FALSE(reply.row);
    } else if (is<Started>(reply)) {
      ++written;
    }
  }
  EXPECT_EQ(replies().size(), storm + 1);
  EXPECT_EQ(rows().size(), written);
  expect_without_gaps(rows());
}

TEST_P(AuditLogContract, WhatARefusedOrKnownOrFailedWriteLeavesOutMakesNoGap) {
  const Pour poured = pour_through("a", "main", {accepted, done});
  start(wish("b", "main"), Cause::no_glass);
  start(wish("a", "main"));
  step(poured, moved(poured, unclear, Cause::contact_lost));
  recover();
  pour_through("c", "main", {accepted, unclear, unknown});
  expect_without_gaps(rows());
  EXPECT_EQ(rows().size(), 5U);
}

TEST_P(AuditLogContract, RecoveryTellsWhatIsOpenAndHeldAndWhereTheLogEnds) {
  EXPECT_EQ(recover().last_log_id, 0);
  pour_through("settled", "t1", {accepted, done});
  const Pour open = pour_through("open", "t2", {accepted});
  pour_through("sent", "t3", {});
  pour_through("lost", "t4", {unclear});
  hold("t1", true);
  hold("t2", true);
  hold("t2", false);
  hold("t4", true);

  const control::Recovered recovered = recover();
  EXPECT_THAT(keys_of(recovered.open), ::testing::UnorderedElementsAre("open", "sent", "lost"));
  EXPECT_THAT(recovered.open, ::testing::Contains(open));
  EXPECT_THAT(held_in(recovered),
              ::testing::UnorderedElementsAre(tap_named("t1"), tap_named("t4")));
  EXPECT_THAT(recovered.unresolved, IsEmpty());
  EXPECT_EQ(recovered.last_log_id, 5);
}

TEST_P(AuditLogContract, RecoveryTellsTheUnknownPoursTheirDevicesMayStillResolve) {
  pour_through("older", "t1", {unclear, unknown});
  pour_through("newest", "t1", {unclear, unknown});
  start(wish("refused-later", "t1"), Cause::no_glass);
  pour_through("not-sent-later", "t1", {not_sent});
  pour_through("rejected-later", "t1", {rejected});
  pour_through("overtaken", "t2", {unclear, unknown});
  pour_through("poured-later", "t2", {accepted, done});
  pour_through("overtaken-too", "t3", {unclear, unknown});
  pour_through("open-later", "t3", {});

  const control::Recovered recovered = recover();
  EXPECT_THAT(keys_of(recovered.unresolved), ElementsAre("newest"));
  EXPECT_THAT(keys_of(recovered.open), ElementsAre("open-later"));
}

TEST_P(AuditLogContract, APourThatWasFoundIsWrittenOnceAndFinal) {
  Pour pour = moved(wish("found", "left"), PourState::done, Cause::ordered_at_machine);
  pour.accepted = false;
  pour.context.guard.reset();
  pour.started_at = pour.updated_at;
  pour.detail.clear();
  const WriteReply& reply = reply_to(submit(control::FoundWrite{pour}));
  EXPECT_TRUE(std::holds_alternative<control::Written>(reply.result));
  ASSERT_TRUE(reply.row);
  EXPECT_EQ(reply.row->status, control::EventStatus::success);
  EXPECT_EQ(reply.row->cause, Cause::ordered_at_machine);
  EXPECT_EQ(reply.row->delivery, pour.delivery);
  crash();
  const control::Recovered recovered = recover();
  ASSERT_EQ(recovered.counted.size(), 1U) << "what its machine had counted keeps it from being "
                                             "looked for again";
  EXPECT_EQ(recovered.counted[0].pours_total, pour.context.pours_total);
  const WriteReply& again = reply_to(submit(control::FoundWrite{pour}));
  const auto* known = std::get_if<control::AlreadyKnown>(&again.result);
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->pour, pour);
  EXPECT_FALSE(again.row);
}

TEST_P(AuditLogContract, RecoveryTellsWhatAMachineHadCountedBeforeItsNewestPour) {
  pour_through("a", "left", {PourState::accepted, PourState::done});
  const control::Recovered recovered = recover();
  ASSERT_EQ(recovered.counted.size(), 1U);
  EXPECT_EQ(recovered.counted[0].tap, tap_named("left"));
  EXPECT_EQ(recovered.counted[0].machine, MachineId{0xbadcafe});
  EXPECT_EQ(recovered.counted[0].pours_total, 17U);
  Pour seed = wish("b", "left");
  seed.context.guard.reset();
  start(seed);
  EXPECT_TRUE(recover().counted.empty()) << "the newest is of a device that counts nothing";
}

TEST_P(AuditLogContract, WritesSubmittedBeforeARecoveryAreAnsweredAndSeenByIt) {
  const WriteId id = submit_start(wish("a", "main"));
  const control::Recovered recovered = recover();
  ASSERT_EQ(replies().size(), 1U);
  EXPECT_EQ(replies().front().id, id);
  EXPECT_THAT(keys_of(recovered.open), ElementsAre("a"));
}

TEST_P(AuditLogContract, ACrashLosesNoAcknowledgedRow) {
  for (int i = 0; i < 200; ++i) {
    submit_start(wish("k" + std::to_string(i), "t" + std::to_string(i)));
    if (i % 20 == 19) wait_for_replies(static_cast<std::size_t>(i) - 10);
  }
  crash();

  const auto kept = rows();
  expect_without_gaps(kept);
  for (const WriteReply& reply : replies()) {
    ASSERT_TRUE(is<Started>(reply));
    const auto index = static_cast<std::size_t>(reply.row.value().id) - 1;
    ASSERT_LT(index, kept.size()) << "an acknowledged row is gone";
    expect_same(kept[index], *reply.row);
  }
  EXPECT_EQ(recover().open.size(), kept.size());
}

TEST_P(AuditLogContract, ACrashLosesNoAcknowledgedStepOrHold) {
  const Pour open = pour_through("a", "main", {accepted});
  const Pour lost = pour_through("b", "side", {unclear, unknown});
  hold("main", true);
  crash();

  const control::Recovered recovered = recover();
  EXPECT_THAT(recovered.open, ElementsAre(open));
  EXPECT_THAT(recovered.unresolved, ElementsAre(lost));
  EXPECT_THAT(held_in(recovered), ElementsAre(tap_named("main")));
}

TEST_P(AuditLogContract, NumberingGoesOnAfterACrashWithoutGapOrRepetition) {
  pour_through("a", "main", {accepted, done});
  submit_start(wish("perhaps", "side"));
  crash();
  const auto after = recover().last_log_id;
  EXPECT_GE(after, 2);
  EXPECT_LE(after, 3);
  const WriteReply& reply = start(wish("b", "main"));
  EXPECT_EQ(reply.row.value().id, after + 1);
  expect_without_gaps(rows());
}

TEST_P(AuditLogContract, AKeyIsKnownAfterACrash) {
  const Pour poured = pour_through("a", "main", {accepted, done});
  crash();
  recover();
  const WriteReply& again = start(wish("a", "main"));
  ASSERT_TRUE(is<AlreadyKnown>(again));
  EXPECT_EQ(std::get<AlreadyKnown>(again.result).pour, poured);
}

}  // namespace pourtocol::contract
