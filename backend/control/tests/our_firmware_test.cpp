// Our firmware (protocol 2): each row of the table in docs/safety.md, told as a story.
#include <algorithm>

#include "backend/control/tests/our_firmware.hpp"

namespace pourtocol::control::testing {
namespace {

using protocol::DeviceStatus;
using protocol::PourOutcome;
using protocol::StopReason;

TEST_F(OurFirmware, GuardsItsOrdersAgainstComingLate) {
  order_under_way();
  const auto& guard = drink().guard;
  ASSERT_TRUE(guard);
  EXPECT_EQ(guard->boot_id, first_boot);
  EXPECT_EQ(guard->expires, Uptime{100s} + coordinator_.settings().order_lifetime);
}

TEST_F(OurFirmware, IsGuardedByHowLongItHasBeenUpByNowNotWhenItLastSpoke) {
  now_ += 700ms;
  order_under_way();
  EXPECT_EQ(drink().guard->expires, Uptime{100'700} + coordinator_.settings().order_lifetime);
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

/// With the least interval that it is asked in.
class HastyFirmware : public OurFirmware {
 protected:
  HastyFirmware() {
    server_restarts([] {
      Settings settings = one_tap();
      settings.poll_least = Settings{}.poll_least;
      return settings;
    }());
    answer_status();
  }
};

TEST_F(HastyFirmware, IsNotAskedAsFastAsItAnswersWhereItHoldsNothingBack) {
  const int before = statuses_asked_;
  for (const Instant end = now_ + 1s; now_ < end;) {
    wait(1ms);
    answer_status();
  }
  EXPECT_EQ(statuses_asked_ - before, 20);
}

TEST_F(HastyFirmware, IsAskedAgainAtOnceWhenItHasHeldItsAnswerBack) {
  wait(300ms);
  const int before = statuses_asked_;
  device_shows(running("r0", Microlitres{100}));
  EXPECT_EQ(statuses_asked_, before + 1);
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

TEST_F(OurFirmware, IsBelievedAlsoWhereItsRecordOvertookItsAnswer) {
  order_under_way();
  device_shows(
      recorded("r1", PourOutcome::finished, StopReason::target_reached, Microlitres{30'100}));
  EXPECT_EQ(course_of("r1"), "sending/checks_passed");
  accept();
  EXPECT_EQ(course_of("r1"), "sending/checks_passed accepted/device_accepted done/device_reported");
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

TEST_F(OurFirmware, ThatPouredInPartWithoutAnAnswerHasGrantedTheWish) {
  order_under_way();
  lose_answer();
  device_shows(
      recorded("r1", PourOutcome::stopped, StopReason::glass_removed, Microlitres{12'300}));
  EXPECT_EQ(logged("r1").state, PourState::partial);
  EXPECT_EQ(code_of(order(30, "r1")), AnswerCode::pouring);
}

TEST_F(OurFirmware, IsShownWithoutAnAmountUntilItTellsOne) {
  order_under_way();
  accept();
  const auto delivered = [&] { return coordinator_.tap_view(TapIndex{0}, now_).pour->delivered; };
  EXPECT_FALSE(delivered());
  device_shows(running("r1", Microlitres{0}));
  EXPECT_EQ(delivered(), Microlitres{0});
}

TEST_F(OurFirmware, ThatPoursForAnotherShowsNothingOfItUnderOurs) {
  order_under_way();
  lose_answer();
  device_shows(running("r9", Microlitres{12'300}));
  const TapView view = coordinator_.tap_view(TapIndex{0}, now_);
  ASSERT_TRUE(view.pour);
  EXPECT_FALSE(view.pour->delivered);
}

TEST_F(OurFirmware, IsRefusedAsTheLogHasItThoughTheFaultIsGoneMeanwhile) {
  auto shown = status();
  shown.details->faults.insert(protocol::Fault::no_flow);
  device_shows(shown);
  log_waits();
  const Ticket guest = order(30, "r1");
  device_shows(status(101s));  // seen to
  log_answers();
  EXPECT_EQ(answer_to(guest)->message, ledger_.rows().back().reason);
  EXPECT_NE(answer_to(guest)->message.find("no_flow"), std::string::npos);
}

TEST_F(OurFirmware, IsNotTakenAtItsWordForWhatCannotBe) {
  order_under_way();
  accept();
  device_shows(running("r1", Microlitres{1'000'000'000}));
  EXPECT_EQ(coordinator_.tap_view(TapIndex{0}, now_).pour->delivered, Microlitres{38'500});
  device_shows(recorded("r1", protocol::PourOutcome::finished, protocol::StopReason::target_reached,
                        Microlitres{1'000'000'000}));
  const Pour& pour = logged("r1");
  EXPECT_EQ(pour.state, PourState::unknown);
  EXPECT_EQ(pour.delivery, anything_up_to(Microlitres{38'500}));
  EXPECT_EQ(ledger_.rows().back().status, EventStatus::failed);
  EXPECT_EQ(ledger_.rows().back().reason,
            "Unknown: the machine says that 1000000 \u00b1 0 ml flowed, between 999999.5 and "
            "1000000.5 ml, which cannot be; up to 38.5 ml may have flowed.");
  const auto locks = coordinator_.why(TapIndex{0}, now_).interlocks;
  EXPECT_TRUE(std::any_of(locks.begin(), locks.end(), [](const Interlock& lock) {
    return lock.name == InterlockName::last_pour_clear && lock.ok &&
           lock.value ==
               "of the last pour the machine says that 1000000 \u00b1 0 ml flowed, between "
               "999999.5 "
               "and 1000000.5 ml, which cannot be";
  }));
}

}  // namespace
}  // namespace pourtocol::control::testing
