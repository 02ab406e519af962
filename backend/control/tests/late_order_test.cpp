// Orders that come late: after their id was given up, after their deadline; and orders that come
// early: before this run of the server knows how things stand.
#include "backend/control/tests/bar.hpp"

namespace pourtocol::control::testing {
namespace {

class LateOrder : public Bar {
 protected:
  LateOrder() { device_shows(idle()); }

  Ticket order_by(Instant deadline, std::string_view id = "r1") {
    const Ticket ticket{++last_};
    happen(DispenseAsked{.ticket = ticket,
                         .request = {.amount_ml = 30,
                                     .user = user_named("ann"),
                                     .tap = {},
                                     .key = rid(id),
                                     .deadline = deadline},
                         .id = rid(id)});
    return ticket;
  }
  ControlCode last_stop() const { return stop_answers_.back().answer.code; }

 private:
  std::uint64_t last_ = 1'000;  // beside the bar's own tickets
};

TEST_F(LateOrder, AnIdThatWasGivenUpNeverPours) {
  stop(rid("r1"));
  ASSERT_EQ(stop_answers_.size(), 1U);
  EXPECT_EQ(last_stop(), ControlCode::given_up);
  const Ticket late = order(30, "r1");
  answer_status();
  EXPECT_EQ(code_of(late), AnswerCode::given_up);
  EXPECT_EQ(orders_sent_, 0);
  EXPECT_EQ(course_of("r1"), "refused/given_up");
  EXPECT_EQ(ledger_.rows().back().reason,
            "This order was given up before it came; nothing was poured. Order anew if you want "
            "to.");
}

TEST_F(LateOrder, GivingUpAgainIsAnsweredTheSame) {
  stop(rid("r1"));
  stop(rid("r1"));
  EXPECT_EQ(last_stop(), ControlCode::given_up);
  order(30, "r1");
  answer_status();
  stop(rid("r1"));
  EXPECT_EQ(last_stop(), ControlCode::given_up) << "also when the order has come meanwhile";
}

TEST_F(LateOrder, IsRefusedThoughItOvertakesTheAnswerToTheGivingUp) {
  log_waits();
  stop(rid("r1"));
  const Ticket late = order(30, "r1");
  answer_status();
  EXPECT_TRUE(stop_answers_.empty()) << "not answered before it is durable";
  log_answers();
  EXPECT_EQ(last_stop(), ControlCode::given_up);
  EXPECT_EQ(code_of(late), AnswerCode::given_up);
  EXPECT_EQ(orders_sent_, 0);
}

TEST_F(LateOrder, WhatCannotBeGivenUpDurablyIsNotCalledGivenUp) {
  log_fails();
  stop(rid("r1"));
  EXPECT_EQ(last_stop(), ControlCode::store_failed);
  log_is_gone();
  stop(rid("r2"));
  EXPECT_EQ(last_stop(), ControlCode::store_failed);
}

TEST_F(LateOrder, APourOnItsWayIsStoppedForGoodBeforeThatIsTold) {
  log_waits();
  order(30, "r1");
  stop(rid("r1"));
  EXPECT_TRUE(stop_answers_.empty()) << "after a crash the order could come again";
  log_answers();
  EXPECT_EQ(last_stop(), ControlCode::ok);
  const Ticket late = order(30, "r1");
  answer_status();
  EXPECT_EQ(code_of(late), AnswerCode::stopped);
  EXPECT_EQ(orders_sent_, 0);
}

TEST_F(LateOrder, APourOnItsWayWhoseStopCannotBeWrittenIsNotCalledStopped) {
  log_waits();
  order(30, "r1");
  stop(rid("r1"));
  log_fails();
  log_answers_one();
  EXPECT_TRUE(stop_answers_.empty());
  log_answers_one();
  EXPECT_EQ(last_stop(), ControlCode::store_failed);
  EXPECT_EQ(stop_answers_.size(), 1U);
}

TEST_F(LateOrder, IsNotTakenAfterItsDeadline) {
  const Ticket late = order_by(now_ - 1us);
  EXPECT_EQ(code_of(late), AnswerCode::too_late);
  EXPECT_EQ(course_of("r1"), "refused/too_late");
  EXPECT_EQ(orders_sent_, 0);
}

TEST_F(LateOrder, IsTakenAtItsDeadline) {
  order_by(now_);
  answer_status();
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(LateOrder, IsNotBegunWhenItsMachineIsAskedForTooLong) {
  const Ticket guest = order_by(now_ + 1s);
  now_ += 2s;
  answer_status();
  EXPECT_EQ(code_of(guest), AnswerCode::too_late);
  EXPECT_EQ(course_of("r1"), "refused/too_late");
}

TEST_F(LateOrder, DoesNotLeaveWhenItsRowTakesTooLong) {
  log_waits();
  const Ticket guest = order_by(now_ + 1s);
  answer_status();
  now_ += 2s;
  log_answers();
  EXPECT_EQ(orders_sent_, 0);
  EXPECT_EQ(code_of(guest), AnswerCode::too_late);
  EXPECT_EQ(course_of("r1"), "sending/checks_passed not_sent/too_late");
}

TEST_F(LateOrder, HearsWhatBecameOfItWhereItIsKnown) {
  order_by(now_ + 1s);
  answer_status();
  accept();
  wait(30s);
  EXPECT_EQ(code_of(order_by(now_ - 1us)), AnswerCode::pouring);
  EXPECT_EQ(logged("r1").state, PourState::done);
}

TEST_F(LateOrder, MayLeaveAsLongAsOneOfThoseWhoAskedForItWaits) {
  order_by(now_ + 1s);
  order_by(now_ + 10s);
  now_ += 5s;
  answer_status();
  EXPECT_EQ(orders_sent_, 1);
}

TEST_F(LateOrder, AnActOfCalibrationIsNotDoneAfterItsDeadline) {
  happen(CalibrationAsked{.ticket = Ticket{1},
                          .request = {.tap = tap_named("main"),
                                      .user = user_named("host"),
                                      .action = protocol::ClearFaults{},
                                      .deadline = now_ - 1us}});
  EXPECT_EQ(calibration_answer_to(Ticket{1})->code, CalibrationCode::too_late);
  EXPECT_FALSE(calibration_call_);
  EXPECT_TRUE(ledger_.rows().empty());
}

/// A server of which only the first moments are told.
class FirstMoments : public ::testing::Test {
 protected:
  FirstMoments() {
    Settings settings;
    TapSettings tap;
    tap.name = tap_named("main");
    settings.taps.push_back(tap);
    coordinator_.emplace(settings);
    hear(Begin{});
  }

  void hear(const Event& event) {
    Effects effects;
    coordinator_->handle(event, {.instant = now_, .wall = {}}, effects);
    for (Effect& effect : effects) {
      if (auto* status = std::get_if<CallDeviceStatus>(&effect)) call_ = status->id;
      told_.push_back(std::move(effect));
    }
  }
  void read_log() {
    ledger::MemoryStorage empty;
    hear(RecoverResult{ledger::present_state(empty)});
  }
  void machine_answers(StatusResult result) {
    hear(StatusAnswered{
        .tap = TapIndex{0}, .call = call_, .asked_at = now_, .result = std::move(result)});
  }
  AnswerCode order() {
    hear(DispenseAsked{
        .ticket = Ticket{1},
        .request = {.amount_ml = 30, .user = user_named("ann"), .tap = {}, .key = rid("r1")},
        .id = rid("r1")});
    const auto* answer = std::get_if<AnswerDispense>(&told_.back());
    return answer == nullptr ? AnswerCode::pending : answer->answer.code;
  }
  std::optional<Cause> blocked() const {
    const auto block = coordinator_->tap_view(TapIndex{0}, now_).blocked;
    return block ? std::optional{block->cause} : std::nullopt;
  }

  Instant now_{Instant{} + 1h};
  std::optional<Coordinator> coordinator_;
  CallId call_{};
  Effects told_;
};

TEST_F(FirstMoments, AnOrderHearsThatTheServerIsStartingUntilTheLogHasBeenRead) {
  machine_answers(StatusReceived{});
  EXPECT_EQ(order(), AnswerCode::starting);
  EXPECT_EQ(blocked(), Cause::starting);
  hear(StopAsked{.ticket = Ticket{2}, .scope = rid("r2")});
  EXPECT_EQ(std::get<AnswerStop>(told_.back()).answer.code, ControlCode::starting);
  hear(ResumeAsked{.ticket = Ticket{3}, .request = {.scope = AllTaps{}, .stop = {}}});
  EXPECT_EQ(std::get<AnswerResume>(told_.back()).answer.code, ControlCode::starting);
  hear(CalibrationAsked{.ticket = Ticket{4},
                        .request = {.tap = tap_named("main"),
                                    .user = user_named("host"),
                                    .action = protocol::ClearFaults{}}});
  EXPECT_EQ(std::get<AnswerCalibration>(told_.back()).answer.code, CalibrationCode::starting);
  hear(MachineAsked{
      .ticket = Ticket{5},
      .request = {.tap = tap_named("main"), .user = user_named("host"), .machine = {}}});
  EXPECT_EQ(std::get<AnswerMachine>(told_.back()).answer.code, MachineCode::starting);
}

TEST_F(FirstMoments, AnOrderHearsThatTheServerIsStartingUntilItsMachineHasBeenAsked) {
  read_log();
  EXPECT_EQ(order(), AnswerCode::starting);
  EXPECT_EQ(blocked(), Cause::starting);
  machine_answers(StatusFailed{.why = NoStatus::unreachable, .detail = "timed out"});
  EXPECT_EQ(blocked(), Cause::offline);
}

TEST_F(FirstMoments, ALogThatFailsLaterIsNotCalledStarting) {
  read_log();
  machine_answers(StatusReceived{});
  hear(StopAsked{.ticket = Ticket{2}, .scope = rid("r2")});
  const auto& write = std::get<SubmitWrite>(told_.back());
  hear(WriteReply{.id = write.id, .result = Failed{"disk full"}, .row = {}});
  EXPECT_EQ(blocked(), Cause::log_failed);
}

TEST_F(FirstMoments, WhyDoesNotBlameTheDiskOrTheMachine) {
  for (const Interlock& lock : coordinator_->why(TapIndex{0}, now_).interlocks) {
    using enum InterlockName;
    if (lock.name != log_writable && lock.name != device_online) continue;
    EXPECT_FALSE(lock.ok) << name_of(lock.name);
    EXPECT_EQ(lock.action, "The server is starting: wait a moment.") << name_of(lock.name);
  }
}

}  // namespace
}  // namespace pourtocol::control::testing
