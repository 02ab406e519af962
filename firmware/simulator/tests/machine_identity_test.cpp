#include "firmware/simulator/machine_identity.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace pourtocol::firmware {
namespace {

constexpr std::uint16_t port = 8080;

TEST(MachineIdentity, IsWhatTheCommandLineSays) {
  Options options;
  options.machine_id = MachineId{7};
  EXPECT_EQ(machine_id_of(options, port), MachineId{7});
  options.tells_no_machine_id = true;
  EXPECT_EQ(machine_id_of(options, port), std::nullopt);
}

TEST(MachineIdentity, IsTheSameForTheSameMachineStartedAgain) {
  EXPECT_EQ(machine_id_of({}, port), machine_id_of({}, port));
  EXPECT_TRUE(machine_id_of({}, port).has_value());
}

TEST(MachineIdentity, OfManyMachinesWithOneSeedDiffersByPort) {
  EXPECT_NE(machine_id_of({}, port), machine_id_of({}, port + 1));
}

TEST(MachineIdentity, OfANamedMachineDoesNotHangOnItsPort) {
  Options bar;
  bar.tap = *TapName::parse("bar");
  Options terrace;
  terrace.tap = *TapName::parse("terrace");
  EXPECT_EQ(machine_id_of(bar, port), machine_id_of(bar, port + 1));
  EXPECT_NE(machine_id_of(bar, port), machine_id_of(terrace, port));
}

TEST(MachineIdentity, GoesWithTheFileOfTheFlashWhateverItsNameAndWhereverItIsServed) {
  Options options;
  options.flash_file = "a.flash";
  Options elsewhere = options;
  elsewhere.flash_file = (std::filesystem::current_path() / "b/../a.flash").string();
  elsewhere.tap = *TapName::parse("bar");
  EXPECT_EQ(machine_id_of(options, port), machine_id_of(elsewhere, port + 1));
  elsewhere.flash_file = "b.flash";
  EXPECT_NE(machine_id_of(options, port), machine_id_of(elsewhere, port));
}

TEST(MachineIdentity, DiffersByTheSeed) {
  Options other;
  other.seed = 2;
  EXPECT_NE(machine_id_of({}, port), machine_id_of(other, port));
}

}  // namespace
}  // namespace pourtocol::firmware
