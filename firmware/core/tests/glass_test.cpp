#include "firmware/core/glass.hpp"

#include "firmware/testing/check.hpp"

namespace pourtocol::firmware {
namespace {

constexpr hal::GlassReading seen{.present = true, .valid = true};
constexpr hal::GlassReading unseen{.present = false, .valid = true};
constexpr hal::GlassReading no_echo{.present = true, .valid = false};

class Glass : public testing::Test {
 protected:
  /// So many readings, 10 ms apart.
  void read(hal::GlassReading reading, int times) {
    for (int i = 0; i < times; ++i) {
      now_ += Uptime{10};
      glass_.update(reading, now_);
    }
  }
  void sleep(Uptime time) { now_ += time; }
  void have_glass() { read(seen, 40); }

  GlassDebounce glass_{GlassTimes{.settle = Milliseconds{300}, .confirm = Milliseconds{30}}};
  Uptime now_{0};
};

TEST_F(Glass, IsThereOnlyAfterItHasSettled) {
  read(seen, 30);
  EXPECT_FALSE(glass_.there());
  read(seen, 1);
  EXPECT_TRUE(glass_.there());
}

TEST_F(Glass, SettlesAnewAfterOneReadingWithoutIt) {
  read(seen, 30);
  read(unseen, 1);
  read(seen, 30);
  EXPECT_FALSE(glass_.there());
}

TEST_F(Glass, SettlesAnewAfterTheLoopSlept) {
  read(seen, 2);
  sleep(Uptime{5000});
  read(seen, 1);
  EXPECT_FALSE(glass_.there());
}

TEST_F(Glass, SurvivesOneOrTwoFalseReadings) {
  have_glass();
  read(unseen, 2);
  EXPECT_TRUE(glass_.there());
  read(seen, 2);
  read(unseen, 2);
  EXPECT_TRUE(glass_.there());
}

TEST_F(Glass, IsGoneAfterThreeReadingsWithoutIt) {
  have_glass();
  read(unseen, 3);
  EXPECT_FALSE(glass_.there());
  EXPECT_FALSE(glass_.lost_blindly());
}

TEST_F(Glass, OneSpikeDoesNotBringItBack) {
  have_glass();
  read(unseen, 2);
  read(seen, 1);
  read(unseen, 1);
  EXPECT_FALSE(glass_.there());
}

TEST_F(Glass, SilenceOfTheSensorCountsAsGone) {
  have_glass();
  read(no_echo, 3);
  EXPECT_FALSE(glass_.there());
  EXPECT_TRUE(glass_.lost_blindly());
}

TEST_F(Glass, AfterASleepOneReadingWithoutItIsEnough) {
  have_glass();
  sleep(Uptime{200});
  read(unseen, 1);
  EXPECT_FALSE(glass_.there());
}

TEST_F(Glass, KnowsHowLongItWasAway) {
  have_glass();
  read(unseen, 120);
  have_glass();
  EXPECT_TRUE(glass_.there());
  EXPECT_EQ(glass_.last_absence(), Uptime{1210});
}

class Echo : public testing::Test {
 protected:
  /// A new measurement.
  std::optional<hal::GlassReading> measure(int distance_mm) {
    const int echo_us = distance_mm == 0 ? 0 : distance_mm * 2000 / 343 + 1;
    return filter_.update({.number = ++number_, .echo_us = static_cast<std::uint16_t>(echo_us)},
                          false, Uptime{10});
  }
  EchoFilter filter_{80};
  std::uint32_t number_ = 0;
};

TEST_F(Echo, OfUnknownAgeSaysNothing) {
  EXPECT_FALSE(measure(50).has_value());
  EXPECT_TRUE(measure(50).has_value());
}

TEST_F(Echo, ThatWasNotHeardMeansThatTheSensorDoesNotWork) {
  (void)measure(50);
  EXPECT_EQ(measure(0), (hal::GlassReading{.present = false, .valid = false}));
}

TEST_F(Echo, NearerThanASensorCanHearIsNoGlass) {
  (void)measure(5);
  EXPECT_EQ(measure(5), (hal::GlassReading{.present = false, .valid = true}));
  EXPECT_EQ(measure(50), (hal::GlassReading{.present = true, .valid = true}));
  EXPECT_EQ(measure(90), (hal::GlassReading{.present = false, .valid = true}));
}

}  // namespace
}  // namespace pourtocol::firmware
