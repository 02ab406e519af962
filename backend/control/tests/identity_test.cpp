// Whose machine answers: addresses move, machines are exchanged, boards are replaced.
#include "backend/control/tests/our_firmware.hpp"

namespace pourtocol::control::testing {
namespace {

using protocol::DeviceStatus;
using protocol::PourOutcome;
using protocol::StopReason;

constexpr MachineId one{0x1111'0000'0000'0001};
constexpr MachineId other{0x2222'0000'0000'0002};
constexpr MachineId third{0x3333'0000'0000'0003};

DeviceStatus of(std::optional<MachineId> machine, DeviceStatus status, std::string_view tap = {}) {
  status.details->machine_id = machine;
  if (!tap.empty()) status.details->tap = tap_named(tap);
  return status;
}

/// One tap with our firmware, whose machine is `one`.
class Identity : public OurFirmware {
 protected:
  Identity() {
    device_shows(of(one, status()));
    wait(1s);
  }

  std::optional<Cause> block(std::uint32_t tap = 0) const {
    const TapView view = coordinator_.tap_view(TapIndex{tap}, now_);
    return view.blocked ? std::optional{view.blocked->cause} : std::nullopt;
  }
  MachineView machine(std::uint32_t tap = 0) const {
    return coordinator_.why(TapIndex{tap}, now_).machine;
  }
  Interlock lock(std::uint32_t tap = 0) const {
    for (const Interlock& lock : coordinator_.why(TapIndex{tap}, now_).interlocks) {
      if (lock.name == InterlockName::right_machine) return lock;
    }
    ADD_FAILURE() << "no such interlock";
    return {};
  }
};

TEST_F(Identity, OfTheFirstMachineIsRememberedInTheLogWithoutARow) {
  EXPECT_EQ(machine().known, one);
  ASSERT_EQ(ledger::present_state(ledger_).machines.size(), 1U);
  EXPECT_EQ(ledger::present_state(ledger_).machines[0].id, one);
  EXPECT_TRUE(ledger_.rows().empty());
  EXPECT_EQ(block(), std::nullopt);
  EXPECT_TRUE(lock().ok);
  EXPECT_EQ(lock().value, "it is 1111000000000001");
}

TEST_F(Identity, OfAnotherMachineGetsNoOrder) {
  device_shows(of(other, status()));
  wait(1s);
  EXPECT_EQ(block(), Cause::wrong_machine);
  const Ticket guest = order(30, "r1");
  EXPECT_EQ(code_of(guest), AnswerCode::wrong_machine);
  EXPECT_EQ(orders_sent_, 0);
  EXPECT_EQ(logged("r1").state, PourState::refused);
  EXPECT_EQ(answer_to(guest)->message,
            "Another machine answers at this tap's address (the machine at this address is "
            "2222000000000002; this tap's is 1111000000000001): ask the host to look at it.");
}

TEST_F(Identity, OfAMachineThatNoLongerSaysOneIsAnother) {
  device_shows(of(std::nullopt, status()));
  wait(1s);
  EXPECT_EQ(machine().mismatch, Mismatch::says_no_id);
  EXPECT_EQ(code_of(order(30, "r1")), AnswerCode::wrong_machine);
  device_shows(idle());  // version 1
  wait(1s);
  EXPECT_EQ(code_of(order(30, "r2")), AnswerCode::wrong_machine);
  EXPECT_EQ(orders_sent_, 0);
}

TEST_F(Identity, ThatNamesAnotherTapGetsNoOrderAndIsNamedInWhy) {
  device_shows(of(one, status(), "terrace"));
  wait(1s);
  EXPECT_EQ(code_of(order(30, "r1")), AnswerCode::wrong_machine);
  EXPECT_EQ(orders_sent_, 0);
  EXPECT_FALSE(lock().ok);
  EXPECT_EQ(lock().value, "the machine at this address says it is \"terrace\"");
  EXPECT_EQ(machine().named, tap_named("terrace"));
  EXPECT_FALSE(machine().adoptable);
  device_shows(of(one, status(), "main"));
  wait(1s);
  EXPECT_EQ(block(), std::nullopt);
}

TEST_F(Identity, OfAnotherMachineIsLookedForAndToldOnce) {
  device_shows(of(other, status()));
  wait(5s);
  EXPECT_GT(doubts_[TapIndex{0}], 3);
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_EQ(warnings_[0],
            "tap main (http://main.test): the machine at this address is 2222000000000002; this "
            "tap's is 1111000000000001. It gets no order. Check where this tap's address leads. If "
            "its board was replaced, take the new one over.");
  device_shows(of(one, status()));
  const int before = doubts_[TapIndex{0}];
  wait(5s);
  EXPECT_EQ(doubts_[TapIndex{0}], before);
  EXPECT_EQ(block(), std::nullopt);
}

TEST_F(Identity, OfAnotherMachineProvesNothingAboutAnOpenPour) {
  order_under_way();
  accept();
  // Its record is whole, and it never heard of the order: of the tap's own machine that would prove
  // that nothing was poured.
  device_shows(of(other, status(500s, second_boot)));
  wait(2s);
  EXPECT_EQ(logged("r1").state, PourState::unclear);
  EXPECT_EQ(block(), Cause::unclear_pour);
  device_shows(of(
      one, recorded("r1", PourOutcome::finished, StopReason::target_reached, Microlitres{30'000})));
  wait(1s);
  EXPECT_EQ(logged("r1").state, PourState::done);
  EXPECT_EQ(course_of("r1"),
            "sending/checks_passed accepted/device_accepted unclear/wrong_machine "
            "done/device_reported");
}

TEST_F(Identity, OfAnotherMachineLeavesAPourUnknownInTheEnd) {
  order_under_way();
  lose_answer();
  device_shows(of(other, status(500s, second_boot)));
  wait(60s);
  EXPECT_EQ(logged("r1").state, PourState::unknown);
  EXPECT_EQ(logged("r1").cause, Cause::wrong_machine);
  EXPECT_EQ(logged("r1").delivery->min, Microlitres{0});
  EXPECT_EQ(logged("r1").delivery->max, logged("r1").most);
  EXPECT_EQ(reason_for(logged("r1")),
            "Unknown: another machine answered at this tap's address; up to 38.5 ml may have "
            "flowed.");
}

TEST_F(Identity, OfAMachineThatWasToldToStopThePourIsNoLateWordEither) {
  order_under_way();
  accept();
  device_shows(of(other, status(500s, second_boot)));
  wait(60s);
  ASSERT_EQ(logged("r1").state, PourState::unknown);
  // The stop reached whoever stood there, and that one remembers the id as cancelled.
  const DeviceStatus cancelled = recorded("r1", PourOutcome::cancelled, StopReason::stop_requested,
                                          Microlitres{0}, status(510s, second_boot));
  device_shows(of(other, cancelled));
  wait(2s);
  EXPECT_EQ(logged("r1").state, PourState::unknown);
  take_over(other);
  wait(2s);
  EXPECT_EQ(logged("r1").state, PourState::unknown) << "the new machine never had the order";
  EXPECT_EQ(block(), std::nullopt);
}

TEST_F(Identity, OfAnotherMachineIsNoLateWordThoughItNamesTheId) {
  order_under_way();
  accept();
  device_shows(of(other, status(500s, second_boot)));
  wait(60s);
  ASSERT_EQ(logged("r1").state, PourState::unknown);
  device_shows(of(other, recorded("r1", PourOutcome::finished, StopReason::target_reached,
                                  Microlitres{30'000}, status(510s, second_boot))));
  wait(2s);
  EXPECT_EQ(logged("r1").state, PourState::unknown);
  device_shows(of(
      one, recorded("r1", PourOutcome::finished, StopReason::target_reached, Microlitres{30'000})));
  wait(2s);
  EXPECT_EQ(logged("r1").state, PourState::done) << "its own machine is waited for";
}

TEST_F(Identity, OfAnotherMachineFindsNoPoursForTheTap) {
  device_shows(of(other, status(500s, second_boot)));
  wait(1s);
  device_shows(of(other, recorded("own-1", PourOutcome::finished, StopReason::target_reached,
                                  Microlitres{30'000}, status(510s, second_boot))));
  wait(2s);
  EXPECT_TRUE(ledger_.rows().empty());
}

TEST_F(Identity, OfAMachineThatIsTakenOverBringsNoPoursOfItsPast) {
  device_shows(of(other, recorded("theirs-1", PourOutcome::finished, StopReason::target_reached,
                                  Microlitres{30'000}, status(510s, second_boot))));
  wait(1s);
  take_over(other);
  wait(2s);
  EXPECT_EQ(block(), std::nullopt);
  EXPECT_EQ(ledger_.pour(rid("theirs-1")), nullptr);
}

TEST_F(Identity, OfAMachineThatFirstSaysOneDuringAPourIsNotThatOfItsOrder) {
  // A machine of older firmware took the order; the one that answers now may be another.
  Bar::device_shows(of(std::nullopt, status()));
  take_over(std::nullopt);
  wait(1s);
  ASSERT_EQ(block(), std::nullopt);
  order_under_way();
  accept();
  device_shows(of(other, status(500s, second_boot)));
  wait(60s);
  EXPECT_EQ(logged("r1").state, PourState::unknown);
}

TEST_F(Identity, DoesNotKeepAStopFromWhateverStandsThere) {
  device_shows(of(other, status(), "terrace"));
  wait(1s);
  stop();
  EXPECT_EQ(stop_calls_.size(), 1U);
}

TEST_F(Identity, OfAnotherMachineKeepsCalibrationsFromIt) {
  device_shows(of(other, status()));
  wait(1s);
  const Ticket host = calibration(protocol::NewBottle{});
  ASSERT_NE(calibration_answer_to(host), nullptr);
  EXPECT_EQ(calibration_answer_to(host)->code, CalibrationCode::wrong_machine);
  EXPECT_FALSE(calibration_call_);
}

TEST_F(Identity, IsReadFromTheLogAgainWhenTheServerIsStartedAnew) {
  Coordinator again{one_tap()};
  Effects effects;
  again.handle(Begin{}, {.instant = now_, .wall = {}}, effects);
  again.handle(RecoverResult{ledger::present_state(ledger_)}, {.instant = now_, .wall = {}},
               effects);
  EXPECT_EQ(again.why(TapIndex{0}, now_).machine.known, one);
}

TEST_F(Identity, IsNotTakenFromWhatAnswersBeforeTheLogHasBeenRead) {
  Coordinator again{one_tap()};
  Effects effects;
  again.handle(Begin{}, {.instant = now_, .wall = {}}, effects);
  const auto asked = std::ranges::find_if(effects, [](const Effect& effect) {
    return std::holds_alternative<CallDeviceStatus>(effect);
  });
  ASSERT_NE(asked, effects.end());
  const CallId call = std::get<CallDeviceStatus>(*asked).id;
  effects.clear();
  again.handle(StatusAnswered{.tap = TapIndex{0},
                              .call = call,
                              .asked_at = now_,
                              .result = StatusReceived{of(other, status())}},
               {.instant = now_, .wall = {}}, effects);
  EXPECT_TRUE(std::ranges::none_of(
      effects, [](const Effect& effect) { return std::holds_alternative<SubmitWrite>(effect); }));
  EXPECT_EQ(again.why(TapIndex{0}, now_).machine.known, std::nullopt);
}

TEST_F(Identity, OfAMachineJustTakenOverIsAskedForBeforeItsFirstOrder) {
  device_shows(of(other, status()));
  wait(1s);
  take_over(other);
  order(30, "r1");
  EXPECT_FALSE(order_call_);
  wait(1s);
  EXPECT_TRUE(order_call_);
}

TEST_F(Identity, ThatCouldNotBeWrittenIsTakenAnewFromWhatAnswersThen) {
  device_shows(of(std::nullopt, status()));
  take_over(std::nullopt);
  wait(1s);
  log_is_gone();
  device_shows(of(third, status()));
  wait(1s);
  EXPECT_EQ(block(), Cause::log_failed);
  log_works();
  wait(3s);
  EXPECT_EQ(machine().known, third);
  EXPECT_EQ(ledger::present_state(ledger_).machines.at(0).id, third);
  EXPECT_EQ(block(), std::nullopt);
}

TEST_F(Identity, OfAnOrderThatKnowsNoneIsThatOfItsBoot) {
  Pour pour;  // sent before the log kept machines
  pour.context.guard = protocol::OrderGuard{.boot_id = first_boot, .expires = 105s};
  EXPECT_TRUE(is_of_its_machine(pour, of(one, status())));
  EXPECT_FALSE(is_of_its_machine(pour, of(one, status(500s, second_boot))));
  EXPECT_TRUE(is_of_its_machine(pour, of(std::nullopt, status(500s, second_boot))));
  pour.context.machine = other;
  EXPECT_FALSE(is_of_its_machine(pour, of(one, status())));
}

// ---- taking a machine over

TEST_F(Identity, OfANewBoardIsTakenOverByTheHostAndLeavesARow) {
  device_shows(of(other, status()));
  wait(1s);
  EXPECT_TRUE(machine().adoptable);
  take_over(other);
  ASSERT_EQ(machine_answers_.size(), 1U);
  EXPECT_EQ(machine_answers_[0].answer.code, MachineCode::ok);
  EXPECT_EQ(block(), std::nullopt);
  ASSERT_EQ(ledger_.rows().size(), 1U);
  const LogRow& row = ledger_.rows()[0];
  EXPECT_EQ(row.action, "adopt");
  EXPECT_EQ(row.user.view(), "host");
  EXPECT_EQ(row.status, EventStatus::success);
  EXPECT_EQ(row.reason, "The machine was replaced: 2222000000000002 in place of 1111000000000001.");
  EXPECT_EQ(ledger::present_state(ledger_).machines.at(0).id, other);
  device_shows(of(one, status()));
  wait(1s);
  EXPECT_EQ(block(), Cause::wrong_machine) << "the old board is another machine now";
}

TEST_F(Identity, IsNotTakenOverAfterTheHostsDeadline) {
  device_shows(of(other, status()));
  wait(1s);
  MachineRequest request{.tap = tap_named("main"), .user = user_named("host"), .machine = other};
  request.deadline = now_ - 1us;
  happen(MachineAsked{.ticket = Ticket{900}, .request = request});
  ASSERT_EQ(machine_answers_.size(), 1U);
  EXPECT_EQ(machine_answers_[0].answer.code, MachineCode::too_late);
  EXPECT_EQ(block(), Cause::wrong_machine);
  EXPECT_TRUE(ledger_.rows().empty());
  request.deadline = now_;
  happen(MachineAsked{.ticket = Ticket{901}, .request = request});
  EXPECT_EQ(machine_answers_[1].answer.code, MachineCode::ok);
}

TEST_F(Identity, IsNotTakenOverBeforeThatIsDurable) {
  device_shows(of(other, status()));
  wait(1s);
  log_waits();
  take_over(other);
  EXPECT_TRUE(machine_answers_.empty());
  EXPECT_EQ(block(), Cause::wrong_machine);
  log_answers();
  EXPECT_EQ(machine_answers_.size(), 1U);
  EXPECT_EQ(block(), std::nullopt);
}

TEST_F(Identity, IsNotTakenOverIfThatCannotBeWritten) {
  device_shows(of(other, status()));
  wait(1s);
  log_fails();
  take_over(other);
  ASSERT_EQ(machine_answers_.size(), 1U);
  EXPECT_EQ(machine_answers_[0].answer.code, MachineCode::store_failed);
  log_works();
  wait(3s);
  EXPECT_EQ(block(), Cause::wrong_machine);
  EXPECT_EQ(machine().known, one);
}

TEST_F(Identity, IsTakenOverOnlyOfTheMachineThatTheHostHasSeen) {
  device_shows(of(other, status()));
  wait(1s);
  take_over(third);
  take_over(std::nullopt);
  take_over(one);
  ASSERT_EQ(machine_answers_.size(), 3U);
  for (const auto& said : machine_answers_) {
    EXPECT_EQ(said.answer.code, MachineCode::wrong_machine);
  }
  EXPECT_TRUE(ledger_.rows().empty());
  device_is_silent();
  wait(10s);
  take_over(other);
  EXPECT_EQ(machine_answers_.back().answer.code, MachineCode::offline);
  take_over(other, "attic");
  EXPECT_EQ(machine_answers_.back().answer.code, MachineCode::unknown_tap);
}

TEST_F(Identity, OfTheTapsOwnMachineNeedNotBeTakenOver) {
  take_over(one);
  ASSERT_EQ(machine_answers_.size(), 1U);
  EXPECT_EQ(machine_answers_[0].answer.code, MachineCode::ok);
  EXPECT_TRUE(ledger_.rows().empty());
}

TEST_F(Identity, CannotBeTakenOverFromAMachineThatNamesAnotherTap) {
  device_shows(of(other, status(), "terrace"));
  wait(1s);
  take_over(other);
  ASSERT_EQ(machine_answers_.size(), 1U);
  EXPECT_EQ(machine_answers_[0].answer.code, MachineCode::wrong_machine);
  EXPECT_EQ(machine_answers_[0].answer.message,
            "It cannot be taken over: the machine at this address says it is \"terrace\". Check "
            "where this tap's address leads. If it is the right machine, name it in its setup as "
            "this tap is named.");
}

// ---- machines that say nothing of it

class SilentIdentity : public OurFirmware {};

TEST_F(SilentIdentity, IsAsIfThereWereNone) {
  EXPECT_EQ(coordinator_.tap_view(TapIndex{0}, now_).blocked, std::nullopt);
  EXPECT_TRUE(ledger::present_state(ledger_).machines.empty());
  order_under_way();
  accept();
  device_shows(
      recorded("r1", PourOutcome::finished, StopReason::target_reached, Microlitres{30'000}));
  wait(1s);
  EXPECT_EQ(logged("r1").state, PourState::done);
}

TEST_F(SilentIdentity, OfADeviceOfTheSeedsContractIsNeverAsked) {
  device_shows(idle());
  wait(1s);
  order(30, "r1");
  answer_status();
  accept();
  device_shows(pouring(101s));
  wait(2s);
  device_shows(idle(103s));
  wait(1s);
  EXPECT_EQ(logged("r1").state, PourState::done);
  EXPECT_TRUE(warnings_.empty());
  EXPECT_TRUE(doubts_.empty());
}

// ---- two taps

class TwoMachines : public Bar {
 protected:
  TwoMachines() : Bar{two_taps()} { show(one, other); }
  static DeviceStatus saying(MachineId machine) {
    DeviceStatus status = idle();
    auto& details = status.details.emplace();
    details.boot_id = BootId{machine.bits()};
    details.uptime_ms = 100s;
    details.journal_whole = true;
    details.machine_id = machine;
    return status;
  }
  void show(MachineId at_main, MachineId at_side) {
    device_shows_at(0, saying(at_main));
    device_shows_at(1, saying(at_side));
    wait(2s);
  }
  TapView view(std::uint32_t tap) const { return coordinator_.tap_view(TapIndex{tap}, now_); }
  std::optional<Cause> block(std::uint32_t tap) const {
    return view(tap).blocked ? std::optional{view(tap).blocked->cause} : std::nullopt;
  }
  MachineView machine(std::uint32_t tap) const {
    return coordinator_.why(TapIndex{tap}, now_).machine;
  }
  static TapName side() { return tap_named("side"); }
};

TEST_F(TwoMachines, ThatCameBackWithEachOthersAddressGetNoOrderUntilTheyAreFound) {
  EXPECT_EQ(block(0), std::nullopt);
  EXPECT_EQ(block(1), std::nullopt);
  show(other, one);
  EXPECT_EQ(block(0), Cause::wrong_machine);
  EXPECT_EQ(block(1), Cause::wrong_machine);
  EXPECT_EQ(machine(0).owner, side());
  EXPECT_TRUE(machine(0).adoptable) << "side does not show it now";
  EXPECT_EQ(code_of(order(30, "r1")), AnswerCode::wrong_machine);
  EXPECT_EQ(code_of(order(30, "r2", "ann", side())), AnswerCode::wrong_machine);
  EXPECT_EQ(orders_sent_, 0);
  show(one, other);
  EXPECT_EQ(block(0), std::nullopt);
  EXPECT_EQ(block(1), std::nullopt);
}

TEST_F(TwoMachines, OfWhichAHostSwapsTheBoardsForGoodByTakingOverOne) {
  show(other, one);
  take_over(other, "main");
  ASSERT_EQ(machine_answers_.size(), 1U);
  EXPECT_EQ(machine_answers_[0].answer.code, MachineCode::ok);
  wait(2s);
  EXPECT_EQ(machine(0).known, other);
  EXPECT_EQ(machine(1).known, one) << "it knew none any more, and took what answers there";
  EXPECT_EQ(block(0), std::nullopt);
  EXPECT_EQ(block(1), std::nullopt);
  EXPECT_EQ(ledger_.rows().back().reason,
            "The machine was replaced: 2222000000000002 in place of 1111000000000001; it was the "
            "machine of \"side\".");
}

TEST_F(TwoMachines, OfWhichOneStandsInForTheOtherWhoseOwnPlaceIsEmptyNow) {
  device_shows_at(1, std::nullopt);
  wait(10s);
  device_shows_at(0, saying(other));
  wait(2s);
  EXPECT_EQ(block(0), Cause::wrong_machine);
  EXPECT_TRUE(machine(0).adoptable) << "nothing answers at side";
  take_over(other, "main");
  EXPECT_EQ(machine_answers_.back().answer.code, MachineCode::ok);
  wait(2s);
  EXPECT_EQ(block(0), std::nullopt);
  EXPECT_EQ(machine(1).known, std::nullopt);
}

TEST_F(TwoMachines, ThatAreOneAndTheSameAreToldAtBothTapsAndTheSecondPoursNot) {
  show(one, one);
  EXPECT_EQ(block(0), std::nullopt);
  EXPECT_EQ(block(1), Cause::wrong_machine);
  EXPECT_EQ(machine(1).owner, tap_named("main"));
  EXPECT_FALSE(machine(1).adoptable) << "main needs it";
  ASSERT_EQ(machine(0).also_at.size(), 1U);
  EXPECT_EQ(machine(0).also_at[0], side());
  take_over(one, "side");
  EXPECT_EQ(machine_answers_.back().answer.code, MachineCode::wrong_machine);
}

TEST_F(TwoMachines, ThatAreOneAtTheStartAreToldThen) {
  Coordinator fresh{two_taps()};
  Effects effects;
  const auto hand_in = [&](const Event& event) {
    fresh.handle(event, {.instant = now_, .wall = {}}, effects);
  };
  hand_in(Begin{});
  std::vector<CallDeviceStatus> calls;
  for (const Effect& effect : effects) {
    if (const auto* call = std::get_if<CallDeviceStatus>(&effect)) calls.push_back(*call);
  }
  ASSERT_EQ(calls.size(), 2U);
  hand_in(RecoverResult{Recovered{}});
  for (const auto& call : calls) {
    hand_in(StatusAnswered{
        .tap = call.tap, .call = call.id, .asked_at = now_, .result = StatusReceived{saying(one)}});
  }
  EXPECT_FALSE(fresh.tap_view(TapIndex{0}, now_).blocked);
  ASSERT_TRUE(fresh.tap_view(TapIndex{1}, now_).blocked);
  EXPECT_EQ(fresh.tap_view(TapIndex{1}, now_).blocked->cause, Cause::wrong_machine);
  std::vector<std::string> warnings;
  for (const Effect& effect : effects) {
    if (const auto* warning = std::get_if<Warn>(&effect)) warnings.push_back(warning->text);
  }
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0],
            "tap side (http://main.test): the machine at this address is that of \"main\". It gets "
            "no order. Check where this tap's address leads: each tap needs a machine of its own.");
}

TEST_F(TwoMachines, ThatBothKnowOneOnlyServeWhoseCameFirst) {
  Recovered recovered;
  recovered.machines = {{.tap = tap_named("main"), .id = one}, {.tap = side(), .id = one}};
  Identities identities{two_taps()};
  identities.on_recovered(recovered.machines);
  identities.saw(TapIndex{1}, saying(one));
  EXPECT_EQ(identities.mismatch(TapIndex{1}), std::nullopt);
  identities.saw(TapIndex{0}, saying(one));
  EXPECT_EQ(identities.mismatch(TapIndex{0}), Mismatch::of_another_tap);
  EXPECT_EQ(identities.mismatch(TapIndex{1}), std::nullopt);
}

}  // namespace
}  // namespace pourtocol::control::testing
