// Single arrows of the table in docs/safety.md that need an unlikely moment: each piece of evidence
// by itself.
#include <gtest/gtest.h>

#include "backend/control/settle.hpp"

namespace pourtocol::control {
namespace {

using namespace std::chrono_literals;
using protocol::DeviceState;
using protocol::DeviceStatus;

const RequestId ours = *RequestId::parse("r1");
const RequestId of_another = *RequestId::parse("r9");
constexpr BootId boot{0x1111};
constexpr Instant sent = Instant{} + 10s;

class Settling : public ::testing::Test {
 protected:
  void a_pour_of_our_firmware(PourState state) {
    pour_.state = state;
    pour_.context.guard = protocol::OrderGuard{.boot_id = boot, .expires = 105s};
    pour_.context.pours_total = 7;
    auto& details = status_.details.emplace();
    details.boot_id = boot;
    details.uptime_ms = 101s;
    details.journal_whole = true;
    details.pours_total = 7;
  }
  void a_pour_of_a_seed_device(PourState state) { pour_.state = state; }

  std::optional<Step> step(Instant asked_at, Instant now) const {
    const DeviceStatus status = shown(asked_at);
    return next_step(pour_, watch_,
                     {.status = &status, .asked_at = asked_at, .now = now, .contact_lost = false});
  }
  /// What the device says at that moment; its uptime goes on unless `uptime_` says otherwise.
  DeviceStatus shown(Instant at) const {
    DeviceStatus status = status_;
    status.uptime = uptime_.value_or(101s + std::chrono::floor<std::chrono::seconds>(at - sent));
    return status;
  }
  /// A status that was asked and answered then is taken in, as far as it makes no step.
  void sees(DeviceState state, Instant at) {
    status_.state = state;
    const DeviceStatus status = shown(at);
    const Evidence evidence{.status = &status, .asked_at = at, .now = at};
    take_note(pour_, evidence, watch_);
    renew(evidence, pour_.context);
  }
  /// "unclear/no_trace", or "stays".
  std::string verdict(Instant asked_at, Instant now) const {
    const auto found = step(asked_at, now);
    if (!found) return "stays";
    return std::string{name_of(found->to)} + "/" + std::string{name_of(found->cause)};
  }
  /// By a status asked a second after the answer came.
  std::string verdict_soon() const { return verdict(sent + 2s, sent + 2s); }
  /// When W is over.
  std::string verdict_late() const { return verdict(sent + 20s, sent + 20s); }

  Pour pour_ = [] {
    Pour pour;
    pour.request_id = ours;
    pour.amount_ml = 30;
    pour.most = Microlitres{38'500};
    pour.context.uptime = 100s;
    pour.context.uptime_at = sent - 1s;
    return pour;
  }();
  Watch watch_{.sent_at = sent,
               .answered_at = sent + 1s,
               .give_up_at = sent + 15s,
               .longest = 10s,
               .shortest = 1s};
  DeviceStatus status_;
  std::optional<std::chrono::seconds> uptime_;
};

TEST_F(Settling, ASeedDeviceThatPoursTooLongMakesAnAcceptedPourUnclear) {
  a_pour_of_a_seed_device(PourState::accepted);
  status_.state = DeviceState::pouring;
  EXPECT_EQ(verdict_soon(), "stays");
  EXPECT_EQ(verdict_late(), "unclear/deadline_passed");
}

TEST_F(Settling, WhatASeedDeviceSaidBeforeTheOrderSaysNothing) {
  a_pour_of_a_seed_device(PourState::accepted);
  uptime_ = 1s;
  EXPECT_EQ(verdict(sent - 1s, sent + 2s), "stays");
  EXPECT_EQ(verdict_soon(), "unclear/device_rebooted");
}

TEST_F(Settling, OurFirmwareThatPoursTooLongMakesAnAcceptedPourUnclear) {
  a_pour_of_our_firmware(PourState::accepted);
  status_.state = DeviceState::pouring;
  status_.details->pour =
      protocol::RunningPour{.request_id = ours, .requested = {}, .delivered = {}};
  EXPECT_EQ(verdict_soon(), "stays");
  EXPECT_EQ(verdict_late(), "unclear/deadline_passed");
}

TEST_F(Settling, APourOfAnotherIsNoTraceOfOurs) {
  a_pour_of_our_firmware(PourState::accepted);
  status_.state = DeviceState::pouring;
  status_.details->pour =
      protocol::RunningPour{.request_id = of_another, .requested = {}, .delivered = {}};
  EXPECT_EQ(verdict_soon(), "unclear/no_trace");
}

TEST_F(Settling, ThatNoTraceWasThereBeforeTheAnswerSaysNothing) {
  a_pour_of_our_firmware(PourState::accepted);
  EXPECT_EQ(verdict(sent, sent + 2s), "stays");
}

TEST_F(Settling, AnAcceptedPourOfWhichANewBootKnowsNothingIsUnclear) {
  a_pour_of_our_firmware(PourState::accepted);
  status_.details->boot_id = BootId{0x2222};
  EXPECT_EQ(verdict_soon(), "unclear/device_rebooted");
}

TEST_F(Settling, APourCancelledBeforeItBeganDidNotPour) {
  a_pour_of_our_firmware(PourState::accepted);
  protocol::RecentPour record;
  record.request_id = ours;
  record.outcome = protocol::PourOutcome::cancelled;
  record.stop_reason = protocol::StopReason::stop_requested;
  status_.details->recent.push_back(record);
  const auto found = step(sent + 2s, sent + 2s);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->to, PourState::not_poured);
  EXPECT_EQ(found->stop_reason, protocol::StopReason::stop_requested);
  EXPECT_EQ(found->delivery, nothing_delivered());
}

TEST_F(Settling, ACancelledPourMayHavePouredWhereTheMachineLostItsJournal) {
  a_pour_of_our_firmware(PourState::accepted);
  pour_.accepted = true;  // the machine said yes, and lost all that it knew of it
  protocol::RecentPour record;
  record.request_id = ours;
  record.outcome = protocol::PourOutcome::cancelled;
  record.stop_reason = protocol::StopReason::stop_requested;
  status_.details->recent.push_back(record);
  EXPECT_EQ(verdict_soon(), "unclear/no_trace");
  pour_.state = PourState::unclear;
  EXPECT_EQ(verdict_soon(), "unknown/journal_lost");
  EXPECT_FALSE(late_evidence(pour_, *status_.details));

  pour_.accepted = false;  // the answer was lost: whether it was a yes nobody knows
  EXPECT_EQ(verdict_soon(), "not_poured/device_reported");
  status_.details->journal_whole = false;
  EXPECT_EQ(verdict_soon(), "unknown/journal_lost");
  EXPECT_FALSE(late_evidence(pour_, *status_.details));
}

TEST_F(Settling, AnOrderOfOurFirmwareLivesThroughItsLastMillisecond) {
  a_pour_of_our_firmware(PourState::unclear);
  status_.details->uptime_ms = 105s;
  EXPECT_EQ(verdict_soon(), "stays");
  status_.details->uptime_ms += 1ms;
  EXPECT_EQ(verdict_soon(), "not_poured/order_expired");
}

TEST_F(Settling, ACountThatWentBackProvesThatTheJournalIsAnother) {
  a_pour_of_our_firmware(PourState::unclear);
  status_.details->uptime_ms = 106s;
  EXPECT_EQ(verdict_soon(), "not_poured/order_expired");
  status_.details->pours_total = 6;
  EXPECT_EQ(verdict_soon(), "unknown/journal_lost");
}

TEST_F(Settling, ThePourUnderWayIsOneOfThoseCountedSince) {
  a_pour_of_our_firmware(PourState::unclear);
  status_.details->uptime_ms = 106s;
  status_.details->pours_total = 8;
  EXPECT_EQ(verdict_soon(), "unknown/journal_lost") << "one came, and it is not named";
  status_.details->pour =
      protocol::RunningPour{.request_id = of_another, .requested = {}, .delivered = {}};
  EXPECT_EQ(verdict_soon(), "not_poured/order_expired");
}

TEST_F(Settling, AnotherFirmwareInPlaceOfOursIsNoEvidence) {
  a_pour_of_our_firmware(PourState::accepted);
  status_.details.reset();
  EXPECT_EQ(verdict_soon(), "unclear/device_rebooted");
  pour_.state = PourState::unclear;
  EXPECT_EQ(verdict_soon(), "stays");
  EXPECT_EQ(verdict_late(), "unknown/journal_lost");
}

TEST_F(Settling, ThatASeedDeviceWasIdleBeforeItsAnswerSaysNothing) {
  a_pour_of_a_seed_device(PourState::accepted);
  pour_.accepted = true;
  watch_.seen_pouring = true;
  EXPECT_EQ(verdict(sent + 500ms, sent + 2s), "stays");
  EXPECT_EQ(verdict_soon(), "done/idle_again");
}

TEST_F(Settling, WhatASeedDeviceAcceptedIsDoneWhenItsTimeIsOverThoughNobodyLookedMeanwhile) {
  a_pour_of_a_seed_device(PourState::unclear);
  pour_.accepted = true;
  EXPECT_EQ(verdict(sent + 10s, sent + 10s), "stays") << "it may not have begun yet";
  EXPECT_EQ(verdict(sent + 11s, sent + 11s), "done/idle_again");
  EXPECT_EQ(step(sent + 11s, sent + 11s)->delivery->basis, Basis::command);
  EXPECT_EQ(verdict(sent + 60s, sent + 60s), "done/idle_again");
  pour_.accepted = false;
  EXPECT_EQ(verdict(sent + 11s, sent + 11s), "stays");
  EXPECT_EQ(verdict_late(), "unknown/idle_throughout");
}

TEST_F(Settling, AnUptimeThatDidNotGoOnAsTheClockDidIsARestartThoughItDidNotGoBack) {
  a_pour_of_a_seed_device(PourState::unclear);
  pour_.accepted = true;
  pour_.context.uptime = 2s;  // so young that 12 s later any restart is long past
  for (const auto& [uptime, verdict_then] :
       {std::pair{3s, "unknown/rebooted"}, std::pair{9s, "unknown/rebooted"},
        std::pair{12s, "unknown/rebooted"}, std::pair{13s, "done/idle_again"},
        std::pair{14s, "done/idle_again"}}) {
    uptime_ = uptime;
    watch_.restarts_told = 0;
    sees(DeviceState::idle, sent + 11s);
    sees(DeviceState::idle, sent + 11s);
    EXPECT_EQ(verdict(sent + 11s, sent + 11s), verdict_then) << uptime.count();
  }
  pour_.state = PourState::accepted;
  uptime_ = 9s;
  EXPECT_EQ(verdict(sent + 11s, sent + 11s), "unclear/device_rebooted");
}

TEST_F(Settling, ADeviceThatHungAndCatchesUpHasNotRestarted) {
  a_pour_of_a_seed_device(PourState::unclear);
  pour_.accepted = true;
  pour_.context.uptime = 2s;
  uptime_ = 4s;  // of before it hung
  sees(DeviceState::pouring, sent + 5s);
  EXPECT_EQ(verdict(sent + 5s, sent + 5s), "stays");
  uptime_ = 13s;
  sees(DeviceState::idle, sent + 11s);
  EXPECT_EQ(watch_.restarts_told, 0);
  EXPECT_EQ(verdict(sent + 11s, sent + 11s), "done/idle_again");
}

TEST_F(Settling, TwoClocksMayDifferByHalfAPerCent) {
  OrderContext before;
  before.uptime = 100s;
  before.uptime_at = sent;
  const auto restarted = [&](std::chrono::seconds uptime, Instant at) {
    uptime_ = uptime;
    return has_restarted(before, shown(at), at);
  };
  EXPECT_FALSE(restarted(100s + 3582s, sent + 1h)) << "slow by 18 s in 3600";
  EXPECT_TRUE(restarted(100s + 3580s, sent + 1h));
  EXPECT_FALSE(restarted(100s + 7200s, sent + 1h)) << "too fast a clock is no restart";
  EXPECT_FALSE(restarted(100s, sent - 1h)) << "nothing has passed";
  EXPECT_TRUE(restarted(99s, sent - 1h));
}

TEST_F(Settling, HowLongADeviceHasBeenUpIsKnownBetterWithEachSecondItTells) {
  a_pour_of_a_seed_device(PourState::accepted);
  uptime_ = 102s;
  sees(DeviceState::idle, sent + 100ms);  // earlier than what was known before let expect
  EXPECT_EQ(pour_.context.uptime, 102s);
  EXPECT_EQ(pour_.context.uptime_at, sent + 100ms);
  sees(DeviceState::idle, sent + 900ms);  // says less than is known
  EXPECT_EQ(pour_.context.uptime_at, sent + 100ms);
  uptime_ = 103s;
  EXPECT_FALSE(has_restarted(pour_.context, shown(sent + 2s), sent + 2s));
  EXPECT_TRUE(has_restarted(pour_.context, shown(sent + 2200ms), sent + 2200ms));
}

TEST_F(Settling, TheUptimeThatAGuardWasMadeByStays) {
  a_pour_of_our_firmware(PourState::accepted);
  uptime_ = 200s;
  sees(DeviceState::idle, sent + 2s);
  EXPECT_EQ(pour_.context.uptime, 100s);
}

TEST_F(Settling, AnEndSoonerThanAPumpCanPourIsNoSuccess) {
  a_pour_of_a_seed_device(PourState::accepted);
  pour_.accepted = true;
  watch_.begun_after = sent;
  watch_.shortest = 3s;
  sees(DeviceState::pouring, sent + 1200ms);
  status_.state = DeviceState::idle;
  EXPECT_EQ(verdict(sent + 2s, sent + 2s), "unclear/ended_too_soon");
  EXPECT_EQ(verdict(sent + 2s, sent + 3s), "done/idle_again") << "it may have said so later";
  pour_.state = PourState::unclear;
  const auto end = step(sent + 2s, sent + 2s);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->to, PourState::unknown);
  EXPECT_EQ(end->cause, Cause::ended_too_soon);
  EXPECT_EQ(end->delivery, anything_up_to(pour_.most));
}

TEST_F(Settling, APumpThatStoodStillWhenItWasLookedAtHasRunSinceAtMost) {
  a_pour_of_a_seed_device(PourState::accepted);
  watch_.begun_after = sent;
  watch_.shortest = 3s;
  sees(DeviceState::idle, sent + 2s);
  sees(DeviceState::pouring, sent + 3s);
  status_.state = DeviceState::idle;
  EXPECT_EQ(verdict(sent + 4s, sent + 4s), "unclear/ended_too_soon");
  EXPECT_EQ(verdict(sent + 5s, sent + 5s), "done/idle_again");
}

TEST_F(Settling, AWordOfItsOwnForWhatADeviceDoesProvesNeitherThatItPoursNorThatItIsDone) {
  a_pour_of_a_seed_device(PourState::accepted);
  pour_.accepted = true;
  sees(DeviceState::other, sent + 2s);
  EXPECT_FALSE(watch_.seen_pouring);
  EXPECT_EQ(verdict_soon(), "stays");
  EXPECT_EQ(verdict_late(), "unclear/deadline_passed");
  pour_.state = PourState::unclear;
  EXPECT_EQ(verdict_soon(), "stays");
  EXPECT_EQ(verdict_late(), "unknown/deadline_passed");
  status_.state = DeviceState::idle;
  EXPECT_EQ(verdict_late(), "done/idle_again");
}

TEST_F(Settling, StopsThatFillTheRingMayHaveDroppedThePour) {
  a_pour_of_our_firmware(PourState::unclear);
  status_.details->uptime_ms = 106s;
  status_.details->pours_total = 8;  // one came: was it ours?
  for (std::size_t i = 0; i < protocol::recent_pours_max; ++i) {
    protocol::RecentPour stopped;
    stopped.request_id = *RequestId::parse("s" + std::to_string(i));
    stopped.outcome = protocol::PourOutcome::cancelled;
    status_.details->recent.push_back(stopped);
  }
  EXPECT_EQ(verdict_soon(), "unknown/journal_lost");
  // The first of them had begun to be taken when its glass was lifted: that one was counted.
  status_.details->recent[0].requested = Millilitres{15};
  EXPECT_EQ(verdict_soon(), "not_poured/order_expired");
  status_.details->recent[0].outcome = protocol::PourOutcome::finished;
  EXPECT_EQ(verdict_soon(), "not_poured/order_expired");
  status_.details->pours_total = 9;
  EXPECT_EQ(verdict_soon(), "unknown/journal_lost") << "two came, and one of them is not named";
}

TEST_F(Settling, ARecordThatClaimsWhatCannotBeProvesNothing) {
  using protocol::PourOutcome;
  using protocol::StopReason;
  a_pour_of_our_firmware(PourState::accepted);
  pour_.accepted = true;
  protocol::RecentPour honest;
  honest.request_id = ours;
  honest.requested = Millilitres{30};
  honest.delivered = Microlitres{29'500};
  honest.uncertainty = Microlitres{900};
  honest.min = Microlitres{29'000};
  honest.max = Microlitres{38'500};  // the most that 30 ml can bring
  const auto verdict_of = [&](auto&& lie) {
    protocol::RecentPour record = honest;
    lie(record);
    status_.details->recent = {};
    status_.details->recent.push_back(record);
    const std::string first = verdict_soon();
    pour_.state = PourState::unclear;
    const std::string second = verdict_soon();
    EXPECT_EQ(late_evidence(pour_, *status_.details).has_value(), first == second) << first;
    pour_.state = PourState::accepted;
    return first == second ? first : first + " " + second;
  };
  const std::string unknown = "unclear/impossible_record unknown/impossible_record";
  using Record = protocol::RecentPour;
  EXPECT_EQ(verdict_of([](Record&) {}), "done/device_reported");
  EXPECT_EQ(verdict_of([](Record& r) { r.max = Microlitres{38'501}; }), unknown);
  EXPECT_EQ(verdict_of([](Record& r) { r.delivered = r.min = r.max = Microlitres{1'000'000'000}; }),
            unknown);
  EXPECT_EQ(verdict_of([](Record& r) { r.delivered = Microlitres{28'999}; }), unknown);
  EXPECT_EQ(verdict_of([](Record& r) { r.delivered = Microlitres{38'501}; }), unknown);
  EXPECT_EQ(verdict_of([](Record& r) { r.uncertainty = Microlitres{38'501}; }), unknown);
  EXPECT_EQ(verdict_of([](Record& r) { r.purpose = protocol::Purpose::clean; }), unknown);
  EXPECT_EQ(verdict_of([](Record& r) { r.requested = Millilitres{29}; }), unknown);
  EXPECT_EQ(verdict_of([](Record& r) { r.stop_reason = StopReason::glass_removed; }), unknown);
  EXPECT_EQ(verdict_of([](Record& r) { r.outcome = PourOutcome::stopped; }), unknown);
  EXPECT_EQ(verdict_of([](Record& r) { r.outcome = PourOutcome::interrupted; }), unknown);
  EXPECT_EQ(verdict_of([](Record& r) {
              r.outcome = PourOutcome::cancelled;
              r.stop_reason = StopReason::stop_requested;
              r.requested = {};
            }),
            unknown)
      << "an order that never came brought something";
}

TEST_F(Settling, AMachineMayClaimWhatItsFirmwareAllowsThoughItsTapIsSetToLess) {
  a_pour_of_our_firmware(PourState::accepted);
  pour_.most = Microlitres{31'000};
  protocol::RecentPour record;
  record.request_id = ours;
  record.requested = Millilitres{30};
  record.delivered = record.min = record.max = Microlitres{38'500};
  status_.details->recent.push_back(record);
  EXPECT_EQ(verdict_soon(), "done/device_reported");
}

TEST_F(Settling, LateWordIsWaitedForWhileTheOrderMayArriveOrRuns) {
  a_pour_of_our_firmware(PourState::unknown);
  EXPECT_FALSE(is_past_telling(pour_, *status_.details)) << "it may arrive until 105 s";
  status_.details->uptime_ms = 106s;
  EXPECT_TRUE(is_past_telling(pour_, *status_.details));
  auto& running = status_.details->pour.emplace();
  running.request_id = ours;
  EXPECT_FALSE(is_past_telling(pour_, *status_.details));
  running.request_id = of_another;
  EXPECT_TRUE(is_past_telling(pour_, *status_.details));
}

}  // namespace
}  // namespace pourtocol::control
