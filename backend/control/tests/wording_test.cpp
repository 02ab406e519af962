// What people are told of a pour, where no story needs to be told for it.
#include "backend/control/wording.hpp"

#include <gtest/gtest.h>

#include <set>

namespace pourtocol::control {
namespace {

using protocol::StopReason;

Pour ended_early(StopReason reason) {
  Pour pour;
  pour.amount_ml = 30;
  pour.state = PourState::partial;
  pour.stop_reason = reason;
  pour.delivery = Delivery{.basis = Basis::meter,
                           .delivered = Microlitres{12'300},
                           .uncertainty = {},
                           .min = Microlitres{11'000},
                           .max = Microlitres{13'000}};
  return pour;
}

TEST(Wording, APartialPourSaysWhyItEndedAndWhatToLookAt) {
  const auto told = [](StopReason reason) { return reason_for(ended_early(reason)); };
  EXPECT_EQ(told(StopReason::glass_removed), "Partial: the glass was lifted after 12.3 of 30 ml.");
  EXPECT_EQ(told(StopReason::stop_requested), "Partial: stopped after 12.3 of 30 ml.");
  EXPECT_EQ(told(StopReason::no_flow),
            "Partial: nothing flowed any more after 12.3 of 30 ml; check the bottle and the line.");
  EXPECT_EQ(told(StopReason::too_fast),
            "Partial: it flowed too fast, stopped after 12.3 of 30 ml; calibrate the tap.");
  EXPECT_EQ(told(StopReason::cut_off), "Partial: the time limit ended it after 12.3 of 30 ml.");
  EXPECT_EQ(told(StopReason::sensor_stuck),
            "Partial: the glass sensor could not tell a glass from none after 12.3 of 30 ml; check "
            "the sensor.");
  EXPECT_EQ(told(StopReason::journal_failed),
            "Partial: the machine could not record any more after 12.3 of 30 ml.");
  EXPECT_EQ(told(StopReason::power_lost),
            "Partial: the machine lost power; at least 11 of 30 ml were poured.");
  EXPECT_EQ(told(StopReason::target_reached), "Partial: 12.3 of 30 ml.");
}

TEST(Wording, NeverInvitesAnotherPressWhereSomethingMayHaveFlowed) {
  using enum PourState;
  Pour pour = ended_early(StopReason::target_reached);
  pour.most = Microlitres{38'500};
  const auto inviting = [](std::string text) {
    if (const auto warned = text.find("do not order again yet"); warned != std::string::npos) {
      text.erase(warned, std::string_view{"do not order again yet"}.size());
    }
    for (const char* words : {"again", "probably", "nothing was", "nothing flowed;", "press"}) {
      if (text.find(words) != std::string::npos) return true;
    }
    return false;
  };
  for (const auto state : {sending, accepted, unclear, done, partial, unknown}) {
    for (std::size_t i = 0; i < cause_count; ++i) {
      pour.state = state;
      pour.cause = static_cast<Cause>(i);
      for (const std::string& told :
           {reason_for(pour), answer_for(pour).message, no_answer_for(pour).message,
            unrecorded_answer_for(pour.request_id, pour.tap).message}) {
        EXPECT_FALSE(inviting(told)) << told;
      }
      if (state != unknown) continue;
      EXPECT_NE(reason_for(pour).find("up to 38.5 ml may have flowed"), std::string::npos)
          << reason_for(pour);
    }
  }
}

TEST(Wording, ARefusalInNoWordsIsToldWithoutThem) {
  Pour pour;
  pour.state = PourState::rejected;
  EXPECT_EQ(reason_for(pour), "The machine refused; nothing was poured.");
}

TEST(Wording, OnlyWhatStandsInTheWayOfAPourNeedsSomethingDone) {
  const std::set<Cause> in_the_way{Cause::busy,       Cause::no_glass,      Cause::stopped,
                                   Cause::offline,    Cause::unclear_pour,  Cause::device_fault,
                                   Cause::log_failed, Cause::wrong_machine, Cause::starting};
  for (std::size_t i = 0; i < cause_count; ++i) {
    const auto cause = static_cast<Cause>(i);
    EXPECT_NE(action_for(cause).empty(), in_the_way.contains(cause)) << name_of(cause);
  }
}

}  // namespace
}  // namespace pourtocol::control
