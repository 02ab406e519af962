// A pour whose end could not be found out, and what its machine says of it after all.
#include "backend/control/tests/our_firmware.hpp"

namespace pourtocol::control::testing {
namespace {

using protocol::DeviceStatus;
using protocol::PourOutcome;
using protocol::StopReason;

class LateWord : public OurFirmware {
 protected:
  static constexpr BootId third_boot{0x3333};

  /// The answer was lost, and nothing was heard until it had to be given up.
  void unknown_pour() {
    order_under_way();
    lose_answer();
    device_is_silent();
    wait(60s);
    ASSERT_EQ(logged("r1").state, PourState::unknown);
  }
  static DeviceStatus poured() {
    return recorded("r1", PourOutcome::finished, StopReason::target_reached, Microlitres{30'000});
  }
};

TEST_F(LateWord, MayStillTellWhatWasUnknown) {
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

TEST_F(LateWord, OfASeedDeviceInThePlaceOfOursSaysNothing) {
  unknown_pour();
  device_shows(idle());
  wait(2s);
  EXPECT_EQ(logged("r1").state, PourState::unknown);
}

TEST_F(LateWord, ThatCameWhileTheLogWasLostIsHeardAgain) {
  unknown_pour();
  log_is_gone();
  order(61, "r2");
  device_shows(poured());
  EXPECT_EQ(logged("r1").state, PourState::unknown);
  log_works();
  wait(2s);
  EXPECT_EQ(logged("r1").state, PourState::done);
}

TEST_F(LateWord, ComesOfAPourThatWasGivenUpAndStillRan) {
  unknown_pour();
  device_shows(running("r1", Microlitres{20'000}));
  wait(2s);
  EXPECT_EQ(logged("r1").state, PourState::unknown);
  device_shows(poured());
  wait(1s);
  EXPECT_EQ(logged("r1").state, PourState::done);
}

TEST_F(LateWord, IsHeardByARestartedServer) {
  Pour pour;  // of the server before this one
  pour.request_id = rid("r1");
  pour.tap = tap_named("main");
  pour.amount_ml = 30;
  pour.context.guard = protocol::OrderGuard{.boot_id = first_boot, .expires = 105s};
  (void)ledger::apply(ledger_, {}, StartWrite{.pour = pour, .refusal = {}});
  pour.state = PourState::unclear;
  (void)ledger::apply(ledger_, {}, StepWrite{.from = PourState::sending, .pour = pour});
  pour.state = PourState::unknown;
  (void)ledger::apply(ledger_, {}, StepWrite{.from = PourState::unclear, .pour = pour});
  happen(RecoverResult{ledger::present_state(ledger_)});
  device_shows(poured());
  wait(1s);
  EXPECT_EQ(logged("r1").state, PourState::done);
  EXPECT_FALSE(coordinator_.tap_view(TapIndex{0}, now_).last) << "it ended in another run";
}

TEST_F(LateWord, OfAStopCannotUndoAPourThatTheMachineForgot) {
  // It poured, lost its journal, and forgot that; a late stop finds nothing and is remembered as if
  // the order had never come; and when enough has come since, the journal seems whole again.
  unknown_pour();
  auto shown = status(1s, second_boot);
  shown.details->journal_whole = false;
  device_shows(shown);
  wait(1s);
  device_shows(recorded("r1", PourOutcome::cancelled, StopReason::stop_requested, Microlitres{500},
                        status(1s, third_boot)));
  wait(1s);
  EXPECT_EQ(logged("r1").state, PourState::unknown);
  EXPECT_EQ(logged("r1").delivery->max, Microlitres{38'500});
}

TEST_F(LateWord, OfOurFirmwareInThePlaceOfASeedDeviceSaysNothing) {
  device_shows(idle());
  wait(2s);
  order(30, "r1");
  answer_status();
  ASSERT_FALSE(drink().guard);
  lose_answer();
  device_is_silent();
  wait(60s);
  ASSERT_EQ(logged("r1").state, PourState::unknown);
  happen(RecoverResult{ledger::present_state(ledger_)});
  device_shows(recorded("r1", PourOutcome::cancelled, StopReason::stop_requested, Microlitres{500},
                        status(200s)));
  wait(1s);
  EXPECT_EQ(logged("r1").state, PourState::unknown) << "it poured before our firmware came";
}

}  // namespace
}  // namespace pourtocol::control::testing
