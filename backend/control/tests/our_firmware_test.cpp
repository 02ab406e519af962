// Our firmware (protocol 2): each row of the table in docs/safety.md, told as a story.
#include "backend/control/tests/bar.hpp"

namespace pourtocol::control::testing {
namespace {

using protocol::DeviceStatus;
using protocol::PourOutcome;
using protocol::RecentPour;
using protocol::StopReason;

class OurFirmware : public Bar {
 protected:
  OurFirmware() { device_shows(status()); }

  static constexpr BootId first_boot{0x1111};
  static constexpr BootId second_boot{0x2222};

  static DeviceStatus status(Uptime uptime = 100s, BootId boot = first_boot) {
    DeviceStatus status = idle(std::chrono::duration_cast<std::chrono::seconds>(uptime));
    auto& details = status.details.emplace();
    details.boot_id = boot;
    details.uptime_ms = uptime;
    details.journal_whole = true;
    details.pours_total = 7;
    return status;
  }
  static DeviceStatus running(std::string_view id, Microlitres delivered) {
    DeviceStatus shown = status(101s);
    shown.state = protocol::DeviceState::pouring;
    shown.details->pour = protocol::RunningPour{
        .request_id = rid(id), .requested = Millilitres{30}, .delivered = delivered};
    shown.details->pours_total = 8;
    return shown;
  }
  static DeviceStatus recorded(std::string_view id, PourOutcome outcome, StopReason reason,
                               Microlitres delivered, DeviceStatus shown = status(104s)) {
    RecentPour record;
    record.request_id = rid(id);
    record.requested = Millilitres{30};
    record.outcome = outcome;
    record.stop_reason = reason;
    record.measure = protocol::Measure::meter;
    record.delivered = delivered;
    record.min = delivered - Microlitres{500};
    record.max = delivered + Microlitres{500};
    shown.details->recent.push_back(record);
    shown.details->pours_total = 8;
    return shown;
  }
  Ticket order_under_way(std::string_view id = "r1") {
    const Ticket ticket = order(30, id);
    EXPECT_TRUE(order_call_) << "our firmware pushes changes: no need to ask first";
    return ticket;
  }
};

TEST_F(OurFirmware, GuardsItsOrdersAgainstComingLate) {
  order_under_way();
  const auto& guard = drink().guard;
  ASSERT_TRUE(guard);
  EXPECT_EQ(guard->boot_id, first_boot);
  EXPECT_EQ(guard->expires, Uptime{100s} + coordinator_.settings().order_lifetime);
}

TEST_F(OurFirmware, ShowsWhatIsDeliveredWhileItPours) {
  order_under_way();
  accept();
  device_shows(running("r1", Microlitres{12'300}));
  const TapView view = coordinator_.tap_view(TapIndex{0}, now_);
  ASSERT_TRUE(view.pour);
  EXPECT_EQ(view.pour->delivered, Microlitres{12'300});
  EXPECT_EQ(view.pour->phase, PourPhase::accepted);
}

TEST_F(OurFirmware, TellsOfATagAsSoonAsItLiesThere) {
  const int told = changes_told_;
  DeviceStatus with_tag = status(101s);
  with_tag.nfc = protocol::NfcReading{.ready = true, .tag_present = true, .uid = {}};
  device_shows(with_tag);
  EXPECT_EQ(changes_told_, told + 1);
  device_shows(with_tag);
  EXPECT_EQ(changes_told_, told + 1);
  EXPECT_EQ(coordinator_.tap_view(TapIndex{0}, now_).status->nfc, with_tag.nfc);
}

TEST_F(OurFirmware, TellsMeasuredMillilitres) {
  order_under_way();
  accept();
  device_shows(
      recorded("r1", PourOutcome::finished, StopReason::target_reached, Microlitres{30'100}));
  EXPECT_EQ(course_of("r1"), "sending/checks_passed accepted/device_accepted done/device_reported");
  EXPECT_EQ(logged("r1").delivery->delivered, Microlitres{30'100});
  EXPECT_EQ(logged("r1").delivery->basis, Basis::meter);
}

TEST_F(OurFirmware, IsPartialWhenTheGlassWasLifted) {
  order_under_way();
  accept();
  device_shows(
      recorded("r1", PourOutcome::stopped, StopReason::glass_removed, Microlitres{12'300}));
  EXPECT_EQ(logged("r1").state, PourState::partial);
  EXPECT_EQ(reason_for(logged("r1")), "Partial: the glass was lifted after 12.3 of 30 ml.");
  EXPECT_EQ(ledger_.rows().back().status, EventStatus::failed);
}

TEST_F(OurFirmware, SettlesALostAnswerByItsRecord) {
  const Ticket guest = order_under_way();
  lose_answer();
  EXPECT_EQ(code_of(guest), AnswerCode::no_answer);
  device_shows(
      recorded("r1", PourOutcome::finished, StopReason::target_reached, Microlitres{30'000}));
  EXPECT_EQ(logged("r1").state, PourState::done);
  const Ticket again = order(30, "r1");
  EXPECT_EQ(code_of(again), AnswerCode::pouring);
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(OurFirmware, GetsTheSameOrderAgainIfItNeverArrived) {
  order_under_way();
  lose_answer();
  device_shows(status(102s));
  wait(200ms);
  ASSERT_EQ(orders_sent_, 2);
  EXPECT_EQ(drink().request_id, rid("r1"));
  EXPECT_EQ(drink().guard->expires, Uptime{105s}) << "the deadline stays the same";
  accept();
  EXPECT_EQ(course_of("r1"),
            "sending/checks_passed unclear/answer_timed_out sending/sent_again "
            "accepted/device_accepted");
}

TEST_F(OurFirmware, IsNotSentToAgainOnWordFromBeforeTheAnswerWasLost) {
  order_under_way();
  device_shows(status(100s));  // asked before
  lose_answer();
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(OurFirmware, DidNotPourWhenTheOrderExpired) {
  order_under_way();
  lose_answer();
  device_shows(status(106s));
  wait(200ms);
  EXPECT_EQ(course_of("r1"),
            "sending/checks_passed unclear/answer_timed_out not_poured/order_expired");
  EXPECT_EQ(logged("r1").delivery->max, Microlitres{0});
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(OurFirmware, DidNotPourWhenItBootedAnewWithAWholeJournal) {
  order_under_way();
  lose_answer();
  device_shows(status(1s, second_boot));
  wait(200ms);
  EXPECT_EQ(logged("r1").cause, Cause::boot_changed);
  EXPECT_EQ(logged("r1").state, PourState::not_poured);
}

TEST_F(OurFirmware, MayHavePouredWhenTheJournalIsLost) {
  order_under_way();
  lose_answer();
  auto shown = status(1s, second_boot);
  shown.details->journal_whole = false;
  device_shows(shown);
  wait(200ms);
  EXPECT_EQ(logged("r1").state, PourState::unknown);
  EXPECT_EQ(logged("r1").cause, Cause::journal_lost);
}

TEST_F(OurFirmware, MayHavePouredWhenSoManyPoursCameSinceThatItsRecordWasDropped) {
  order_under_way();
  lose_answer();
  auto shown = status(200s);
  shown.details->pours_total = 7 + 3;  // three came, none is named
  device_shows(shown);
  wait(200ms);
  EXPECT_EQ(logged("r1").cause, Cause::journal_lost);
}

TEST_F(OurFirmware, ThatSaidYesAndKnowsNothingOfItHasLostItsJournal) {
  order_under_way();
  accept();
  device_shows(status(106s));
  wait(2s);
  EXPECT_EQ(course_of("r1"),
            "sending/checks_passed accepted/device_accepted unclear/no_trace unknown/journal_lost");
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(OurFirmware, PouredInPartWhenPowerWasLost) {
  order_under_way();
  accept();
  auto shown = recorded("r1", PourOutcome::interrupted, StopReason::power_lost, Microlitres{10'000},
                        status(1s, second_boot));
  device_shows(shown);
  EXPECT_EQ(logged("r1").state, PourState::partial);
  EXPECT_EQ(logged("r1").cause, Cause::power_lost);
}

TEST_F(OurFirmware, MayStillTellLaterWhatWasUnknown) {
  order_under_way();
  accept();
  device_is_silent();
  wait(60s);
  ASSERT_EQ(logged("r1").state, PourState::unknown);
  device_shows(
      recorded("r1", PourOutcome::finished, StopReason::target_reached, Microlitres{30'000}));
  wait(1s);
  EXPECT_EQ(logged("r1").state, PourState::done);
  EXPECT_EQ(ledger_.rows().back().status, EventStatus::success);
}

TEST_F(OurFirmware, KeepsTheFirstSendingOpenWhenTheSecondIsRefused) {
  order_under_way();
  lose_answer();
  device_shows(status(102s));
  wait(200ms);
  answer_order(protocol::OrderRejected{.refusal = protocol::Refusal::no_glass, .text = {}});
  EXPECT_EQ(logged("r1").state, PourState::unclear);
}

TEST_F(OurFirmware, WithAFaultTakesNoOrder) {
  auto shown = status();
  shown.details->faults.insert(protocol::Fault::no_flow);
  device_shows(shown);
  const Ticket guest = order(30, "r1");
  EXPECT_EQ(code_of(guest), AnswerCode::device_fault);
  EXPECT_NE(answer_to(guest)->message.find("no_flow"), std::string::npos);
}

TEST_F(OurFirmware, IsAskedFirstWhenItsLastStatusFailed) {
  device_is_silent();
  wait(1s);
  order(30, "r1");
  EXPECT_EQ(orders_sent_, 0);
}

}  // namespace
}  // namespace pourtocol::control::testing
