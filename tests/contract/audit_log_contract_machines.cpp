// What the log must do with which machine is whose.
#include <gmock/gmock.h>

#include "tests/contract/audit_log_contract.hpp"

namespace pourtocol::contract {

using control::AuditWrite;
using control::EventStatus;
using control::MachineWrite;
using control::Pour;
using control::Recovered;
using control::Written;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

constexpr MachineId one{0x1111'0000'0000'0001};
constexpr MachineId other{0xffff'0000'0000'0002};

TapName tap_named(std::string_view name) {
  return TapName::parse(name).value();
}

WallTime at_ms(std::int64_t ms) {
  return WallTime{std::chrono::milliseconds{ms}};
}

MachineWrite seen(std::string_view tap, std::optional<MachineId> machine) {
  return {
      .tap = tap_named(tap), .machine = machine, .taken_from = {}, .act = {}, .at = at_ms(1'000)};
}

MachineWrite taken_over(std::string_view tap, MachineId machine) {
  MachineWrite write = seen(tap, machine);
  write.act = AuditWrite{.tap = tap_named(tap),
                         .user = UserToken::from("host").value(),
                         .status = EventStatus::success,
                         .action = "adopt",
                         .reason = "The machine was replaced.",
                         .at = at_ms(1'000)};
  return write;
}

}  // namespace

TEST_P(AuditLogContract, NoTapHasAMachineAtFirst) {
  EXPECT_THAT(recover().machines, IsEmpty());
}

TEST_P(AuditLogContract, TheNewestWordOnATapsMachineHoldsAlsoAfterACrash) {
  submit(seen("left", one));
  submit(seen("right", other));
  const auto& reply = reply_to(submit(seen("left", other)));
  EXPECT_TRUE(std::holds_alternative<Written>(reply.result));
  EXPECT_FALSE(reply.row) << "that a machine was seen is no row of the log";
  crash();
  EXPECT_THAT(recover().machines, ElementsAre(Recovered::Machine{tap_named("left"), other},
                                              Recovered::Machine{tap_named("right"), other}));
  EXPECT_THAT(rows(), IsEmpty());
}

TEST_P(AuditLogContract, ATapMayKnowNoMachineAnyMore) {
  submit(seen("left", one));
  reply_to(submit(seen("left", std::nullopt)));
  EXPECT_THAT(recover().machines, IsEmpty());
}

TEST_P(AuditLogContract, AMachineThatIsTakenOverIsTakenFromWhoHadItAndLeavesARow) {
  submit(seen("left", one));
  submit(seen("right", other));
  MachineWrite write = taken_over("left", other);
  write.taken_from = {tap_named("right")};
  const auto& reply = reply_to(submit(write));
  ASSERT_TRUE(reply.row);
  EXPECT_EQ(reply.row->action, "adopt");
  crash();
  EXPECT_THAT(recover().machines, ElementsAre(Recovered::Machine{tap_named("left"), other}));
  ASSERT_EQ(rows().size(), 1U);
  EXPECT_EQ(rows()[0].tap, tap_named("left"));
  EXPECT_EQ(rows()[0].user.view(), "host");
  EXPECT_EQ(rows()[0].reason, "The machine was replaced.");
  EXPECT_EQ(rows()[0].action, "adopt");
}

TEST_P(AuditLogContract, APourKeepsWhichMachineItsOrderWasMeantFor) {
  start(wish("a", "left"));
  Pour silent = wish("b", "right");
  silent.context.machine.reset();
  start(silent);
  crash();
  const Recovered recovered = recover();
  ASSERT_EQ(recovered.open.size(), 2U);
  EXPECT_EQ(recovered.open[0].context.machine, MachineId{0xbadcafe});
  EXPECT_EQ(recovered.open[1].context.machine, std::nullopt);
}

}  // namespace pourtocol::contract
