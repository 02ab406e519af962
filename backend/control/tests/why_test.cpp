// A host asks why a tap does not pour.
#include <algorithm>

#include "backend/control/tests/bar.hpp"

namespace pourtocol::control::testing {
namespace {

class Why : public Bar {
 protected:
  Why() { device_shows(idle()); }

  static protocol::DeviceStatus faulty() {
    protocol::DeviceStatus status = idle();
    auto& details = status.details.emplace();
    details.faults.insert(protocol::Fault::no_flow);
    details.faults.insert(protocol::Fault::sensor_stuck);
    return status;
  }
  Interlock lock(InterlockName name) const {
    for (const Interlock& lock : coordinator_.why(TapIndex{0}, now_).interlocks) {
      if (lock.name == name) return lock;
    }
    ADD_FAILURE() << "no such interlock: " << name_of(name);
    return {};
  }
  /// "idle: busy with a pour", one for each condition that is not met, a space between them.
  std::string failing() const {
    std::string told;
    for (const Interlock& lock : coordinator_.why(TapIndex{0}, now_).interlocks) {
      EXPECT_EQ(lock.ok, lock.action.empty())
          << name_of(lock.name) << ": what is to be done about it?";
      if (lock.ok) continue;
      if (!told.empty()) told += "; ";
      told += std::string{name_of(lock.name)} + ": " + lock.value;
    }
    return told;
  }
};

TEST_F(Why, NothingIsWrongWithATapThatIsReady) {
  EXPECT_EQ(failing(), "");
  EXPECT_EQ(lock(InterlockName::device_online).value, "answered 0.0 s ago at http://main.test");
}

TEST_F(Why, ATapThatWasStoppedWaitsToBeResumed) {
  stop();
  EXPECT_EQ(failing(), "not_stopped: stopped");
  EXPECT_EQ(lock(InterlockName::not_stopped).action, "Resume the tap.");
}

TEST_F(Why, WithoutALogNothingPours) {
  log_is_gone();
  order(61, "r1");
  EXPECT_EQ(failing(), "log_writable: no");
}

TEST_F(Why, APourUnderWayMakesTheNextOneWait) {
  order(30, "r1");
  answer_status();
  accept();
  EXPECT_EQ(failing(), "idle: busy with a pour");
  EXPECT_EQ(lock(InterlockName::last_pour_clear).value, "clear");
}

TEST_F(Why, AnUnclearPourIsNamedAndNotThePumpThatRests) {
  order(30, "r1");
  answer_status();
  lose_answer();
  EXPECT_EQ(failing(), "last_pour_clear: being checked");
}

TEST_F(Why, AMachineThatPoursByItselfIsNotIdle) {
  device_shows(pouring());
  wait(1s);
  EXPECT_EQ(failing(), "idle: not known to be idle");
}

TEST_F(Why, EveryFaultIsNamed) {
  device_shows(faulty());
  wait(1s);
  EXPECT_EQ(failing(), "no_fault: no_flow, sensor_stuck");
}

TEST_F(Why, ARefusalNamesTheFirstFault) {
  device_shows(faulty());
  wait(1s);
  const Ticket guest = order(30, "r1");
  EXPECT_EQ(answer_to(guest)->message,
            "The machine reports a fault (no_flow): ask the host to look at it.");
}

TEST_F(Why, ASilentMachineIsToldWithHowItFailed) {
  device_is_silent();
  wait(10s);
  EXPECT_FALSE(lock(InterlockName::device_online).ok);
  EXPECT_NE(lock(InterlockName::device_online).value.find("s ago (timed out) at"),
            std::string::npos);
  EXPECT_EQ(lock(InterlockName::device_online).action, "Check the machine's power and its Wi-Fi.");
}

TEST_F(Why, AWrongAddressIsToldFromAMachineWithoutPower) {
  something_else_answers();
  wait(1s);
  EXPECT_EQ(lock(InterlockName::device_online).action,
            "Check the address: something answers there, but it is not a dispenser.");
}

TEST_F(Why, ABadAnswerIsToldAsWhatItIs) {
  struct Case {
    NoStatus why;
    InterlockKind kind;
    std::string_view action;
    bool at_once;  ///< what was said before no longer holds
  };
  for (const auto& [why, kind, action, at_once] :
       {Case{NoStatus::broke_off, InterlockKind::broke_off,
             "Its answers break off: check its Wi-Fi, and restart it if that goes on.", false},
        Case{NoStatus::device_error, InterlockKind::device_error,
             "The machine answers with an error: restart it.", true},
        Case{NoStatus::not_a_device, InterlockKind::not_a_dispenser,
             "Check the address: something answers there, but it is not a dispenser.", true}}) {
    device_shows(idle());
    wait(1s);
    EXPECT_TRUE(lock(InterlockName::device_online).ok);
    EXPECT_EQ(lock(InterlockName::device_online).kind, std::nullopt);
    device_fails(why, "answers 404: \"Login\"");
    wait(1s);
    EXPECT_EQ(lock(InterlockName::device_online).ok, !at_once)
        << name_of(kind) << ": a moment is no loss of contact";
    wait(4s);
    EXPECT_FALSE(lock(InterlockName::device_online).ok);
    EXPECT_EQ(lock(InterlockName::device_online).kind, kind);
    EXPECT_EQ(lock(InterlockName::device_online).action, action);
    EXPECT_NE(lock(InterlockName::device_online).value.find("(answers 404: \"Login\") at"),
              std::string::npos);
    EXPECT_EQ(coordinator_.tap_view(TapIndex{0}, now_).blocked->action, action);
  }
}

TEST_F(Why, AGuestHearsWhatTheMachineSaidInsteadOfItsStatus) {
  device_fails(NoStatus::not_a_device, "answers 404: \"" + std::string(200, 'x') + "\"");
  wait(1s);
  const Ticket guest = order(30, "r1");
  EXPECT_EQ(answer_to(guest)->message,
            "The machine does not answer as a dispenser does (it answers "
            "404: \"" +
                std::string(146, 'x') + "): ask the host to look at it.");
}

TEST_F(Bar, AMachineThatOnlyEverAnsweredBadlyIsNotCalledSilent) {
  device_fails(NoStatus::not_a_device, "answers 404");
  wait(1s);
  const WhyView why = coordinator_.why(TapIndex{0}, now_);
  const auto online =
      std::ranges::find(why.interlocks, InterlockName::device_online, &Interlock::name);
  ASSERT_NE(online, why.interlocks.end());
  EXPECT_EQ(online->value, "no status yet (answers 404) at http://main.test");
}

TEST_F(Bar, WhyATapNobodyHasHeardOfDoesNotPour) {
  const WhyView why = coordinator_.why(TapIndex{0}, now_);
  std::vector<std::string> failing;
  for (const Interlock& lock : why.interlocks) {
    if (!lock.ok) failing.push_back(std::string{name_of(lock.name)} + ": " + lock.value);
  }
  EXPECT_EQ(failing, (std::vector<std::string>{
                         "device_online: never answered (not asked yet) at http://main.test",
                         "idle: not known to be idle", "glass_present: absent"}));
}

}  // namespace
}  // namespace pourtocol::control::testing
