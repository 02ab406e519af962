// Pours that a machine of ours took without an order of this server.
#include "backend/control/tests/our_firmware.hpp"

namespace pourtocol::control::testing {
namespace {

using protocol::DeviceStatus;
using protocol::PourOutcome;
using protocol::Purpose;
using protocol::StopReason;

class FoundPour : public OurFirmware {
 protected:
  FoundPour() { wait(1s); }  // met: it has counted 7

  static DeviceStatus poured(std::string_view id, DeviceStatus shown = status(104s)) {
    const auto total = shown.details->pours_total;
    shown = recorded(id, PourOutcome::finished, StopReason::target_reached, Microlitres{29'500},
                     std::move(shown));
    shown.details->pours_total = total + 1;
    return shown;
  }
};

TEST_F(FoundPour, IsARowOfTheLogThatSaysWhereItWasOrdered) {
  device_shows(poured("own-1"));
  wait(1s);
  EXPECT_EQ(course_of("own-1"), "done/ordered_at_machine");
  ASSERT_EQ(ledger_.rows().size(), 1U);
  const LogRow& row = ledger_.rows()[0];
  EXPECT_EQ(row.status, EventStatus::success);
  EXPECT_EQ(row.reason, "It was not ordered here, but at the machine itself.");
  EXPECT_EQ(row.tap, tap_named("main"));
  EXPECT_TRUE(row.user.empty());
  EXPECT_EQ(row.amount_ml, 30);
  EXPECT_EQ(row.delivery->basis, Basis::meter);
  EXPECT_EQ(row.delivery->delivered, Microlitres{29'500});
}

TEST_F(FoundPour, ThatWasCutShortSaysSoToo) {
  device_shows(
      recorded("own-1", PourOutcome::stopped, StopReason::glass_removed, Microlitres{12'300}));
  wait(1s);
  EXPECT_EQ(course_of("own-1"), "partial/ordered_at_machine");
  EXPECT_EQ(ledger_.rows()[0].reason,
            "Partial: the glass was lifted after 12.3 of 30 ml. It was not ordered here, but at "
            "the machine itself.");
}

TEST_F(FoundPour, IsWrittenOnceOverRestartsOfTheServer) {
  device_shows(poured("own-1"));
  wait(1s);
  server_restarts();
  wait(2s);
  device_shows(poured("own-2", poured("own-1")));
  wait(1s);
  server_restarts();
  wait(2s);
  ASSERT_EQ(ledger_.rows().size(), 2U);
  EXPECT_EQ(ledger_.rows()[1].request_id, rid("own-2"));
}

TEST_F(FoundPour, IsFoundThoughTheServerWasAwayMeanwhile) {
  order_under_way("r1");
  accept();
  device_shows(poured("r1"));
  wait(1s);
  ASSERT_EQ(logged("r1").state, PourState::done);
  server_restarts();
  device_shows(poured("own-1", poured("r1")));
  wait(1s);
  EXPECT_EQ(course_of("own-1"), "done/ordered_at_machine");
}

TEST_F(FoundPour, IsNoneThatTheMachineHadCountedWhenItWasMet) {
  ledger::MemoryStorage empty;
  std::swap(ledger_, empty);
  server_restarts();
  device_shows(poured("old-2", poured("old-1")));
  wait(1s);
  EXPECT_TRUE(ledger_.rows().empty());
  device_shows(poured("new", poured("old-2", poured("old-1"))));
  wait(1s);
  ASSERT_EQ(ledger_.rows().size(), 1U);
  EXPECT_EQ(ledger_.rows()[0].request_id, rid("new"));
}

TEST_F(FoundPour, IsNeitherOursNorWhatNeverBegan) {
  order_under_way("r1");
  accept();
  DeviceStatus shown = poured("r1");
  protocol::RecentPour cancelled;
  cancelled.request_id = rid("stopped-before");
  cancelled.outcome = PourOutcome::cancelled;
  shown.details->recent.push_back(cancelled);
  device_shows(shown);
  wait(1s);
  EXPECT_EQ(logged("r1").cause, Cause::device_reported);
  EXPECT_EQ(ledger_.pour(rid("stopped-before")), nullptr);
  EXPECT_EQ(ledger_.rows().size(), 2U);
}

TEST_F(FoundPour, IsCountedWithoutOrdersThatNeverCame) {
  DeviceStatus shown = poured("own-1");
  protocol::RecentPour stopped_before;
  stopped_before.request_id = rid("stopped-before");
  stopped_before.outcome = PourOutcome::cancelled;
  stopped_before.stop_reason = StopReason::stop_requested;
  shown.details->recent.push_back(stopped_before);  // the newest, and counted by nobody
  device_shows(shown);
  wait(1s);
  EXPECT_EQ(course_of("own-1"), "done/ordered_at_machine");
}

TEST_F(FoundPour, IsWaitedForUntilItHasEnded) {
  device_shows(running("own-1", Microlitres{10'000}));
  wait(1s);
  EXPECT_TRUE(ledger_.rows().empty());
  device_shows(poured("own-1"));
  wait(1s);
  EXPECT_EQ(ledger_.rows().size(), 1U);
}

TEST_F(FoundPour, WaitsForALogThatIsLost) {
  log_is_gone();
  order(61, "r1");
  device_shows(poured("own-1"));
  wait(1s);
  log_works();
  wait(3s);
  EXPECT_EQ(course_of("own-1"), "done/ordered_at_machine");
}

TEST_F(FoundPour, IsFoundAgainWhereTheLogFailedToKeepIt) {
  log_fails();
  device_shows(poured("own-1"));
  wait(10ms);
  log_works();
  wait(3s);
  EXPECT_EQ(course_of("own-1"), "done/ordered_at_machine");
}

TEST_F(FoundPour, OfAMachineThatCountsAnewIsNotToldFromThePast) {
  DeviceStatus anew = poured("own-1");
  anew.details->pours_total = 1;
  device_shows(anew);
  wait(1s);
  EXPECT_TRUE(ledger_.rows().empty());
}

TEST_F(FoundPour, MayBeAHostsRun) {
  DeviceStatus cleaned = poured("own-1");
  cleaned.details->recent[0].purpose = Purpose::clean;
  cleaned.details->recent[0].requested = Millilitres{150};
  DeviceStatus by_time = poured("own-2", cleaned);
  by_time.details->recent[1].purpose = Purpose::clean;
  by_time.details->recent[1].requested = Millilitres{0};
  device_shows(by_time);
  wait(1s);
  ASSERT_EQ(ledger_.rows().size(), 1U) << "of a run by time the record lacks what was asked";
  EXPECT_EQ(ledger_.rows()[0].purpose, Purpose::clean);
}

TEST_F(FoundPour, ThatCannotBeIsUnknown) {
  device_shows(
      recorded("own-1", PourOutcome::finished, StopReason::target_reached, Microlitres{1'000'000}));
  wait(1s);
  EXPECT_EQ(course_of("own-1"), "unknown/ordered_at_machine");
  EXPECT_EQ(ledger_.rows()[0].reason,
            "Unknown: the machine says that 1000 \u00b1 0 ml flowed, between 999.5 and 1000.5 ml, "
            "which cannot be; up to 38.5 ml may have flowed. It was not ordered here, but at the "
            "machine itself.");
}

TEST_F(FoundPour, OfWhichAMachineTellsMoreThanItCanHavePouredFillsNoLog) {
  std::uint32_t counted = 7;
  const auto tells_sixteen = [&] {
    DeviceStatus lie = status(104s);
    for (std::size_t i = 0; i < protocol::recent_pours_max; ++i) {
      lie = recorded("lie-" + std::to_string(++counted), PourOutcome::finished,
                     StopReason::target_reached, Microlitres{29'500}, std::move(lie));
    }
    lie.details->pours_total = counted;
    device_shows(lie);
    wait(100ms);
  };
  for (int i = 0; i < 10; ++i) tells_sixteen();
  EXPECT_LE(ledger_.rows().size(), 16U + 1U) << "a whole record at once, then one a second";
  EXPECT_GE(ledger_.rows().size(), 16U);
}

}  // namespace
}  // namespace pourtocol::control::testing
