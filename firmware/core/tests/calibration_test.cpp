// The arithmetic of calibrations: what follows from cups and from bottles.
#include "firmware/core/calibration.hpp"

#include "firmware/core/behaviour.hpp"
#include "firmware/core/learning.hpp"
#include "firmware/core/spreads.hpp"
#include "firmware/core/tests/bench.hpp"

namespace pourtocol::firmware {
namespace {

using protocol::CalibrationRefusal;
using namespace literals;

using Runs = FixedVector<CupRun, protocol::calibration_runs_max>;

Config with_bottle(bool metered) {
  Config config;
  config.metered = metered;
  config.bottle = Microlitres{700'000};
  return config;
}

/// A machine of 10 ml/s whose every start costs 0.5 ml, all told.
CupRun cup_of(std::string_view id, int seconds, int spans) {
  CupRun run;
  run.id = Bench::id(id);
  run.on_time = Milliseconds{1000 * seconds};
  run.spans = spans;
  run.measured = Microlitres{10'000L * seconds - 500L * spans};
  return run;
}

Runs big_and_small() {
  Runs runs;
  for (const auto* id : {"a", "b", "c"}) runs.push_back(cup_of(id, 15, 1));
  for (const auto* id : {"d", "e", "f"}) runs.push_back(cup_of(id, 12, 8));
  return runs;
}

bool near(std::int64_t value, std::int64_t wanted, std::int64_t tolerance) {
  return wanted - tolerance <= value && value <= wanted + tolerance;
}

TEST(Cups, TellFlowAndWhatEachStartCosts) {
  const auto found = fit(big_and_small(), with_bottle(false), Tuning{});
  ASSERT_TRUE(found.has_value());
  const Calibration& calibration = found->calibration;
  EXPECT_TRUE(near(calibration.flow.microlitres_per_second(), 10'000, 20));
  const std::int64_t offset = calibration.coast.count() + spreads::drops_expected.count() -
                              calibration.flow.over(calibration.start_delay).count();
  EXPECT_TRUE(near(offset, -500, 60));
  EXPECT_LT(found->spread, protocol::Share{20});
}

TEST(Cups, CountForTheLevelTheyWerePouredAt) {
  Runs runs = big_and_small();
  for (CupRun& run : runs) run.level = 9'000;
  const auto found = fit(runs, with_bottle(false), Tuning{});
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(near(found->calibration.flow.microlitres_per_second(), 11'111, 25));
}

/// The meter's pulses are of the flow they were counted at, not of the one believed before.
TEST(Cups, TellTheMetersPulsesAtTheFlowTheyFind) {
  Runs runs;
  for (const auto* id : {"a", "b", "c"}) {
    CupRun run = cup_of(id, 20, 1);
    run.measured = Microlitres{140'000};
    run.metered = Microlitres{140'000} - spreads::drops_expected;
    run.observed = Metering::Observed{
        .start_delay = Milliseconds{200}, .flow = FlowRate{7'000}, .coast = Microlitres{1'000}};
    runs.push_back(run);
  }
  // Found at 12 ml/s, where a meter reads right; at 7 ml/s it gives 4.8 % less.
  const auto found = fit(runs, with_bottle(true), fresh_tuning(factory_calibration()));
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(near(found->calibration.pulses_per_litre, 5880 * 952 / 1000, 2));
}

TEST(Cups, ThatDisagreeMakeTheErrorLarger) {
  const auto agreeing = fit(big_and_small(), with_bottle(false), Tuning{});
  Runs runs = big_and_small();
  *runs.begin()->measured += Microlitres{12'000};
  (runs.begin() + 1)->measured = *(runs.begin() + 1)->measured - Microlitres{12'000};
  const auto disagreeing = fit(runs, with_bottle(false), Tuning{});
  ASSERT_TRUE(agreeing.has_value() && disagreeing.has_value());
  EXPECT_GT(disagreeing->calibration.flow_error, agreeing->calibration.flow_error);
  EXPECT_GT(disagreeing->spread, agreeing->spread);
}

TEST(Cups, NotReadCountForNothing) {
  Runs runs;
  CupRun run = cup_of("a", 10, 1);
  run.measured.reset();
  runs.push_back(run);
  EXPECT_FALSE(fit(runs, with_bottle(false), Tuning{}).has_value());
  EXPECT_FALSE(fit(Runs{}, with_bottle(false), Tuning{}).has_value());
}

TEST(Cups, ThatNoPumpFillsAreNotBelieved) {
  Runs runs;
  CupRun run = cup_of("a", 1, 1);
  run.measured = Microlitres{300'000};
  runs.push_back(run);
  EXPECT_FALSE(fit(runs, with_bottle(false), Tuning{}).has_value());
}

TEST(Cups, CorrectAMetersPulses) {
  Runs runs = big_and_small();
  // The meter counted 2 % too much; drops fall behind it.
  for (CupRun& run : runs) {
    const std::int64_t through =
        run.measured->count() - spreads::drops_expected.count() * run.spans;
    run.metered = Microlitres{through * 102 / 100};
    run.observed = Metering::Observed{
        .start_delay = Milliseconds{200}, .flow = FlowRate{10'200}, .coast = Microlitres{1'020}};
  }
  const Tuning tuning = fresh_tuning(factory_calibration());
  const auto found = fit(runs, with_bottle(true), tuning);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(near(found->calibration.pulses_per_litre, 5880 * 102 / 100, 2));
  EXPECT_TRUE(near(found->calibration.flow.microlitres_per_second(), 10'000, 5));
  EXPECT_TRUE(near(found->calibration.coast.count(), 1'000, 2));
  EXPECT_EQ(found->calibration.start_delay, Milliseconds{200});
  EXPECT_LT(found->calibration.meter_error, 60);
}

/// Runs past a meter that is right.
Runs metered_runs() {
  Runs runs = big_and_small();
  for (CupRun& run : runs) {
    run.metered = Microlitres{run.measured->count() - spreads::drops_expected.count() * run.spans};
    run.observed = Metering::Observed{
        .start_delay = Milliseconds{200}, .flow = FlowRate{10'000}, .coast = Microlitres{1'000}};
  }
  return runs;
}

TEST(Cups, ThatWereNotReadOrNotSeenWholeTellOnlyWhatTheyCan) {
  Runs runs = metered_runs();
  runs.begin()->measured.reset();
  (runs.begin() + 1)->observed.reset();
  const auto found = fit(runs, with_bottle(true), fresh_tuning(factory_calibration()));
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(near(found->calibration.pulses_per_litre, 5880, 2));
  EXPECT_EQ(found->calibration.start_delay, Milliseconds{200});
  runs.begin()->measured = Microlitres{150'000};
  for (CupRun& run : runs) run.observed.reset();
  EXPECT_TRUE(fit(runs, with_bottle(true), fresh_tuning(factory_calibration())).has_value());
}

TEST(Cups, PastAMeterThatCannotBeSoFarOffAreNotBelieved) {
  const auto fits = [](std::int64_t share_counted, std::uint32_t pulses_per_litre) {
    Runs runs = metered_runs();
    for (CupRun& run : runs) run.metered = permille(run.metered, share_counted);
    Tuning tuning = fresh_tuning(factory_calibration());
    tuning.calibration.pulses_per_litre = pulses_per_litre;
    return fit(runs, with_bottle(true), tuning).has_value();
  };
  EXPECT_TRUE(fits(1000, 600));
  EXPECT_FALSE(fits(0, 5880));
  EXPECT_FALSE(fits(500, 600));
  EXPECT_FALSE(fits(2000, 60'000));
}

TEST(Cups, ThatFilledTooSlowlyForAnyPumpAreNotBelieved) {
  Runs runs;
  CupRun run = cup_of("a", 20, 1);
  run.measured = Microlitres{20'000};
  runs.push_back(run);
  EXPECT_FALSE(fit(runs, with_bottle(false), Tuning{}).has_value());
}

TEST(Cups, ThatHeldNoMoreThanTheLastDropsAreNotBelieved) {
  Runs runs;
  CupRun run = cup_of("a", 0, 1);
  run.on_time = Milliseconds{100};
  run.metered = Microlitres{1'000};
  run.measured = Microlitres{200};
  runs.push_back(run);
  EXPECT_FALSE(fit(runs, with_bottle(true), fresh_tuning(factory_calibration())).has_value());
}

TEST(Cups, AfterWhichMoreCoastedThanAnyPumpLetsAreNotBelieved) {
  Runs runs = metered_runs();
  for (CupRun& run : runs) run.observed->coast = Microlitres{9'000};
  EXPECT_FALSE(fit(runs, with_bottle(true), fresh_tuning(factory_calibration())).has_value());
}

Tuning after(std::int64_t poured_ml) {
  Tuning tuning = fresh_tuning(factory_calibration());
  tuning.bottle_poured = Microlitres{1000 * poured_ml};
  return tuning;
}

TEST(Bottles, ThatEmptySoonerThanReckonedMeanMoreFlow) {
  const auto found = fit_bottle(with_bottle(false), after(650), Microlitres{0});
  ASSERT_TRUE(found.has_value());
  EXPECT_GT(found->calibration.flow, factory_calibration().flow);
  // Some of the way only: the calibration knows something too.
  EXPECT_LT(found->calibration.flow.microlitres_per_second(), 12'000 * 700 / 650);
  EXPECT_LT(found->calibration.flow_error, factory_calibration().flow_error);
}

// 680 ml reckoned of 700: the bottle says 12'353 µl/s, which was the supply's doing or the level's.
TEST(Bottles, SayLittleAgainstAGoodCalibrationForTheSupplyMovesOn) {
  Tuning tuning = after(680);
  tuning.calibration.flow_error = 50;
  const auto found = fit_bottle(with_bottle(false), tuning, Microlitres{0});
  ASSERT_TRUE(found.has_value());
  EXPECT_LT(found->calibration.flow.microlitres_per_second(), 12'000 + 353 / 3);
}

TEST(Bottles, SaySomethingAgainstTheBestCalibrationForWhatTheLevelDidItWillDoAgain) {
  Tuning tuning = after(680);
  tuning.calibration.flow_error = 1;
  const auto found = fit_bottle(with_bottle(false), tuning, Microlitres{0});
  ASSERT_TRUE(found.has_value());
  EXPECT_GT(found->calibration.flow.microlitres_per_second(), 12'000 + 353 / 6);
}

TEST(Bottles, CountHalfOfATimedLastPour) {
  const auto without = fit_bottle(with_bottle(false), after(730), Microlitres{0});
  const auto with = fit_bottle(with_bottle(false), after(730), Microlitres{60'000});
  ASSERT_TRUE(without.has_value() && with.has_value());
  EXPECT_LT(without->calibration.flow, factory_calibration().flow);
  EXPECT_EQ(with->calibration.flow, factory_calibration().flow);
}

TEST(Bottles, CorrectAMeterLittle) {
  Tuning tuning = after(665);
  tuning.calibration.meter_error = 30;
  const auto found = fit_bottle(with_bottle(true), tuning, Microlitres{60'000});
  ASSERT_TRUE(found.has_value());
  EXPECT_LT(found->calibration.pulses_per_litre, 5880U);
  EXPECT_GT(found->calibration.pulses_per_litre, 5800U);
}

TEST(Bottles, SayNothingWhereTheyCannot) {
  Config untold = with_bottle(false);
  untold.bottle = Microlitres{0};
  EXPECT_EQ(fit_bottle(untold, after(690), {}).error(), CalibrationRefusal::no_bottle);
  EXPECT_EQ(fit_bottle(with_bottle(false), after(349), {}).error(),
            CalibrationRefusal::not_enough_poured);
  EXPECT_EQ(fit_bottle(with_bottle(false), after(500), {}).error(),
            CalibrationRefusal::not_plausible);
}

TEST(Bottles, ThatWouldTakeAPumpFasterThanAnyAreNotBelieved) {
  Tuning tuning = after(600);
  tuning.flow = tuning.calibration.flow = FlowRate{50'000};
  EXPECT_EQ(fit_bottle(with_bottle(false), tuning, {}).error(), CalibrationRefusal::not_plausible);
}

TEST(Bottles, AreNotAskedTwice) {
  const Config config = with_bottle(false);
  const auto found = fit_bottle(config, after(650), Microlitres{0});
  ASSERT_TRUE(found.has_value());
  const Tuning accepted = accept(*found, config, after(650));
  const auto again = fit_bottle(config, accepted, Microlitres{0});
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->calibration.flow, found->calibration.flow);
}

TEST(Bottles, TeachNothingOfAMachineNobodyCalibrated) {
  EXPECT_EQ(fit_bottle(with_bottle(false), Tuning{}, {}).error(),
            CalibrationRefusal::not_enough_poured);
}

TEST(CheckWeigh, IsDueWhenTheFlowHasMovedEitherWay) {
  Tuning tuning = after(0);
  tuning.calibration.meter_error = 30;
  tuning.flow = FlowRate{13'200};
  EXPECT_TRUE(check_weigh_due(with_bottle(true), tuning));
}

TEST(CheckWeigh, IsDueInTime) {
  const Config config = with_bottle(true);
  Tuning tuning = after(0);
  tuning.calibration.meter_error = 30;
  EXPECT_FALSE(check_weigh_due(config, tuning));
  tuning.pours_since = 1'000;
  EXPECT_TRUE(check_weigh_due(config, tuning));
  tuning.pours_since = 0;
  tuning.flow = FlowRate{10'800};
  EXPECT_TRUE(check_weigh_due(config, tuning));
  EXPECT_EQ(drift(tuning), protocol::Share{-1'000});
  EXPECT_TRUE(check_weigh_due(config, Tuning{}));
  EXPECT_TRUE(check_weigh_due(with_bottle(false), after(0)));  // a factory's guess
}

// ---- Learning

Lesson lesson(std::int64_t flow, int delay, std::int64_t coast) {
  return {.delivered = Microlitres{30'000},
          .observed = Metering::Observed{.start_delay = Milliseconds{delay},
                                         .flow = FlowRate{flow},
                                         .coast = Microlitres{coast}},
          .ran_dry = false};
}

TEST(Learning, GoesAQuarterOfTheWay) {
  const Tuning learned = learn(with_bottle(true), after(0), lesson(12'400, 190, 1'900));
  EXPECT_EQ(learned.flow, FlowRate{12'100});
  EXPECT_EQ(learned.start_delay, Milliseconds{160});
  EXPECT_EQ(learned.coast, Microlitres{1'600});
  EXPECT_EQ(learned.calibration, factory_calibration());
  EXPECT_EQ(learned.pours_since, 1);
}

TEST(Learning, CountsNoFurtherThanItCan) {
  Tuning tuning = after(0);
  tuning.pours_since = 65'535;
  EXPECT_EQ(learn(with_bottle(true), tuning, lesson(12'000, 150, 1'500)).pours_since, 65'535);
}

TEST(Learning, TakesTheLevelIntoAccount) {
  const Tuning learned = learn(with_bottle(true), after(700), lesson(10'800, 150, 1'500));
  EXPECT_EQ(learned.flow, FlowRate{12'000});
}

TEST(Learning, StaysWithinBoundsOfTheCalibration) {
  Tuning high = after(0);
  Tuning low = after(0);
  for (int i = 0; i < 100; ++i) {
    high = learn(with_bottle(true), high, lesson(40'000, 5'000, 9'000));
    low = learn(with_bottle(true), low, lesson(100, 0, 0));
    EXPECT_TRUE(validate(high).has_value());
    EXPECT_TRUE(validate(low).has_value());
  }
  EXPECT_EQ(high.flow, FlowRate{13'800});
  EXPECT_EQ(high.start_delay, Milliseconds{300});
  EXPECT_EQ(high.coast, Microlitres{3'000});
  EXPECT_EQ(low.flow, FlowRate{9'000});
  EXPECT_EQ(low.start_delay, Milliseconds{75});
  EXPECT_EQ(low.coast, Microlitres{750});
}

TEST(Learning, KnowsThatABottleHoldsNoMoreThanItHolds) {
  const Config config = with_bottle(false);
  const Lesson usual{.delivered = Microlitres{30'000}, .observed = std::nullopt, .ran_dry = false};
  EXPECT_EQ(learn(config, after(760), usual).bottle_poured, Microlitres{790'000});
  EXPECT_EQ(learn(config, after(790), usual).bottle_poured, Microlitres{120'000});
  const Lesson dry{.delivered = Microlitres{10'000}, .observed = std::nullopt, .ran_dry = true};
  EXPECT_EQ(learn(config, after(680), dry).bottle_poured, Microlitres{0});
  EXPECT_EQ(learn(config, after(300), dry).bottle_poured, Microlitres{310'000});
  Config untold = config;
  untold.bottle = Microlitres{0};
  EXPECT_EQ(learn(untold, after(0), dry).bottle_poured, Microlitres{0});
}

}  // namespace
}  // namespace pourtocol::firmware
