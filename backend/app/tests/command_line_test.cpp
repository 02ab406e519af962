#include "backend/app/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace pourtocol::app {
namespace {

using ::testing::HasSubstr;

std::expected<Command, Farewell> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "pourtocol");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

TEST(CommandLine, TakesTapsAgainAndAgain) {
  const auto command =
      parse({"serve", "--tap", "a=http://x", "--tap", "b=http://y", "--port", "1"});
  ASSERT_TRUE(command) << command.error().text;
  const auto& options = std::get<ServeCommand>(*command).options;
  EXPECT_EQ(options.taps, (std::vector<std::string>{"a=http://x", "b=http://y"}));
  EXPECT_EQ(options.port, "1");
}

TEST(CommandLine, TakesDrinksAsTheyAreSpelt) {
  const auto command = parse({"serve", "--drink", "a=Gin & Tonic", "--drink", "b=Piña, cold"});
  ASSERT_TRUE(command) << command.error().text;
  EXPECT_EQ(std::get<ServeCommand>(*command).options.drinks,
            (std::vector<std::string>{"a=Gin & Tonic", "b=Piña, cold"}));
}

TEST(CommandLine, NamesAnUnknownOptionAndEndsWith2) {
  const auto command = parse({"serve", "--prot", "5000"});
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().exit_status, 2);
  EXPECT_THAT(command.error().text, HasSubstr("--prot"));
}

TEST(CommandLine, WantsACommand) {
  const auto command = parse({});
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().exit_status, 2);
}

TEST(CommandLine, HelpNamesEveryOption) {
  const auto help = parse({"--help-all"});
  ASSERT_FALSE(help);
  EXPECT_EQ(help.error().exit_status, 0);
  for (const char* word :
       {"serve", "backup", "check", "--config", "--database", "--host", "--port", "--tap",
        "--drink", "--status-timeout", "--dispense-timeout", "--web-root", "--public-url",
        "ESP32_URL", "DATABASE_PATH", "PUBLIC_URL"}) {
    EXPECT_THAT(help.error().text, HasSubstr(word));
  }
}

TEST(CommandLine, BackupNeedsAFile) {
  EXPECT_EQ(parse({"backup"}).error().exit_status, 2);
  const auto command = parse({"backup", "copy.db", "--database", "log.db"});
  ASSERT_TRUE(command);
  EXPECT_EQ(std::get<BackupCommand>(*command).target, "copy.db");
  EXPECT_EQ(std::get<BackupCommand>(*command).options.database, "log.db");
}

TEST(CommandLine, KeyNeedsAFile) {
  EXPECT_EQ(parse({"key"}).error().exit_status, 2);
  const auto command = parse({"key", "chain.key", "--database", "log.db"});
  ASSERT_TRUE(command);
  EXPECT_EQ(std::get<KeyCommand>(*command).key_file, "chain.key");
  EXPECT_EQ(std::get<KeyCommand>(*command).options.database, "log.db");
}

TEST(CommandLine, CheckTakesAsManyHeadsAsItIsGiven) {
  const auto command = parse({"check", "--head", "1-2-0:aa", "--head", "3-4-0:bb"});
  ASSERT_TRUE(command);
  EXPECT_EQ(std::get<CheckCommand>(*command).heads,
            (std::vector<std::string>{"1-2-0:aa", "3-4-0:bb"}));
  EXPECT_TRUE(std::get<CheckCommand>(*parse({"check"})).heads.empty());
  EXPECT_EQ(parse({"check", "--head"}).error().exit_status, 2);
}

}  // namespace
}  // namespace pourtocol::app
