#include "firmware/core/reckoning.hpp"

#include "firmware/core/config.hpp"
#include "firmware/testing/check.hpp"

namespace pourtocol::firmware {
namespace {

using namespace literals;

Config timed(std::int64_t flow, int delay, int coast) {
  Config config;
  config.calibration = {
      .flow = FlowRate{flow}, .start_delay = Milliseconds{delay}, .coast = Microlitres{coast}};
  return config;
}

TEST(Reckoning, AllowsTenPercentAndThreeMillilitres) {
  EXPECT_EQ(most_for(60_ml), 69'000_ul);
  EXPECT_EQ(most_for(1_ml), 4'100_ul);
}

TEST(Reckoning, StopsEarlyByTheCoast) {
  const Plan plan = plan_pour(timed(10'000, 200, 2'000), 30_ml);
  EXPECT_EQ(plan.pump_target, 28'000_ul);
  EXPECT_EQ(plan.target_time, Milliseconds{3000});
}

TEST(Reckoning, PumpsHalfOfAnOrderSmallerThanTwiceTheCoast) {
  EXPECT_EQ(plan_pour(timed(10'000, 200, 2'000), 2_ml).pump_target, 1'000_ul);
}

TEST(Reckoning, TheCutOffKeepsEveryPumpWithinTheMost) {
  for (std::int64_t flow = 2'000; flow <= 50'000; flow += 6'000) {
    for (int delay = 0; delay <= 500; delay += 100) {
      for (int coast = 0; coast <= 5'000; coast += 1'000) {
        const Config config = timed(flow, delay, coast);
        for (int ml = 1; ml <= 60; ++ml) {
          const Plan plan = plan_pour(config, Millilitres{ml});
          // The quickest machine: flow + 10 %, start delay - 20 %, coast + 25 %, all its drops.
          const std::int64_t flowing_us = plan.blind_cut_off.count() * 1000 - delay * 800;
          const std::int64_t pumped = flow * 11 * flowing_us / 10 / 1'000'000;
          const std::int64_t coasted = pumped < coast * 5 / 4 ? pumped : coast * 5 / 4;
          EXPECT_LE(pumped + coasted + 500, plan.most.count() + 1);
          EXPECT_LT(plan.target_time, plan.cut_off);
        }
      }
    }
  }
}

TEST(Reckoning, AHealthyMachineReachesItsTargetBeforeTheCutOff) {
  for (int ml = 5; ml <= 60; ++ml) {
    const Plan plan = plan_pour(timed(12'000, 150, 1'500), Millilitres{ml});
    EXPECT_EQ(plan.target_time.count(), 150 + (plan.pump_target.count() + 11) / 12);
  }
}

TEST(Reckoning, AMeterEarnsAWeakPumpMoreTime) {
  Config config = timed(12'000, 150, 1'500);
  const Plan by_time = plan_pour(config, 60_ml);
  config.meter = Meter{};
  const Plan by_meter = plan_pour(config, 60_ml);
  EXPECT_EQ(by_meter.blind_cut_off, by_time.blind_cut_off);
  EXPECT_GT(by_meter.cut_off.count(), 58'500 / 12 * 14 / 10);
}

TEST(ConfigCheck, TheDefaultsAreValid) {
  EXPECT_TRUE(validate(default_timed_config()).has_value());
  EXPECT_TRUE(validate(default_metered_config()).has_value());
  EXPECT_TRUE(validate(Config{}).has_value());
}

TEST(ConfigCheck, RefusesWhatIsOutOfRange) {
  Config slow = default_timed_config();
  slow.calibration.flow = FlowRate{1'999};
  EXPECT_FALSE(validate(slow).has_value());
  Config fast = default_timed_config();
  fast.calibration.flow = FlowRate{50'001};
  EXPECT_FALSE(validate(fast).has_value());
  Config late = default_timed_config();
  late.calibration.start_delay = Milliseconds{2001};
  EXPECT_FALSE(validate(late).has_value());
  Config coasting = default_timed_config();
  coasting.calibration.coast = Microlitres{-1};
  EXPECT_FALSE(validate(coasting).has_value());
  Config coarse = default_metered_config();
  coarse.meter->pulses_per_litre = 499;
  EXPECT_FALSE(validate(coarse).has_value());
  Config hasty = default_timed_config();
  hasty.glass.settle = Milliseconds{49};
  EXPECT_FALSE(validate(hasty).has_value());
  Config sluggish = default_timed_config();
  sluggish.glass.confirm = Milliseconds{51};
  EXPECT_FALSE(validate(sluggish).has_value());
}

}  // namespace
}  // namespace pourtocol::firmware
