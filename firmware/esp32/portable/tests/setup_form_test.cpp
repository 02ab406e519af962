#include "firmware/esp32/portable/setup_form.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pourtocol::board {
namespace {

/// A form in which everything is right but for what a test changes.
struct Fields {
  std::string ssid = "party";
  std::string passphrase = "correct+horse";
  std::string tap = "bar";
  bool metered = true;
  std::string glass_mm = "90";
  std::string bottle_ml = "700";
  std::string resume_s = "5";
  std::string pump_ml_s = "12";
  std::string pump_power = "60";
  std::string key = {};
  std::string update_key = {};
  bool confirm = false;

  [[nodiscard]] std::string text() const {
    return "ssid=" + ssid + "&passphrase=" + passphrase + "&tap=" + tap +
           (metered ? "&metered=1" : "") + "&glass_mm=" + glass_mm + "&bottle_ml=" + bottle_ml +
           "&resume_s=" + resume_s + "&pump_ml_s=" + pump_ml_s + "&pump_power=" + pump_power +
           "&key=" + key + "&update_key=" + update_key + (confirm ? "&confirm=on" : "");
  }
};

Settings taken(const Fields& fields, const Settings& present = {}) {
  const auto settings = apply_setup(fields.text(), present);
  EXPECT_TRUE(settings.has_value()) << settings.error();
  return settings.value_or(Settings{});
}

std::string refused(const Fields& fields) {
  const auto settings = apply_setup(fields.text(), Settings{});
  return settings ? "taken" : std::string{settings.error()};
}

std::string text_of(const Key& key) {
  return {key.bytes.begin(), key.bytes.begin() + static_cast<std::ptrdiff_t>(key.size)};
}

TEST(SetupForm, TakesEveryField) {
  const Settings settings = taken({.key = "0123456789abcdef"});
  EXPECT_EQ(settings.ssid.view(), "party");
  EXPECT_EQ(settings.passphrase.view(), "correct horse");
  EXPECT_EQ(settings.config.tap.view(), "bar");
  EXPECT_TRUE(settings.config.metered);
  EXPECT_EQ(settings.config.glass_within_mm, 90);
  EXPECT_EQ(settings.config.bottle, Microlitres{700'000});
  EXPECT_EQ(settings.config.pump_flow, FlowRate{12'000});
  EXPECT_EQ(settings.config.pump_power, 60);
  EXPECT_FALSE(settings.confirm_calibration);
  EXPECT_EQ(settings.config.resume_within, firmware::Milliseconds{5'000});
  EXPECT_EQ(text_of(settings.key), "0123456789abcdef");
}

TEST(SetupForm, UntickedMeansNoMeter) {
  EXPECT_FALSE(taken({.metered = false}).config.metered);
}

TEST(SetupForm, ConfirmsTheCalibrationThatIsThereWhenAsked) {
  EXPECT_TRUE(taken({.confirm = true}).confirm_calibration);
}

TEST(SetupForm, KeepsSecretsThatWereNotTypedAgain) {
  const Settings before = taken({.key = "0123456789abcdef"});
  const Settings after = taken({.passphrase = ""}, before);
  EXPECT_EQ(after.passphrase.view(), "correct horse");
  EXPECT_EQ(text_of(after.key), "0123456789abcdef");
}

TEST(SetupForm, DoesNotGiveOneNetworksPassphraseToAnother) {
  const Settings before = taken({});
  EXPECT_TRUE(taken({.ssid = "open", .passphrase = ""}, before).passphrase.empty());
}

TEST(SetupForm, ADashTakesTheKeyAway) {
  const Settings before = taken({.key = "0123456789abcdef"});
  EXPECT_TRUE(taken({.key = "-"}, before).key.empty());
}

TEST(SetupForm, KeepsTheKeyOfUpdatesApartFromThatOfOrders) {
  const Settings both = taken({.key = "0123456789abcdef", .update_key = "fedcba9876543210"});
  EXPECT_EQ(text_of(both.key), "0123456789abcdef");
  EXPECT_EQ(text_of(both.update_key), "fedcba9876543210");
  const Settings after = taken({.key = "-"}, both);
  EXPECT_TRUE(after.key.empty());
  EXPECT_EQ(text_of(after.update_key), "fedcba9876543210");
  EXPECT_TRUE(taken({.update_key = "-"}, both).update_key.empty());
  EXPECT_EQ(refused({.update_key = "tooshort"}), "A key must have 16 to 64 letters.");
}

TEST(SetupForm, RefusesWithASentence) {
  const std::string name = "The network's name must have 1 to 32 bytes.";
  EXPECT_EQ(refused({.ssid = ""}), name);
  EXPECT_EQ(refused({.ssid = std::string(33, 'x')}), name);
  EXPECT_EQ(refused({.ssid = "a%00b"}), name);
  const std::string password =
      "The password must have 8 to 63 letters, or none for an open network.";
  EXPECT_EQ(refused({.passphrase = "short"}), password);
  EXPECT_EQ(refused({.passphrase = std::string(65, 'x')}), password);
  EXPECT_EQ(refused({.tap = "no+spaces"}),
            "The tap's name must have at most 32 letters, digits, - or _.");
  EXPECT_EQ(refused({.key = "tooshort"}), "A key must have 16 to 64 letters.");
  EXPECT_EQ(refused({.key = std::string(65, 'x')}), "A key must have 16 to 64 letters.");
}

TEST(SetupForm, LetsNoNumberThroughThatIsNotOne) {
  const std::string numbers =
      "Distance, bottle, time and flow must be whole numbers, and power one up to 100.";
  for (const auto* text : {"", "-1", "1.5", "1e3", "0x10", "99999999999", "+1", "80mm"}) {
    EXPECT_EQ(refused({.glass_mm = text}), numbers) << text;
    EXPECT_EQ(refused({.bottle_ml = text}), numbers) << text;
    EXPECT_EQ(refused({.resume_s = text}), numbers) << text;
    EXPECT_EQ(refused({.pump_ml_s = text}), numbers) << text;
    EXPECT_EQ(refused({.pump_power = text}), numbers) << text;
  }
  EXPECT_EQ(refused({.pump_power = "316"}), numbers) << "60 more than a byte holds";
}

TEST(SetupForm, HoldsTheCoresRanges) {
  EXPECT_EQ(refused({.glass_mm = "10"}), "the glass must stand within 20..500 mm");
  EXPECT_EQ(refused({.bottle_ml = "40"}), "the bottle must hold 0 (not told) or 50 ml..30 l");
  EXPECT_EQ(refused({.resume_s = "31"}), "a pour may be resumed within 0..30000 ms");
  EXPECT_EQ(refused({.pump_ml_s = "1"}), "the pump must give 0 (not told) or 2..25 ml/s");
  EXPECT_EQ(refused({.pump_ml_s = "26"}), "the pump must give 0 (not told) or 2..25 ml/s");
  EXPECT_EQ(refused({.pump_power = "63"}), "the pump's power must be 40..100 %, in steps of 5");
}

}  // namespace
}  // namespace pourtocol::board
