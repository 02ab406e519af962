#include "firmware/core/reckoning.hpp"

#include <algorithm>
#include <chrono>

#include "firmware/core/config.hpp"
#include "firmware/testing/check.hpp"

namespace pourtocol::firmware {
namespace {

using namespace literals;

Tuning tuned(std::int64_t flow, int delay, int coast) {
  Calibration calibration = factory_calibration();
  calibration.flow = FlowRate{flow};
  calibration.start_delay = Milliseconds{delay};
  calibration.coast = Microlitres{coast};
  return fresh_tuning(calibration);
}

/// A full bottle, so that nothing is taken off the flow.
Config with_bottle() {
  Config config;
  config.bottle = Microlitres{700'000};
  return config;
}

/// Of a machine whose calibration somebody has confirmed.
Behaviour expect_of(Config config, const Tuning& tuning) {
  config.confirmed = tuning.calibration;
  return expect(config, tuning);
}

Behaviour timed(std::int64_t flow, int delay, int coast) {
  return expect_of(with_bottle(), tuned(flow, delay, coast));
}

TEST(Reckoning, AllowsFifteenPercentAndFourMillilitres) {
  EXPECT_EQ(most_for(60_ml), 73'000_ul);
  EXPECT_EQ(most_for(1_ml), 5'150_ul);
}

TEST(Reckoning, StopsEarlyByTheCoastAndTheDrops) {
  const Plan plan = plan_pour(timed(10'000, 200, 2'000), 30_ml);
  EXPECT_EQ(plan.pump_target, 27'750_ul);
  EXPECT_EQ(plan.target_time, Milliseconds{2975});
}

TEST(Reckoning, PumpsHalfOfAnOrderSmallerThanTwiceTheCoast) {
  EXPECT_EQ(plan_pour(timed(10'000, 200, 2'000), 2_ml).pump_target, 875_ul);
}

constexpr Pumped much{.expected = 30'000_ul, .most = 30'000_ul, .most_to_coast = 0_ul};

TEST(Reckoning, ARestartIntoMovingLiquidCountsOnNoDelay) {
  const Behaviour machine = timed(10'000, 200, 2'000);
  const Behaviour again = after_pause(machine, much, Milliseconds{1});
  EXPECT_EQ(again.earliest_start, Milliseconds{0});
  const Plan first = plan_span(machine, 10'000_ul, 14'500_ul);
  const Plan next = plan_span(again, 10'000_ul, 14'500_ul);
  EXPECT_EQ(first.blind_cut_off - next.blind_cut_off, Milliseconds{164});
}

// 2.5 ml at 7 ml/s, ever slower, are at rest after 715 ms. Those 2 ml at 10 ml/s that are expected
// have half their speed after 200 ms.
TEST(Reckoning, ARestartIntoLiquidThatMayStillMoveExpectsPartOfTheDelay) {
  const Behaviour machine = timed(10'000, 200, 2'000);
  EXPECT_EQ(after_pause(machine, much, Milliseconds{714}).earliest_start, Milliseconds{0});
  EXPECT_EQ(after_pause(machine, much, Milliseconds{200}).start_delay, Milliseconds{100});
}

TEST(Reckoning, ARestartIntoLiquidAtRestIsAFirstOne) {
  const Behaviour machine = timed(10'000, 200, 2'000);
  const Behaviour after = after_pause(machine, much, Milliseconds{717});
  EXPECT_EQ(after.earliest_start, machine.earliest_start);
  EXPECT_EQ(after.start_delay, machine.start_delay);
}

TEST(Reckoning, WhatWasHardlyPumpedIsSoonAtRest) {
  const Behaviour machine = timed(10'000, 200, 2'000);
  const Pumped little{.expected = 0_ul, .most = 350_ul, .most_to_coast = 0_ul};
  EXPECT_EQ(after_pause(machine, little, Milliseconds{120}).earliest_start, machine.earliest_start);
  EXPECT_LT(after_pause(machine, little, Milliseconds{80}).earliest_start, machine.earliest_start);
}

TEST(Reckoning, WhatHadNotBegunToFlowStartsLateOnceMore) {
  const Behaviour machine = timed(10'000, 200, 2'000);
  const Pumped nothing{.expected = 0_ul, .most = 350_ul, .most_to_coast = 0_ul};
  EXPECT_EQ(after_pause(machine, nothing, Milliseconds{80}).start_delay, machine.start_delay);
}

TEST(Reckoning, WhatStillMovesMayCoastHoweverLittleIsPumpedYet) {
  const Behaviour machine = timed(10'000, 200, 2'000);
  const Pumped pumped{.expected = 9'000_ul, .most = 10'000_ul, .most_to_coast = 2'200_ul};
  const Behaviour again = after_pause(machine, pumped, Milliseconds{30});
  EXPECT_EQ(most_after_coast(again, 0_ul), 2'700_ul);
  EXPECT_EQ(most_after_coast(again, 100_ul), 2'900_ul);
  EXPECT_EQ(most_after_coast(again, 5'000_ul), 8'000_ul);
  for (int most = 0; most <= 10'000; most += 100) {
    const Plan plan = plan_span(again, Microlitres{most}, Microlitres{most});
    if (plan.pump_most == 0_ul) continue;
    EXPECT_LE(most_after_coast(again, plan.pump_most), Microlitres{most});
  }
  EXPECT_EQ(most_after_coast(after_pause(machine, pumped, Milliseconds{800}), 0_ul), 0_ul);
}

TEST(Behaviour, FollowsTheBottlesLevel) {
  Config config = with_bottle();
  Tuning tuning = tuned(10'000, 200, 2'000);
  EXPECT_EQ(expect_of(config, tuning).flow, FlowRate{10'000});
  tuning.bottle_poured = Microlitres{350'000};
  EXPECT_EQ(expect_of(config, tuning).flow, FlowRate{9'500});
  tuning.bottle_poured = Microlitres{750'000};
  EXPECT_EQ(expect_of(config, tuning).flow, FlowRate{9'000});
  // What may come at the most does not rely on the level.
  EXPECT_EQ(expect_of(config, tuning).fastest, FlowRate{11'001});
  config.bottle = Microlitres{0};
  EXPECT_EQ(expect_of(config, tuning).flow, FlowRate{9'500});
}

TEST(Behaviour, ExpectsNothingOfAMachineNeverCalibrated) {
  const Behaviour unknown = expect(Config{}, Tuning{});
  EXPECT_GE(unknown.fastest, FlowRate{25'000});
  EXPECT_LE(unknown.slowest, FlowRate{2'000});
  EXPECT_FALSE(unknown.pulses_per_litre.has_value());
}

TEST(Reckoning, TheCutOffKeepsEveryPumpWithinTheMost) {
  for (std::int64_t flow = 2'000; flow <= 50'000; flow += 6'000) {
    for (int delay = 0; delay <= 500; delay += 100) {
      for (int coast = 0; coast <= 5'000; coast += 1'000) {
        const Behaviour machine = timed(flow, delay, coast);
        for (int ml = 1; ml <= 60; ++ml) {
          const Plan plan = plan_pour(machine, Millilitres{ml});
          // The quickest machine: flow + 10 %, start delay - 18 %, coast + 25 %, all its drops.
          const std::int64_t flowing_us = plan.blind_cut_off.count() * 1000 - delay * 820;
          const std::int64_t pumped = flow * 11 * flowing_us / 10 / 1'000'000;
          const std::int64_t coasted = pumped < coast * 5 / 4 ? pumped : coast * 5 / 4;
          EXPECT_LE(pumped + coasted + 500, most_for(Millilitres{ml}).count() + 1);
          EXPECT_LT(plan.target_time, plan.cut_off);
        }
      }
    }
  }
}

TEST(Reckoning, AHealthyMachineReachesItsTargetBeforeTheCutOff) {
  for (int ml = 5; ml <= 60; ++ml) {
    const Plan plan = plan_pour(timed(12'000, 150, 1'500), Millilitres{ml});
    EXPECT_EQ(plan.target_time.count(), 150 + (plan.pump_target.count() + 6) / 12);
  }
}

TEST(Reckoning, AMeterEarnsAWeakPumpMoreTime) {
  Config config = with_bottle();
  const Tuning tuning = tuned(12'000, 150, 1'500);
  const Plan by_time = plan_pour(expect_of(config, tuning), 60_ml);
  config.metered = true;
  const Plan by_meter = plan_pour(expect_of(config, tuning), 60_ml);
  EXPECT_EQ(by_meter.blind_cut_off, by_time.blind_cut_off);
  EXPECT_GT(by_meter.cut_off.count(), 58'250 / 12 * 12 / 10);
}

TEST(Reckoning, AMeterEarnsNoMoreTimeThanTheExpectedFlowMayHave) {
  Config config = with_bottle();
  config.metered = true;
  const Tuning tuning = tuned(12'000, 150, 1'500);
  const Behaviour behaviour = expect_of(config, tuning);
  for (int amount = 15; amount <= 60; ++amount) {
    const Plan plan = plan_pour(behaviour, Millilitres{amount});
    const Microlitres pumped = behaviour.flow.over(plan.flowing_most);
    EXPECT_LE(most_after_coast(behaviour, pumped), most_for(Millilitres{amount}));
  }
}

TEST(Reckoning, AMeterEarnsNoMoreTimeThanTheSlowestFlowNeeds) {
  Config config = with_bottle();
  config.metered = true;
  const Behaviour behaviour = expect_of(config, tuned(12'000, 150, 1'500));
  for (int amount = 1; amount <= 60; ++amount) {
    const Plan plan = plan_pour(behaviour, Millilitres{amount});
    const auto slowest =
        std::chrono::ceil<Milliseconds>(behaviour.slowest.time_for(plan.pump_target));
    EXPECT_LE(plan.cut_off, std::max(plan.blind_cut_off, behaviour.latest_start + slowest));
  }
}

TEST(ConfigCheck, TheDefaultsAreValid) {
  EXPECT_TRUE(validate(Config{}).has_value());
  EXPECT_TRUE(validate(Tuning{}).has_value());
  EXPECT_TRUE(validate(fresh_tuning(factory_calibration())).has_value());
}

bool valid_after(void (*change)(Config&)) {
  Config config;
  change(config);
  return validate(config).has_value();
}

TEST(ConfigCheck, RefusesWhatIsOutOfRange) {
  EXPECT_FALSE(valid_after([](Config& config) { config.glass.settle = Milliseconds{49}; }));
  EXPECT_FALSE(valid_after([](Config& config) { config.glass.settle = Milliseconds{5001}; }));
  EXPECT_FALSE(valid_after([](Config& config) { config.glass.confirm = Milliseconds{-1}; }));
  EXPECT_FALSE(valid_after([](Config& config) { config.glass.confirm = Milliseconds{31}; }));
  EXPECT_FALSE(valid_after([](Config& config) { config.glass_within_mm = 19; }));
  EXPECT_FALSE(valid_after([](Config& config) { config.glass_within_mm = 501; }));
  EXPECT_FALSE(valid_after([](Config& config) { config.bottle = Microlitres{49'999}; }));
  EXPECT_TRUE(valid_after([](Config& config) { config.bottle = Microlitres{50'000}; }));
  EXPECT_FALSE(valid_after([](Config& config) { config.resume_within = Milliseconds{30'001}; }));
  EXPECT_FALSE(valid_after([](Config& config) { config.pump_flow = FlowRate{1'999}; }));
  EXPECT_TRUE(valid_after([](Config& config) { config.pump_flow = FlowRate{2'000}; }));
  EXPECT_TRUE(valid_after([](Config& config) { config.pump_flow = FlowRate{25'000}; }));
  EXPECT_FALSE(valid_after([](Config& config) { config.pump_flow = FlowRate{25'001}; }));
  EXPECT_TRUE(valid_after([](Config& config) { config.confirmed = factory_calibration(); }));
  EXPECT_FALSE(valid_after([](Config& config) { config.confirmed = Calibration{}; }));
  EXPECT_FALSE(valid_after([](Config& config) {
    config.confirmed = factory_calibration();
    config.confirmed->coast = Microlitres{5'001};
  }));
  EXPECT_FALSE(valid_after([](Config& config) { config.pump_power = 35; }));
  EXPECT_TRUE(valid_after([](Config& config) { config.pump_power = 40; }));
  EXPECT_FALSE(valid_after([](Config& config) { config.pump_power = 42; }));
  EXPECT_FALSE(valid_after([](Config& config) { config.pump_power = 105; }));
}

bool valid_after(void (*change)(Tuning&)) {
  Tuning tuning = fresh_tuning(factory_calibration());
  change(tuning);
  return validate(tuning).has_value();
}

TEST(TuningCheck, RefusesWhatNoMachineCanBe) {
  using T = Tuning&;
  EXPECT_FALSE(valid_after([](T t) { t.calibration.flow = FlowRate{1'999}; }));
  EXPECT_FALSE(valid_after([](T t) { t.calibration.pump_power = 35; }));
  EXPECT_FALSE(valid_after([](T t) { t.calibration.flow = FlowRate{50'001}; }));
  EXPECT_FALSE(valid_after([](T t) { t.calibration.start_delay = Milliseconds{2'001}; }));
  EXPECT_FALSE(valid_after([](T t) { t.calibration.coast = Microlitres{-1}; }));
  EXPECT_FALSE(valid_after([](T t) { t.calibration.pulses_per_litre = 499; }));
  EXPECT_FALSE(valid_after([](T t) { t.calibration.pulses_per_litre = 100'001; }));
  EXPECT_FALSE(valid_after([](T t) { t.calibration.flow_error = 2'501; }));
  EXPECT_FALSE(valid_after([](T t) { t.calibration.meter_error = 2'501; }));
  EXPECT_FALSE(valid_after([](T t) { t.calibration.offset_error = Microlitres{5'001}; }));
  EXPECT_FALSE(valid_after([](T t) { t.flow = FlowRate{0}; }));
  EXPECT_FALSE(valid_after([](T t) { t.start_delay = Milliseconds{-1}; }));
  EXPECT_FALSE(valid_after([](T t) { t.coast = Microlitres{5'001}; }));
  EXPECT_FALSE(valid_after([](T t) { t.bottle_poured = Microlitres{-1}; }));
}

}  // namespace
}  // namespace pourtocol::firmware
