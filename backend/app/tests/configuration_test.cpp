#include "backend/app/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace pourtocol::app {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class ConfigurationTest : public ::testing::Test {
 protected:
  ~ConfigurationTest() override { std::filesystem::remove(file_); }

  void file_says(const std::string& text) {
    std::ofstream{file_} << text;
    options_.config_file = file_.string();
  }
  void environment_says(const std::string& name, const std::string& value) {
    environment_[name] = value;
  }
  std::expected<Configuration, std::string> load() const {
    return load_configuration(options_, [&](const char* name) {
      const auto found = environment_.find(name);
      return found == environment_.end() ? std::nullopt : std::optional{found->second};
    });
  }
  /// Whatever is refused, one sentence says so: with a full stop at its end, and one only.
  std::string complaint() const {
    const auto loaded = load();
    if (loaded) return "no complaint";
    EXPECT_THAT(loaded.error(), AllOf(EndsWith("."), Not(HasSubstr("..")), Not(HasSubstr(".:"))));
    EXPECT_THAT(loaded.error(), Not(HasSubstr(". The"))) << "more than one sentence";
    return loaded.error();
  }

  Options options_;

 private:
  std::filesystem::path file_ = std::filesystem::temp_directory_path() /
                                ("pourtocol-test-" + std::to_string(::getpid()) + ".toml");
  std::map<std::string, std::string> environment_;
};

TEST_F(ConfigurationTest, HasTheDocumentedDefaults) {
  const auto loaded = load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->host, "0.0.0.0");
  EXPECT_EQ(loaded->port, 5000);
  EXPECT_EQ(loaded->database, "pourtocol.db");
  ASSERT_EQ(loaded->taps.size(), 1U);
  EXPECT_EQ(loaded->taps[0].settings.name.view(), "main");
  EXPECT_EQ(loaded->taps[0].settings.address, "http://esp32.local");
  EXPECT_EQ(loaded->status_timeout, std::chrono::milliseconds{1000});
  EXPECT_EQ(loaded->dispense_timeout, std::chrono::milliseconds{2000});
}

TEST_F(ConfigurationTest, LetsTheEnvironmentOverrideTheFileAndOptionsOverrideBoth) {
  file_says("port = 1\nhost = \"127.0.0.1\"\ndatabase = \"file.db\"\n");
  environment_says("PORT", "2");
  environment_says("DATABASE_PATH", "environment.db");
  options_.port = "3";
  const auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_EQ(loaded->port, 3);
  EXPECT_EQ(loaded->database, "environment.db");
  EXPECT_EQ(loaded->host, "127.0.0.1");
}

TEST_F(ConfigurationTest, ReadsTapsWithTheirPhysics) {
  file_says(R"([[taps]]
name = "bar"
url = "http://esp32.local:8080"
calibration_error_percent = 5
coast_ml = 1.5
slowest_flow_ml_s = 1.7
fastest_flow_ml_s = 60
start_delay_s = 0.5
)");
  const auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error();
  const control::TapSettings& tap = loaded->taps.at(0).settings;
  EXPECT_EQ(tap.calibration_error_permille, 50);
  EXPECT_EQ(tap.coast, Microlitres{1'500});
  EXPECT_EQ(tap.slowest_flow, FlowRate{1'700});
  EXPECT_EQ(tap.fastest_flow, FlowRate{60'000});
  EXPECT_EQ(tap.start_delay, std::chrono::milliseconds{500});
  EXPECT_EQ(loaded->taps[0].url.port, 8080);
}

TEST_F(ConfigurationTest, KeepsTheOriginalsVariableForOneTapAndTakesSeveral) {
  environment_says("ESP32_URL", "http://192.168.4.1");
  EXPECT_EQ(load()->taps.at(0).settings.name.view(), "main");
  environment_says("ESP32_URL", "left=http://a.local,right=http://b.local");
  const auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error();
  ASSERT_EQ(loaded->taps.size(), 2U);
  EXPECT_EQ(loaded->taps[1].settings.name.view(), "right");
}

TEST_F(ConfigurationTest, TellsWhatATapPours) {
  file_says(R"([[taps]]
name = "left"
url = "http://a.local"
drink = "Gin & Tonic"
[[taps]]
name = "right"
url = "http://b.local"
)");
  EXPECT_EQ(load()->taps.at(0).settings.drink, "Gin & Tonic");
  EXPECT_EQ(load()->taps.at(1).settings.drink, "");
  options_.drinks = {"right=A=B", "left=Piña Colada", "right=Mojito"};
  const auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_EQ(loaded->taps[0].settings.drink, "Piña Colada");
  EXPECT_EQ(loaded->taps[1].settings.drink, "Mojito") << "the last word counts";
  options_.taps = {"bar=http://c.local"};
  EXPECT_THAT(complaint(), HasSubstr("\"right\" that is not configured"));
  options_.drinks = {"bar=" + std::string(64, 'x')};
  EXPECT_EQ(load()->taps.at(0).settings.drink.size(), 64U);
}

TEST_F(ConfigurationTest, RefusesADrinkThatCannotBeShown) {
  for (const std::string& bad : {std::string{}, std::string(65, 'x'), std::string{"a\nb"},
                                 std::string{"\xff"}, std::string{"\xc2\x85"}}) {
    options_.drinks = {"main=" + bad};
    EXPECT_THAT(complaint(), HasSubstr("--drink")) << bad;
  }
  options_.drinks = {"Mojito"};
  EXPECT_THAT(complaint(), HasSubstr("NAME=TEXT"));
  options_.drinks.clear();
  file_says("[[taps]]\nname = \"bar\"\nurl = \"http://x\"\ndrink = \"" + std::string(65, 'x') +
            "\"\n");
  EXPECT_THAT(complaint(), AllOf(HasSubstr("line 4"), HasSubstr("\"drink\"")));
}

TEST_F(ConfigurationTest, KnowsWhereGuestsReachThePage) {
  EXPECT_EQ(load()->public_url, "");
  file_says("public_url = \"http://a.local\"\n");
  EXPECT_EQ(load()->public_url, "http://a.local");
  environment_says("PUBLIC_URL", "http://192.168.1.20:5000/");
  EXPECT_EQ(load()->public_url, "http://192.168.1.20:5000");
  for (const char* good : {"https://bar.example", "http://[fe80::1]:8080", "http://bar"}) {
    options_.public_url = good;
    EXPECT_EQ(load()->public_url, good);
  }
}

TEST_F(ConfigurationTest, RefusesAPublicUrlThatIsMoreOrLessThanAnAddress) {
  for (const char* bad : {"", "bar.example", "ftp://bar", "http://", "http:///", "http://a/b",
                          "http://a?b", "http://a#b", "http://u@a", "http://a:0", "http://a:99999",
                          "http://a b", "http://a\n", "https://https://a"}) {
    options_.public_url = bad;
    EXPECT_THAT(complaint(), HasSubstr("--public-url")) << bad;
  }
  options_.public_url.reset();
  environment_says("PUBLIC_URL", "bar");
  EXPECT_THAT(complaint(), HasSubstr("PUBLIC_URL"));
  environment_says("PUBLIC_URL", "http://bar");
  file_says("public_url = \"bar\"\n");
  EXPECT_THAT(complaint(), HasSubstr("\"public_url\""));
}

TEST_F(ConfigurationTest, KnowsWhatNamesItAnswersTo) {
  EXPECT_TRUE(load()->allowed_hosts.empty());
  file_says("allowed_hosts = [\"Bar.example\", \"thekenrechner\"]\n");
  EXPECT_THAT(load()->allowed_hosts, ElementsAre("bar.example", "thekenrechner"));
  environment_says("ALLOWED_HOSTS", "a.example,b.example");
  EXPECT_THAT(load()->allowed_hosts, ElementsAre("a.example", "b.example"));
  options_.allowed_hosts = {"c.example"};
  EXPECT_THAT(load()->allowed_hosts, ElementsAre("c.example"));
}

TEST_F(ConfigurationTest, RefusesAHostNameThatIsMoreOrLessThanAName) {
  for (const std::string& bad :
       {std::string{}, std::string{"http://bar"}, std::string{"bar:80"}, std::string{"*.example"},
        std::string{"a b"}, std::string{"."}, std::string(254, 'x')}) {
    options_.allowed_hosts = {bad};
    EXPECT_THAT(complaint(), HasSubstr("--allowed-host")) << bad;
  }
  options_.allowed_hosts.clear();
  environment_says("ALLOWED_HOSTS", "bar,");
  EXPECT_THAT(complaint(), HasSubstr("ALLOWED_HOSTS"));
  environment_says("ALLOWED_HOSTS", "bar");
  for (const char* bad : {"\"bar\"", "3", "[3]", "[\"\"]", "[[\"bar\"]]", "[\"bar:80\"]"}) {
    file_says("port = 0\nallowed_hosts = " + std::string{bad} + "\n");
    EXPECT_THAT(complaint(), AllOf(HasSubstr("line 2"), HasSubstr("\"allowed_hosts\""))) << bad;
  }
}

TEST_F(ConfigurationTest, NamesTheKeyOfTheLog) {
  EXPECT_TRUE(load()->key_file.empty());
  file_says("[log]\nkey_file = \"/etc/pourtocol/chain.key\"\n");
  EXPECT_EQ(load()->key_file, "/etc/pourtocol/chain.key");
  file_says("[log]\nkey_file = \"\"\n");
  EXPECT_THAT(complaint(), AllOf(HasSubstr("line 2"), HasSubstr("\"key_file\"")));
  file_says("[log]\nkey = \"secret\"\n");
  EXPECT_THAT(complaint(), HasSubstr("\"key\" is not a known key"));
  file_says("log = 3\n");
  EXPECT_THAT(complaint(), HasSubstr("must be a table: [log]"));
}

TEST_F(ConfigurationTest, BoundsWhatClientsMayTake) {
  EXPECT_EQ(load()->limits.connections_max, 12'000U);
  file_says(R"([limits]
connections = 500
connections_per_address = 20
live_clients = 100
unsent_mb = 3
unsent_mb_per_address = 2
orders_burst = 0
orders_per_second = 0.5
)");
  const auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_EQ(loaded->limits.connections_max, 500U);
  EXPECT_EQ(loaded->limits.connections_per_address_max, 20U);
  EXPECT_EQ(loaded->limits.streams_max, 100U);
  EXPECT_EQ(loaded->limits.unsent_bytes_max, 3U * 1024 * 1024);
  EXPECT_EQ(loaded->limits.unsent_bytes_per_address_max, 2U * 1024 * 1024);
  EXPECT_EQ(loaded->dispense_rate.burst, 0);
  EXPECT_EQ(loaded->dispense_rate.per_second, 0.5);
}

TEST_F(ConfigurationTest, RefusesBoundsThatBoundNothingOrEverything) {
  for (const char* bad :
       {"connections = 0", "connections = 15", "connections = 100001", "connections = 1.5",
        "connections = \"many\"", "connections_per_address = 0", "live_clients = -1",
        "unsent_mb = 0", "unsent_mb_per_address = 0", "orders_burst = -1", "orders_per_second = 0",
        "orders_per_second = nan"}) {
    file_says("[limits]\n" + std::string{bad} + "\n");
    const std::string key{bad, std::string_view{bad}.find(' ')};
    EXPECT_THAT(complaint(), AllOf(HasSubstr("line 2"), HasSubstr("\"" + key + "\""))) << bad;
  }
  file_says("limits = 3\n");
  EXPECT_THAT(complaint(), HasSubstr("\"limits\""));
  file_says("[limits]\nconections = 20\n");
  EXPECT_THAT(complaint(), HasSubstr("\"conections\" is not a known key"));
}

TEST_F(ConfigurationTest, NamesTheOffendingOption) {
  options_.port = "abc";
  EXPECT_THAT(complaint(), HasSubstr("--port"));
  options_.port = "70000";
  EXPECT_THAT(complaint(), HasSubstr("70000"));
  options_.port.reset();
  options_.taps = {"esp32.local"};
  EXPECT_THAT(complaint(), HasSubstr("--tap"));
  options_.taps = {"a b=http://x"};
  EXPECT_THAT(complaint(), HasSubstr("a b"));
  options_.taps = {"a=ftp://x"};
  EXPECT_THAT(complaint(), HasSubstr("ftp"));
  options_.taps = {"a=http://x", "a=http://y"};
  EXPECT_THAT(complaint(), HasSubstr("\"a\""));
}

TEST_F(ConfigurationTest, EndsInOneFullStopWhateverIsWrongWithAnAddress) {
  for (const char* bad : {"", "esp32.local", "https://esp32.local", "http://", "http://:80",
                          "http://u@a", "http://a:0", "http://fe80::1", "http://::1:5000",
                          "http://a:b:c", "http://[fe80::1", "http://[1.2.3.4]", "http://[::1]x",
                          "http://192.168.4.256", "http://a b", "http://a?b", "http://a$", "a."}) {
    options_.taps = {"bar=" + std::string{bad}};
    EXPECT_THAT(complaint(), HasSubstr("--tap for \"bar\": ")) << bad;
    options_.taps.clear();
    environment_says("ESP32_URL", bad);
    EXPECT_THAT(complaint(), HasSubstr("ESP32_URL")) << bad;
    environment_says("ESP32_URL", "http://esp32.local");
    file_says("[[taps]]\nname = \"bar\"\nurl = \"" + std::string{bad} + "\"\n");
    EXPECT_THAT(complaint(), HasSubstr("line")) << bad;
    options_.config_file.reset();
  }
}

TEST_F(ConfigurationTest, WritesOutAnIpv6AddressWithTheBracketsItNeeds) {
  options_.taps = {"bar=http://::1:5000"};
  EXPECT_THAT(complaint(), HasSubstr("brackets: http://[::1]:5000"));
  options_.taps.clear();
  options_.public_url = "https://fe80::1";
  EXPECT_THAT(complaint(), HasSubstr("brackets: https://[fe80::1]"));
}

TEST_F(ConfigurationTest, RefusesTwoTapsWithOneAddressHoweverItIsSpelt) {
  for (const char* other :
       {"http://esp32.local", "http://ESP32.local:80/", "http://esp32.local."}) {
    options_.taps = {"bar=http://esp32.local", "attic=http://x", std::string{"terrace="} + other};
    EXPECT_EQ(complaint(), std::string{"The taps \"bar\" and \"terrace\" have the same address ("} +
                               other + "): give each that of a machine of its own.");
  }
  options_.taps = {"bar=http://esp32.local/left", "terrace=http://esp32.local/right"};
  EXPECT_EQ(complaint(), "no complaint");
  options_.taps.clear();
  file_says(
      "[[taps]]\nname = \"a\"\nurl = \"http://x\"\n[[taps]]\nname = \"b\"\nurl = "
      "\"http://X\"\n");
  EXPECT_THAT(complaint(), HasSubstr("same address"));
}

TEST_F(ConfigurationTest, QuotesWhatWasTypedSoThatATerminalCanShowIt) {
  options_.taps = {"a\xb5\x1b[2J\n=http://x"};
  EXPECT_THAT(complaint(), HasSubstr("\"a\uFFFD\uFFFD[2J\uFFFD\""));
  options_.taps.clear();
  file_says("\"a\\nb\" = 1\n");
  EXPECT_THAT(complaint(), HasSubstr("line 1: \"a\uFFFDb\" is not a known key"));
}

TEST_F(ConfigurationTest, OutlivesAFileThatTheLibraryDoesNotExpect) {
  file_says("[= \"a\"\n");
  EXPECT_THAT(complaint(), HasSubstr("is not TOML"));
}

TEST_F(ConfigurationTest, RefusesLettersBeyondAsciiOutsideQuotes) {
  for (const char* bad : {"größe = 1", "port = ½", "port = 1 é", "port = 1\u3000", "[é]",
                          "port = \"1\" é", "port = '\\' é", "port = \"\\\"\" é", "host = 'é'",
                          "host = \"\\é\"", "port = 1|\"\" \"\"é"}) {
    file_says("# Bar zur schönen Aussicht\n" + std::string{bad} + "\n");
    EXPECT_THAT(complaint(), AllOf(HasSubstr("line 2"), HasSubstr("within quotes"))) << bad;
  }
}

TEST_F(ConfigurationTest, OutlivesAQuoteInTheMiddleOfANumber) {
  file_says("port = 1|\"é|\"\n");
  EXPECT_THAT(complaint(), HasSubstr("line 1"));
}

TEST_F(ConfigurationTest, RefusesAFileThatIsNotUtf8) {
  file_says("port = 0\n# \xff\n");
  EXPECT_THAT(complaint(), HasSubstr("line 2: is not UTF-8"));
}

TEST_F(ConfigurationTest, TakesLettersBeyondAsciiInQuotesAndComments) {
  file_says(
      "\xEF\xBB\xBF[[taps]] # für draußen: \"\n"
      "name = \"bar\"\n"
      "url = 'http://x'\n"
      "drink = \"Piña # \\\"Colada\\\\\\\" 椰🍹\" # drüben\n");
  const auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_EQ(loaded->taps.at(0).settings.drink, "Piña # \"Colada\\\" 椰🍹");
}

TEST_F(ConfigurationTest, RefusesTextsOverSeveralLines) {
  for (const std::string mark : {"\"\"\"", "'''"}) {
    file_says("port = 0\nhost = " + mark + "\\\n é" + mark + "\n");
    EXPECT_THAT(complaint(), AllOf(HasSubstr("line 2"), HasSubstr("on one line"))) << mark;
  }
  file_says("host = \"::\\\n1\"\nport = é\n");
  EXPECT_THAT(complaint(), HasSubstr("line 3")) << "a backslash does not join lines";
  file_says("host = \"\"\n");
  EXPECT_THAT(complaint(), HasSubstr("must not be empty"));
}

TEST_F(ConfigurationTest, NamesTheOffendingVariable) {
  for (const char* bad : {"", "x", "0", "-1", "61", "nan", "1e9", "1 s"}) {
    environment_says("ESP32_STATUS_TIMEOUT", bad);
    EXPECT_THAT(complaint(), HasSubstr("ESP32_STATUS_TIMEOUT")) << bad;
  }
}

TEST_F(ConfigurationTest, NamesTheOffendingLineAndKeyOfTheFile) {
  file_says("host = \"127.0.0.1\"\nprot = 5000\n");
  EXPECT_THAT(complaint(), HasSubstr("line 2"));
  EXPECT_THAT(complaint(), HasSubstr("\"prot\""));
  file_says("port = \"5000\"\n");
  EXPECT_THAT(complaint(), HasSubstr("\"port\""));
  file_says("[[taps]]\nname = \"bar\"\n");
  EXPECT_THAT(complaint(), HasSubstr("\"url\""));
  file_says("taps = 3\n");
  EXPECT_THAT(complaint(), HasSubstr("\"taps\""));
  file_says("port = \n");
  EXPECT_THAT(complaint(), HasSubstr("line 1"));
  options_.config_file = "/nonexistent.toml";
  EXPECT_THAT(complaint(), HasSubstr("/nonexistent.toml"));
}

}  // namespace
}  // namespace pourtocol::app
