#include "firmware/simulator/options.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace pourtocol::firmware {
namespace {

std::variant<Options, EndAtOnce> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "pourtocol-dispenser");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

EndAtOnce refused(std::vector<const char*> arguments) {
  const auto parsed = parse(std::move(arguments));
  const auto* const end = std::get_if<EndAtOnce>(&parsed);
  if (end == nullptr) {
    ADD_FAILURE() << "not refused";
    return {};
  }
  EXPECT_EQ(end->exit_code, 2);
  return *end;
}

TEST(Options, HaveDefaults) {
  const auto options = std::get<Options>(parse({}));
  EXPECT_EQ(options.host, "127.0.0.1");
  EXPECT_EQ(options.port, 8080);
  EXPECT_FALSE(options.control_port.has_value());
  EXPECT_EQ(options.protocol, 2);
  EXPECT_EQ(options.seed, 1U);
  EXPECT_TRUE(options.tap.empty());
  EXPECT_FALSE(options.machine_id.has_value());
  EXPECT_FALSE(options.tells_no_machine_id);
  EXPECT_FALSE(options.flash_file.has_value());
  EXPECT_TRUE(options.metered);
  EXPECT_TRUE(options.glass);
  EXPECT_TRUE(options.calibrated);
  EXPECT_FALSE(options.demands_guards);
  EXPECT_FALSE(options.echo_sensor);
  EXPECT_EQ(options.resume_within.count(), 0);
  EXPECT_EQ(options.pump_power, 100);
}

TEST(Options, SayWhatSortOfMachineItIs) {
  const auto options =
      std::get<Options>(parse({"--calibrated", "no", "--sensor", "echo", "--resume-within-ms",
                               "3000", "--pump-power", "55"}));
  EXPECT_FALSE(options.calibrated);
  EXPECT_TRUE(options.echo_sensor);
  EXPECT_EQ(options.resume_within.count(), 3000);
  EXPECT_EQ(options.pump_power, 55);
}

TEST(Options, SayWhichMachineItIs) {
  EXPECT_EQ(std::get<Options>(parse({"--machine-id", "0000240ac4123456"})).machine_id,
            MachineId{0x0000'240a'c412'3456});
  const auto silent = std::get<Options>(parse({"--machine-id", "none"}));
  EXPECT_TRUE(silent.tells_no_machine_id);
  EXPECT_FALSE(silent.machine_id.has_value());
  for (const char* bad : {"7", "0000240AC4123456", "nobody"}) {
    EXPECT_NE(refused({"--machine-id", bad}).text.find(bad), std::string::npos) << bad;
  }
}

TEST(Options, AreAllTaken) {
  const auto options = std::get<Options>(parse(
      {"--port", "0", "--host", "::1", "--control-port", "0", "--protocol", "1", "--seed",
       "18446744073709551615", "--tap", "gin", "--flash", "f.bin", "--meter", "no", "--no-glass"}));
  EXPECT_EQ(options.host, "::1");
  EXPECT_EQ(options.port, 0);
  EXPECT_EQ(options.control_port, 0);
  EXPECT_EQ(options.protocol, 1);
  EXPECT_EQ(options.seed, ~std::uint64_t{0});
  EXPECT_EQ(options.tap.view(), "gin");
  EXPECT_EQ(options.flash_file, "f.bin");
  EXPECT_FALSE(options.metered);
  EXPECT_FALSE(options.glass);
}

TEST(Options, NameWhatIsWrong) {
  EXPECT_NE(refused({"--ghost"}).text.find("--ghost"), std::string::npos);
  EXPECT_NE(refused({"stray"}).text.find("stray"), std::string::npos);
  for (const auto& [option, value] :
       std::vector<std::pair<const char*, const char*>>{{"--port", "65536"},
                                                        {"--port", "-1"},
                                                        {"--port", "x"},
                                                        {"--control-port", "70000"},
                                                        {"--protocol", "3"},
                                                        {"--seed", "-1"},
                                                        {"--seed", "x"},
                                                        {"--tap", "two words"},
                                                        {"--tap", ""},
                                                        {"--meter", "maybe"},
                                                        {"--calibrated", "perhaps"},
                                                        {"--sensor", "nose"},
                                                        {"--resume-within-ms", "30001"},
                                                        {"--pump-power", "35"},
                                                        {"--pump-power", "105"},
                                                        {"--pump-power", "57"},
                                                        {"--pump-power", "060"}}) {
    EXPECT_NE(refused({option, value}).text.find(option), std::string::npos)
        << option << " " << value << ": " << refused({option, value}).text;
  }
}

TEST(Options, AreExplainedOnRequest) {
  const auto parsed = parse({"--help"});
  const auto& end = std::get<EndAtOnce>(parsed);
  EXPECT_EQ(end.exit_code, 0);
  for (const char* option : {"--port", "--host", "--control-port", "--protocol", "--seed", "--tap",
                             "--flash", "--meter", "--no-glass", "--demand-guards", "--calibrated",
                             "--sensor", "--resume-within-ms", "--pump-power"}) {
    EXPECT_NE(end.text.find(option), std::string::npos) << option;
  }
}

}  // namespace
}  // namespace pourtocol::firmware
