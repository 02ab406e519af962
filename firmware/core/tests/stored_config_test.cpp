#include "firmware/core/stored_config.hpp"

#include <span>
#include <string_view>

#include "firmware/core/crc32.hpp"
#include "firmware/testing/check.hpp"

namespace pourtocol::firmware {
namespace {

/// Settings with something else than the default in every place.
Config unusual_config() {
  Config config;
  config.tap = *TapName::parse("bar-2_by-the-window-0123456789AB");
  config.metered = true;
  config.pump_power = 55;
  config.glass = {.settle = Milliseconds{4999}, .confirm = Milliseconds{29}};
  config.glass_within_mm = 499;
  config.bottle = Microlitres{29'999'999};
  config.resume_within = Milliseconds{29'999};
  config.pump_flow = FlowRate{24'999};
  return config;
}

/// What a firmware would store that has other ideas of what goes: `value` at `at`, and the checksum
/// right.
StoredConfig altered(std::size_t at, std::uint8_t value) {
  StoredConfig bytes = encode_config(unusual_config());
  bytes[at] = value;
  const std::uint32_t crc = crc32(std::span{bytes}.first(stored_config_bytes - 4));
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[stored_config_bytes - 4 + i] = static_cast<std::uint8_t>(crc >> (8 * i));
  }
  return bytes;
}

std::string_view why_refused(std::span<const std::uint8_t> bytes) {
  const auto config = decode_config(bytes);
  return config ? std::string_view{"not refused"} : config.error().message;
}

TEST(StoredConfig, GivesBackEveryValue) {
  EXPECT_TRUE(decode_config(encode_config(unusual_config())) == unusual_config());
  EXPECT_TRUE(decode_config(encode_config(Config{})) == Config{});
}

TEST(StoredConfig, KeepsItsPlaceForEveryValue) {
  // Machines in the field hold these bytes. If this fails, there is a new version to be made, and
  // the old one to be read.
  const StoredConfig bytes = encode_config(unusual_config());
  constexpr std::uint8_t expected[] = {'P',  'C',  2,    32,   1, 55, 0xF3, 0x01, 0x87, 0x13,
                                       0x1D, 0x00, 0x2F, 0x75, 0, 0,  0x7F, 0xC3, 0xC9, 0x01};
  for (std::size_t i = 0; i < sizeof expected; ++i) EXPECT_EQ(bytes[i], expected[i]);
  for (std::size_t i = 0; i < 32; ++i) {
    EXPECT_EQ(static_cast<char>(bytes[20 + i]), unusual_config().tap.view()[i]);
  }
  EXPECT_EQ(bytes[52], 0xA7);
  EXPECT_EQ(bytes[53], 0x61);
  for (std::size_t i = 54; i < 60; ++i) EXPECT_EQ(bytes[i], 0);
}

TEST(StoredConfig, OfFirmwareThatDidNotAskForThePumpsFlowLeavesItUntold) {
  Config config = unusual_config();
  config.pump_flow = FlowRate{0};
  const StoredConfig bytes = encode_config(config);
  for (std::size_t i = 52; i < 60; ++i) EXPECT_EQ(bytes[i], 0);
  EXPECT_TRUE(decode_config(bytes) == config);
}

Calibration unusual_calibration() {
  return {.flow = FlowRate{49'999},
          .start_delay = Milliseconds{1'999},
          .coast = Microlitres{4'999},
          .pulses_per_litre = 99'999,
          .flow_error = 2'499,
          .meter_error = 2'498,
          .offset_error = Microlitres{4'998},
          .pump_power = 55};
}

TEST(StoredConfirmed, GivesBackEveryValue) {
  const auto some = decode_confirmed(encode_confirmed(unusual_calibration()));
  ASSERT_TRUE(some.has_value() && some->has_value());
  EXPECT_TRUE(**some == unusual_calibration());
  const auto none = decode_confirmed(encode_confirmed(std::nullopt));
  EXPECT_TRUE(none.has_value() && !none->has_value());
}

TEST(StoredConfirmed, KeepsItsPlaceForEveryValue) {
  const StoredConfirmed bytes = encode_confirmed(unusual_calibration());
  constexpr std::uint8_t expected[] = {'P',  'H',  1,    1,    0x4F, 0xC3, 0xCF, 0x07, 0x87,
                                       0x13, 0xC3, 0x09, 0xC2, 0x09, 0x86, 0x13, 0x9F, 0x86,
                                       0x01, 0,    55,   0,    0,    0,    0,    0,    0};
  for (std::size_t i = 0; i < sizeof expected; ++i) EXPECT_EQ(bytes[i], expected[i]);
}

TEST(StoredConfirmed, RefusesAnyFlippedBitAndAnotherLength) {
  const StoredConfirmed whole = encode_confirmed(unusual_calibration());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      StoredConfirmed bytes = whole;
      bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ 1U << bit);
      EXPECT_FALSE(decode_confirmed(bytes).has_value());
    }
  }
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(decode_confirmed(std::span{whole}.first(length)).has_value());
  }
}

TEST(StoredConfirmed, RefusesWhatNoPumpCouldBe) {
  const auto with = [](std::size_t at, std::uint8_t value) {
    StoredConfirmed bytes = encode_confirmed(unusual_calibration());
    bytes[at] = value;
    const std::uint32_t crc = crc32(std::span{bytes}.first(stored_confirmed_bytes - 4));
    for (std::size_t i = 0; i < 4; ++i) {
      bytes[stored_confirmed_bytes - 4 + i] = static_cast<std::uint8_t>(crc >> (8 * i));
    }
    return bytes;
  };
  EXPECT_TRUE(decode_confirmed(with(6, 0xCE)).has_value());
  EXPECT_FALSE(decode_confirmed(with(5, 0xC4)).has_value());  // a flow beyond all pumps
  EXPECT_FALSE(decode_confirmed(with(20, 54)).has_value());   // no power there is
  EXPECT_FALSE(decode_confirmed(with(2, 2)).has_value());     // a newer version
  EXPECT_FALSE(decode_confirmed(with(3, 2)).has_value());
  StoredConfirmed no_flow = with(4, 0);
  no_flow[5] = 0;
  const std::uint32_t crc = crc32(std::span{no_flow}.first(stored_confirmed_bytes - 4));
  for (std::size_t i = 0; i < 4; ++i) {
    no_flow[stored_confirmed_bytes - 4 + i] = static_cast<std::uint8_t>(crc >> (8 * i));
  }
  EXPECT_FALSE(decode_confirmed(no_flow).has_value());
}

TEST(StoredConfig, AtFullPowerIsReadByFirmwareThatKnowsNoOther) {
  Config config = unusual_config();
  config.pump_power = full_power;
  const StoredConfig bytes = encode_config(config);
  EXPECT_EQ(bytes[2], 1);
  EXPECT_EQ(bytes[5], 0);
  EXPECT_TRUE(decode_config(bytes) == config);
}

TEST(StoredConfig, RefusesAnyFlippedBit) {
  const StoredConfig whole = encode_config(unusual_config());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      StoredConfig bytes = whole;
      bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ 1U << bit);
      EXPECT_FALSE(decode_config(bytes).has_value());
    }
  }
}

TEST(StoredConfig, RefusesAnotherLength) {
  const StoredConfig whole = encode_config(unusual_config());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(decode_config(std::span{whole}.first(length)).has_value());
  }
  std::array<std::uint8_t, stored_config_bytes + 1> longer{};
  for (std::size_t i = 0; i < whole.size(); ++i) longer[i] = whole[i];
  EXPECT_TRUE(why_refused(longer) == "the stored settings have another length");
}

TEST(StoredConfig, RefusesWhatItIsNot) {
  EXPECT_TRUE(why_refused({}) == "these are not stored settings");
  StoredConfig erased{};
  erased.fill(0xFF);
  EXPECT_TRUE(why_refused(erased) == "these are not stored settings");
  EXPECT_TRUE(why_refused(altered(1, 'D')) == "these are not stored settings");
}

TEST(StoredConfig, RefusesANewerFirmwaresVersion) {
  EXPECT_TRUE(why_refused(altered(2, 3)) ==
              "the stored settings are of another firmware's version");
  EXPECT_TRUE(why_refused(altered(2, 0)) ==
              "the stored settings are of another firmware's version");
}

TEST(StoredConfig, SaysThatItIsDamaged) {
  StoredConfig bytes = encode_config(unusual_config());
  bytes[16] = 0;
  EXPECT_TRUE(why_refused(bytes) == "the stored settings are damaged");
}

TEST(StoredConfig, RefusesValuesOutOfRangeThoughTheChecksumIsRight) {
  EXPECT_TRUE(why_refused(altered(3, 33)) == "the stored tap name is too long");
  EXPECT_TRUE(why_refused(altered(20, ' ')) == "the stored tap name is not a name");
  EXPECT_TRUE(why_refused(altered(4, 2)) ==
              "the stored settings leave open whether there is a meter");
  EXPECT_TRUE(why_refused(altered(5, 0)) == "the pump's power must be 40..100 %, in steps of 5");
  EXPECT_TRUE(why_refused(altered(7, 2)) == "the glass must stand within 20..500 mm");
  EXPECT_TRUE(why_refused(altered(9, 0x14)) == "the glass must settle for 50..5000 ms");
  EXPECT_TRUE(why_refused(altered(10, 31)) ==
              "the glass's absence must be confirmed within 0..30 ms");
  EXPECT_TRUE(why_refused(altered(13, 0x76)) == "a pour may be resumed within 0..30000 ms");
  EXPECT_TRUE(why_refused(altered(19, 2)) == "the bottle must hold 0 (not told) or 50 ml..30 l");
}

TEST(Crc32, IsTheOneOfEthernet) {
  constexpr std::uint8_t check[] = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  EXPECT_EQ(crc32(check), 0xCBF43926U);
  EXPECT_EQ(crc32({}), 0U);
}

}  // namespace
}  // namespace pourtocol::firmware
