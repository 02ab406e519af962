#include "firmware/esp32/portable/echo_measurement.hpp"

#include <gtest/gtest.h>

namespace pourtocol::board {
namespace {

constexpr EchoLine quiet{.stage = EchoStage::waiting, .length_us = 0, .high = false};

EchoLine rising(std::uint32_t since_us) {
  return {.stage = EchoStage::high, .length_us = since_us, .high = true};
}

EchoLine fallen(std::uint32_t length_us) {
  return {.stage = EchoStage::done, .length_us = length_us, .high = false};
}

/// A measurement that was triggered at 100 ms and has not said anything yet.
EchoMeasurement triggered() {
  EchoMeasurement echo;
  EXPECT_TRUE(echo.update({}, 100'000));
  EXPECT_EQ(echo.newest().number, 0U);
  return echo;
}

TEST(EchoMeasurement, TriggersEverySixtyMilliseconds) {
  auto echo = triggered();
  for (std::int64_t now = 105'000; now < 160'000; now += 5'000) {
    EXPECT_FALSE(echo.update(fallen(1'000), now)) << now;
  }
  EXPECT_TRUE(echo.update(fallen(1'000), 160'000));
}

TEST(EchoMeasurement, HandsOutAnEchoOnce) {
  auto echo = triggered();
  (void)echo.update(fallen(1'166), 105'000);
  EXPECT_EQ(echo.newest(), (firmware::hal::EchoReading{.number = 1, .echo_us = 1'166}));
  (void)echo.update(fallen(1'166), 110'000);
  EXPECT_EQ(echo.newest().number, 1U);
}

TEST(EchoMeasurement, WaitsForAnEchoThatIsStillOnItsWay) {
  auto echo = triggered();
  (void)echo.update(rising(4'500), 105'000);
  EXPECT_EQ(echo.newest().number, 0U);
}

TEST(EchoMeasurement, SaysThatNothingIsNearWithoutWaitingForTheLineToFall) {
  auto echo = triggered();
  (void)echo.update(rising(6'000), 107'000);
  EXPECT_EQ(echo.newest(), (firmware::hal::EchoReading{.number = 1, .echo_us = 6'000}));
  // The line falls at last, and that is no further measurement.
  (void)echo.update(fallen(38'000), 140'000);
  EXPECT_EQ(echo.newest().number, 1U);
  EXPECT_TRUE(echo.update(fallen(38'000), 160'000));
}

TEST(EchoMeasurement, SaysSixThousandOfWhateverTookLonger) {
  auto echo = triggered();
  (void)echo.update(fallen(70'000), 175'000);
  EXPECT_EQ(echo.newest().echo_us, 6'000);
}

TEST(EchoMeasurement, SaysNoSignalWhenTheLineNeverRose) {
  auto echo = triggered();
  (void)echo.update(quiet, 155'000);
  EXPECT_EQ(echo.newest().number, 0U);
  EXPECT_TRUE(echo.update(quiet, 160'000));
  EXPECT_EQ(echo.newest(), (firmware::hal::EchoReading{.number = 1, .echo_us = 0}));
}

TEST(EchoMeasurement, DoesNotTriggerWhileACopyHoldsItsLine) {
  auto echo = triggered();
  (void)echo.update(rising(6'500), 107'000);
  EXPECT_FALSE(echo.update(rising(59'500), 160'000));
  EXPECT_EQ(echo.newest(), (firmware::hal::EchoReading{.number = 2, .echo_us = 6'000}));
  EXPECT_TRUE(echo.update(fallen(100'000), 220'000));
}

TEST(EchoMeasurement, DoesNotRepeatAGlassWhenTheLineIsStuckHigh) {
  auto echo = triggered();
  (void)echo.update(fallen(1'166), 105'000);  // a glass
  // Then the line is torn to the supply: it rose when nobody had asked it to.
  const EchoLine stuck{.stage = EchoStage::done, .length_us = 1'166, .high = true};
  std::uint32_t readings = 1;
  for (std::int64_t now = 110'000; now < 1'000'000; now += 5'000) {
    EXPECT_FALSE(echo.update(stuck, now));
    if (echo.newest().number == readings) continue;
    readings = echo.newest().number;
    EXPECT_EQ(echo.newest().echo_us, 6'000) << now;
  }
  EXPECT_GT(readings, 10U);
}

}  // namespace
}  // namespace pourtocol::board
