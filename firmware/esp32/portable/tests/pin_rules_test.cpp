#include "firmware/esp32/portable/pin_rules.hpp"

#include <gtest/gtest.h>

namespace pourtocol::board {
namespace {

TEST(PinRules, NothingIsWiredToTheFlash) {
  for (int pin = 6; pin <= 11; ++pin) EXPECT_FALSE(may_be_wired(Chip::esp32, pin)) << pin;
  for (int pin = 26; pin <= 32; ++pin) EXPECT_FALSE(may_be_wired(Chip::esp32s3, pin)) << pin;
  for (int pin = 12; pin <= 17; ++pin) EXPECT_FALSE(may_be_wired(Chip::esp32c3, pin)) << pin;
  for (int pin = 24; pin <= 30; ++pin) EXPECT_FALSE(may_be_wired(Chip::esp32c6, pin)) << pin;
  EXPECT_TRUE(may_be_wired(Chip::esp32, 5));
  EXPECT_TRUE(may_be_wired(Chip::esp32, 12));
  EXPECT_TRUE(may_be_wired(Chip::esp32s3, 48));
}

TEST(PinRules, APumpIsNotSwitchedByAStrappingPin) {
  for (const int pin : {0, 2, 5, 12, 15}) EXPECT_FALSE(may_switch_pump(Chip::esp32, pin)) << pin;
  for (const int pin : {0, 3, 45, 46}) EXPECT_FALSE(may_switch_pump(Chip::esp32s3, pin)) << pin;
  for (const int pin : {2, 8, 9}) EXPECT_FALSE(may_switch_pump(Chip::esp32c3, pin)) << pin;
  for (const int pin : {4, 5, 8, 9, 15}) EXPECT_FALSE(may_switch_pump(Chip::esp32c6, pin)) << pin;
}

TEST(PinRules, APumpIsNotSwitchedByAPinThatPulsesAtBoot) {
  for (const int pin : {1, 3, 5, 14, 15}) EXPECT_FALSE(may_switch_pump(Chip::esp32, pin)) << pin;
  EXPECT_FALSE(may_switch_pump(Chip::esp32c3, 21));
  EXPECT_FALSE(may_switch_pump(Chip::esp32s3, 43));
  EXPECT_FALSE(may_switch_pump(Chip::esp32c6, 16));
}

TEST(PinRules, ThePumpsPinsOfTheBuildAreQuiet) {
  EXPECT_TRUE(may_switch_pump(Chip::esp32, 26));
  EXPECT_TRUE(may_switch_pump(Chip::esp32s3, 4));
  EXPECT_TRUE(may_switch_pump(Chip::esp32c3, 10));
  EXPECT_TRUE(may_switch_pump(Chip::esp32c6, 2));
}

}  // namespace
}  // namespace pourtocol::board
