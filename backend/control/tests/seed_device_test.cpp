// A device of the seed's contract: each row of the table in docs/safety.md, told as a story.
#include "backend/control/tests/bar.hpp"

namespace pourtocol::control::testing {
namespace {

class SeedDevice : public Bar {
 protected:
  SeedDevice() { device_shows(idle()); }

  /// A guest orders 30 ml, the device is found ready, and the order is under way.
  Ticket order_under_way(std::string_view id = "r1") {
    const Ticket ticket = order(30, id);
    answer_status();
    EXPECT_TRUE(order_call_);
    return ticket;
  }
  /// And the server with it: its clock counts anew.
  void computer_restarts() {
    Settings booted = one_tap();
    booted.clock = *ClockId::from("the count since the next boot");
    now_ = Instant{} + 20s;
    server_restarts(booted);
  }
};

TEST_F(SeedDevice, PoursAfterAskingTheDeviceAndWritingStarted) {
  log_waits();
  const Ticket guest = order(30, "r1");
  EXPECT_FALSE(order_call_);
  answer_status();
  EXPECT_FALSE(order_call_) << "nothing may leave before `started` is durable";
  log_answers();
  ASSERT_TRUE(order_call_);
  EXPECT_EQ(drink().amount, Millilitres{30});
  EXPECT_FALSE(drink().guard);
  accept();
  EXPECT_EQ(code_of(guest), AnswerCode::pouring);
}

TEST_F(SeedDevice, IsDoneWhenSeenPouringAndIdleAgain) {
  order_under_way();
  accept();
  device_shows(pouring(101s));
  wait(2s);
  device_shows(idle(103s));
  wait(1s);
  EXPECT_EQ(course_of("r1"), "sending/checks_passed accepted/device_accepted done/idle_again");
  const Pour& pour = logged("r1");
  EXPECT_EQ(pour.delivery->basis, Basis::command);
  EXPECT_EQ(pour.delivery->min, Microlitres{0});
  EXPECT_EQ(pour.delivery->max, Microlitres{38'500});
}

TEST_F(SeedDevice, IsNotDoneBeforeItsTimeIfNeverSeenPouring) {
  order_under_way();
  accept();
  wait(5s);
  EXPECT_EQ(logged("r1").state, PourState::accepted);
  wait(10s);
  EXPECT_EQ(logged("r1").state, PourState::done);
}

TEST_F(SeedDevice, NeverGetsASecondOrderAfterATimeout) {
  const Ticket guest = order_under_way();
  lose_answer();
  EXPECT_EQ(code_of(guest), AnswerCode::no_answer);
  wait(60s);
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(SeedDevice, IsObservedWhenTheAnswerWasLostButItPoured) {
  order_under_way();
  device_shows(pouring(101s));
  lose_answer();
  wait(1s);
  device_shows(idle(104s));
  wait(1s);
  EXPECT_EQ(course_of("r1"), "sending/checks_passed unclear/answer_timed_out done/seen_pouring");
  EXPECT_EQ(logged("r1").delivery->basis, Basis::observed);
}

TEST_F(SeedDevice, IsUnknownWhenIdleThroughout) {
  order_under_way();
  lose_answer();
  wait(30s);
  EXPECT_EQ(course_of("r1"),
            "sending/checks_passed unclear/answer_timed_out unknown/idle_throughout");
  EXPECT_EQ(logged("r1").delivery->max, Microlitres{38'500});
}

TEST_F(SeedDevice, IsDoneWhenItWasOutOfTouchWhileItPouredWhatItHadAccepted) {
  order_under_way();
  accept();
  device_is_silent();
  wait(5s);
  ASSERT_EQ(logged("r1").cause, Cause::contact_lost);
  device_shows(idle(105s));
  wait(10s);
  EXPECT_EQ(course_of("r1"),
            "sending/checks_passed accepted/device_accepted unclear/contact_lost done/idle_again");
  EXPECT_EQ(logged("r1").delivery->basis, Basis::command);
}

TEST_F(SeedDevice, IsDoneWithWhatItAcceptedThoughTheServerWasRestarted) {
  order_under_way();
  accept();
  wait(1s);
  server_restarts();
  wait(11s);
  EXPECT_EQ(course_of("r1"),
            "sending/checks_passed accepted/device_accepted unclear/server_restarted "
            "done/idle_again");
}

TEST_F(SeedDevice, KeepsItsTimeOverARestartOfTheServer) {
  order_under_way();
  accept();
  device_is_silent();
  wait(2s);
  server_restarts();
  wait(12s);  // the longest that 30 ml can take is over, counted from the order
  ASSERT_EQ(logged("r1").state, PourState::unclear);
  device_shows(idle(114s));
  wait(1s);
  EXPECT_EQ(logged("r1").cause, Cause::idle_again);
}

TEST_F(SeedDevice, TooYoungToGoBackHasRestartedWhileTheServerWasAway) {
  device_shows(idle(2s));
  order_under_way();
  accept();
  device_is_silent();
  wait(5s);
  server_restarts();
  device_shows(idle(4s));
  wait(1s);
  EXPECT_EQ(logged("r1").cause, Cause::rebooted);
}

TEST_F(SeedDevice, ThatLostPowerTogetherWithTheServerHasRestarted) {
  device_shows(idle(10s));
  order_under_way();
  accept();
  computer_restarts();
  device_shows(idle(15s));
  wait(1s);
  EXPECT_EQ(logged("r1").cause, Cause::rebooted);
}

TEST_F(SeedDevice, ThatWentOnWhileTheServersComputerWasRestartedIsDone) {
  order_under_way();
  accept();
  computer_restarts();
  device_shows(idle(130s));
  wait(12s);
  EXPECT_EQ(logged("r1").cause, Cause::idle_again);
}

TEST_F(SeedDevice, OfWhichAnOldRowTellsNoClockIsGivenNoneOfTheTimeBefore) {
  Settings clockless = one_tap();
  clockless.clock = {};
  server_restarts(clockless);
  answer_status();
  order_under_way();
  accept();
  wait(5s);
  server_restarts();
  device_shows(idle(101s));
  wait(12s);
  EXPECT_EQ(logged("r1").cause, Cause::idle_again);
}

TEST_F(SeedDevice, WithAWordOfItsOwnForPouringIsDoneWithWhatItAccepted) {
  order_under_way();
  accept();
  protocol::DeviceStatus dispensing = idle(101s);
  dispensing.state = protocol::DeviceState::other;
  device_shows(dispensing);
  wait(3s);
  EXPECT_EQ(coordinator_.tap_view(TapIndex{0}, now_).link, LinkState::online);
  EXPECT_EQ(logged("r1").state, PourState::accepted);
  device_shows(idle(104s));
  wait(10s);
  EXPECT_EQ(course_of("r1"), "sending/checks_passed accepted/device_accepted done/idle_again");
}

TEST_F(SeedDevice, ThatIsBusyWithSomethingOfItsOwnGetsNoOrder) {
  protocol::DeviceStatus cleaning = idle(101s);
  cleaning.state = protocol::DeviceState::other;
  device_shows(cleaning);
  wait(1s);
  const Ticket guest = order(30, "r1");
  answer_status();
  EXPECT_EQ(code_of(guest), AnswerCode::busy);
  EXPECT_EQ(answer_to(guest)->message,
            "The machine says neither that it is idle nor that it pours: wait until it is idle.");
  EXPECT_EQ(orders_sent_, 0);
}

TEST_F(SeedDevice, IsNoSuccessWhenIdleAgainSoonerThanAPumpCanPour) {
  order_under_way();
  accept();
  device_shows(pouring(100s));
  wait(300ms);
  device_shows(idle(100s));
  wait(200ms);
  EXPECT_EQ(course_of("r1"),
            "sending/checks_passed accepted/device_accepted unclear/ended_too_soon "
            "unknown/ended_too_soon");
  EXPECT_EQ(reason_for(logged("r1")),
            "Unknown: the machine was done sooner than a pump can pour 30 ml; up to 38.5 ml may "
            "have flowed.");
}

TEST_F(SeedDevice, IsUnknownWhenItRebootedInMidPour) {
  order_under_way();
  accept();
  device_shows(pouring(101s));
  wait(1s);
  device_shows(idle(1s));
  wait(1s);
  EXPECT_EQ(course_of("r1"),
            "sending/checks_passed accepted/device_accepted unclear/device_rebooted "
            "unknown/rebooted");
}

TEST_F(SeedDevice, IsUnknownWhenUnreachableForGood) {
  order_under_way();
  accept();
  device_is_silent();
  wait(60s);
  EXPECT_EQ(course_of("r1"),
            "sending/checks_passed accepted/device_accepted unclear/contact_lost "
            "unknown/unreachable");
}

TEST_F(SeedDevice, StaysUnclearWhileItStillPours) {
  order_under_way();
  accept();
  device_shows(pouring(101s));
  wait(60s);
  EXPECT_EQ(logged("r1").state, PourState::unclear);
  EXPECT_EQ(code_of(order(15, "r2")), AnswerCode::unclear_pour);
  device_shows(idle(170s));
  wait(1s);
  EXPECT_EQ(logged("r1").state, PourState::done);
}

TEST_F(SeedDevice, RejectsInItsOwnWords) {
  const Ticket guest = order_under_way();
  answer_order(protocol::OrderRejected{.refusal = protocol::Refusal::other,
                                       .text = protocol::RefusalText::truncated("door open")});
  EXPECT_EQ(code_of(guest), AnswerCode::device_refused);
  EXPECT_NE(answer_to(guest)->message.find("door open"), std::string::npos);
  EXPECT_EQ(logged("r1").delivery->max, Microlitres{0});
}

TEST_F(SeedDevice, IsNotSentToWhenTheConnectionFails) {
  const Ticket guest = order_under_way();
  answer_order(NotSent{"connection refused"});
  EXPECT_EQ(code_of(guest), AnswerCode::offline);
  EXPECT_EQ(logged("r1").state, PourState::not_sent);
}

TEST_F(SeedDevice, IsAskedForItsGlassBeforeEachOrder) {
  device_shows(idle(100s, /*glass=*/true));
  const Ticket guest = order(30, "r1");
  device_shows(idle(100s, /*glass=*/false));
  EXPECT_EQ(code_of(guest), AnswerCode::no_glass);
  EXPECT_EQ(orders_sent_, 0);
  EXPECT_EQ(logged("r1").state, PourState::refused);
}

TEST_F(SeedDevice, IsNotTrustedWithAStatusAskedBeforeTheOrder) {
  // The device pours so fast that it is idle again when asked, yet was never seen pouring.
  order_under_way();
  accept();
  wait(500ms);
  EXPECT_EQ(logged("r1").state, PourState::accepted);
}

TEST_F(SeedDevice, ThatStandsStillIsOffline) {
  device_is_silent();
  wait(10s);
  const Ticket guest = order(30, "r1");
  EXPECT_EQ(code_of(guest), AnswerCode::offline);
  EXPECT_EQ(orders_sent_, 0);
}

TEST_F(SeedDevice, RefusesImpossibleAmounts) {
  for (const std::int64_t amount : {-1L, 0L, 61L, 1'000'000'000'000L}) {
    EXPECT_EQ(code_of(order(amount, "r" + std::to_string(amount))),
              AnswerCode::amount_out_of_range);
  }
  EXPECT_EQ(orders_sent_, 0);
}

TEST_F(SeedDevice, TakesOneOrderAtATime) {
  order_under_way("r1");
  const Ticket second = order(15, "r2", "bob");
  EXPECT_EQ(code_of(second), AnswerCode::busy);
  EXPECT_EQ(logged("r2").state, PourState::refused);
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(SeedDevice, GivesOneKeyOneAnswer) {
  const Ticket first = order_under_way("r1");
  const Ticket again = order(30, "r1");
  accept();
  EXPECT_EQ(code_of(first), AnswerCode::pouring);
  EXPECT_EQ(code_of(again), AnswerCode::pouring);
  EXPECT_EQ(code_of(order(30, "r1")), AnswerCode::pouring);
  EXPECT_EQ(code_of(order(15, "r1")), AnswerCode::key_conflict);
  EXPECT_EQ(code_of(order(30, "r1", "bob")), AnswerCode::key_conflict);
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(SeedDevice, RemembersAKeyAfterThePourIsOver) {
  order_under_way("r1");
  accept();
  wait(30s);
  ASSERT_EQ(logged("r1").state, PourState::done);
  const Ticket again = order(30, "r1");
  answer_status();
  EXPECT_EQ(code_of(again), AnswerCode::pouring);
  const Ticket other = order(31, "r1");
  answer_status();
  EXPECT_EQ(code_of(other), AnswerCode::key_conflict);
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(SeedDevice, TellsAPourThatIsOverWhileAnotherWishUnderItsKeyIsLookedInto) {
  order_under_way("r1");
  accept();
  wait(30s);
  ASSERT_EQ(logged("r1").state, PourState::done);
  const Ticket other = order(31, "r1");
  EXPECT_EQ(code_of(order(30, "r1")), AnswerCode::pouring);
  answer_status();
  EXPECT_EQ(code_of(other), AnswerCode::key_conflict);
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(SeedDevice, RefusesAnotherOrderUnderAKeyThatIsBeingServed) {
  const Ticket first = order_under_way("r1");
  EXPECT_EQ(code_of(order(15, "r1")), AnswerCode::key_conflict);
  EXPECT_EQ(answer_to(first), nullptr);
}

TEST_F(SeedDevice, ThatPoursByItselfIsBusyAndWatchedClosely) {
  device_shows(pouring());
  wait(1s);
  const Ticket guest = order(30, "r1");
  answer_status();
  EXPECT_EQ(code_of(guest), AnswerCode::busy);
  device_shows(idle(102s));
  wait(coordinator_.settings().poll_busy + 20ms);
  EXPECT_FALSE(coordinator_.tap_view(TapIndex{0}, now_).blocked);
}

TEST_F(SeedDevice, IsNotAskedAtOnceForWhatItHasJustTold) {
  order_under_way();
  accept();
  device_shows(pouring());
  wait(2s);
  device_shows(idle(102s));
  while (logged("r1").state != PourState::done) wait(1ms);
  const int before = statuses_asked_;
  wait(coordinator_.settings().poll_idle - 10ms);
  EXPECT_EQ(statuses_asked_, before);
  wait(20ms);
  EXPECT_EQ(statuses_asked_, before + 1);
}

TEST_F(SeedDevice, ThatPoursAfterARebootDoesNotPourThisOrder) {
  order_under_way();
  accept();
  device_shows(pouring(1s));
  wait(1s);
  EXPECT_EQ(logged("r1").cause, Cause::rebooted);
}

TEST_F(SeedDevice, BoundsHowManyWaitForOneOrder) {
  log_waits();
  order(30, "r1");
  for (int i = 1; i < 8; ++i) order(30, "r1");
  EXPECT_EQ(code_of(order(30, "r1")), AnswerCode::too_many_requests);
}

TEST_F(SeedDevice, ThatFallsSilentWhenAskedIsOffline) {
  const Ticket guest = order(30, "r1");
  device_is_silent();
  EXPECT_EQ(code_of(guest), AnswerCode::offline);
  EXPECT_EQ(orders_sent_, 0);
}

TEST_F(SeedDevice, LeavesAPourUnclearByEachAnswerThatProvesNothing) {
  using protocol::UnclearAnswer;
  const std::map<UnclearAnswer, Cause> causes{
      {UnclearAnswer::timed_out, Cause::answer_timed_out},
      {UnclearAnswer::connection_lost, Cause::connection_lost},
      {UnclearAnswer::server_error, Cause::device_error},
      {UnclearAnswer::not_the_contract, Cause::not_the_contract},
      {UnclearAnswer::wrong_request_id, Cause::wrong_request_id}};
  for (const auto& [answer, cause] : causes) {
    const std::string id = "r" + std::to_string(orders_sent_);
    const Ticket guest = order_under_way(id);
    answer_order(answer);
    EXPECT_EQ(code_of(guest), AnswerCode::no_answer);
    EXPECT_EQ(logged(id).state, PourState::unclear);
    EXPECT_EQ(logged(id).cause, cause);
    wait(30s);
  }
}

TEST_F(SeedDevice, WhoseGuestAsksAgainMeanwhileSaysThatTheOrderIsOnItsWay) {
  order_under_way();
  lose_answer();
  const Ticket again = order(30, "r1");
  EXPECT_EQ(code_of(again), AnswerCode::pending);
  EXPECT_EQ(answer_to(again)->message, "This order is on its way: follow its request id.");
}

TEST_F(SeedDevice, IsHeardOnlyInAnswerToTheNewestQuestion) {
  device_shows(idle(100s, /*glass=*/false));
  wait(1s);
  happen(StatusAnswered{.tap = TapIndex{0},
                        .call = CallId{1},  // the first of all, given up long ago
                        .asked_at = now_,
                        .result = StatusReceived{idle()}});
  EXPECT_FALSE(coordinator_.tap_view(TapIndex{0}, now_).status->glass_present);
}

// -- before anything is known of a machine --

TEST_F(Bar, ATapThatWasAskedAndNeverHeardOfIsOffline) {
  device_is_silent();
  EXPECT_EQ(code_of(order(30, "r1")), AnswerCode::offline);
  DispenseRequest clean;
  clean.purpose = protocol::Purpose::clean;
  clean.run_time = 30s;
  EXPECT_EQ(code_of(run(clean, "w1")), AnswerCode::offline);
  stop();
  answer_stop(StopResult::no_answer);
  EXPECT_EQ(stop_answers_.at(0).answer.taps[0].code, TapStopCode::no_answer);
}

TEST_F(Bar, SomethingElseAtItsAddressIsAnError) {
  something_else_answers();
  EXPECT_EQ(coordinator_.tap_view(TapIndex{0}, now_).link, LinkState::error);
  device_shows(idle());
  wait(1s);
  ASSERT_EQ(coordinator_.tap_view(TapIndex{0}, now_).link, LinkState::online);
  something_else_answers();
  wait(1s);
  EXPECT_EQ(coordinator_.tap_view(TapIndex{0}, now_).link, LinkState::error);
}

}  // namespace
}  // namespace pourtocol::control::testing
