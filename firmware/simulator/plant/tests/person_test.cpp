// A person, a cup and a machine nobody has calibrated: what comes of it.
#include "firmware/simulator/plant/person.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "firmware/core/calibration.hpp"

namespace pourtocol::firmware {
namespace {

struct Told {
  int pours = 0;
  int within_mark = 0;
  int within_stated = 0;
};

/// A small fleet's short evening, from a fixed seed: the same machines each time.
Told told_by_fleet(bool metered, double spread) {
  Random random{2026};
  Told told;
  for (int machine = 0; machine < 12; ++machine) {
    Random own = random.fork();
    PlantSpec spec = PlantSpec::draw(own, static_cast<PumpKind>(machine % pump_kind_count),
                                     PlantSpreads{}.widened(spread));
    spec.has_meter = metered;
    AttendedMachine attended{spec, own.fork()};
    attended.calibrate(StrongPumps::slowed);
    for (int i = 0; i < 60; ++i) {
      attended.wait(std::chrono::seconds{own.between(60, 300)});
      const Millilitres amount{15 * static_cast<int>(own.between(1, 4))};
      const auto poured = attended.pour(amount);
      if (poured.ran_dry) {
        attended.change_bottle();
        continue;
      }
      ++told.pours;
      const std::int64_t error = (poured.flowed - amount.to_microlitres()).count();
      const std::int64_t mark =
          metered ? 1'000 : std::max<std::int64_t>(1'000, amount.to_microlitres().count() / 20);
      if (std::abs(error) <= mark) ++told.within_mark;
      const std::int64_t off = (poured.flowed - poured.receipt.delivered).count();
      if (std::abs(off) <= poured.receipt.uncertainty.count()) ++told.within_stated;
    }
  }
  return told;
}

TEST(AFleet, PoursByTimeWithinTheMark) {
  const Told told = told_by_fleet(false, 1);
  EXPECT_GE(told.within_mark, told.pours * 95 / 100) << "of " << told.pours;
  EXPECT_GE(told.within_stated, told.pours * 99 / 100) << "of " << told.pours;
}

TEST(AFleet, PoursByMeterWithinTheMark) {
  const Told told = told_by_fleet(true, 1);
  EXPECT_GE(told.within_mark, told.pours * 99 / 100) << "of " << told.pours;
  EXPECT_GE(told.within_stated, told.pours * 99 / 100) << "of " << told.pours;
}

TEST(AFleet, StaysHonestWhenItsMachinesAreWorse) {
  for (const bool metered : {false, true}) {
    const Told told = told_by_fleet(metered, 1.5);
    EXPECT_GE(told.within_stated, told.pours * 97 / 100) << "of " << told.pours;
  }
}

TEST(AMachine, KnowsItsPumpAfterACalibration) {
  Random random{7};
  PlantSpec spec = PlantSpec::draw(random, PumpKind::small_submersible, PlantSpreads{});
  spec.has_meter = true;
  AttendedMachine attended{spec, random.fork()};
  EXPECT_FALSE(attended.tuning().calibrated());
  attended.calibrate(StrongPumps::left);
  const Calibration& found = attended.tuning().calibration;
  const auto off = [](auto value, auto truth) {
    return std::abs(static_cast<double>(value) / static_cast<double>(truth) - 1);
  };
  EXPECT_LT(off(found.flow.microlitres_per_second(), spec.flow.microlitres_per_second()), 0.03);
  EXPECT_LT(off(found.pulses_per_litre, spec.pulses_per_litre), 0.02);
  EXPECT_LT(off(found.coast.count(), spec.coast.count()), 0.15);
  EXPECT_LT(off(found.start_delay.count(), spec.start_delay.count() / 1000), 0.15);
}

TEST(AStrongPump, IsSlowedWhereThereIsNoMeter) {
  Random random{7};
  PlantSpec spec = PlantSpec::draw(random, PumpKind::strong_submersible, PlantSpreads{});
  for (const bool metered : {false, true}) {
    spec.has_meter = metered;
    AttendedMachine attended{spec, random.fork()};
    attended.calibrate(StrongPumps::slowed);
    const Calibration& found = attended.tuning().calibration;
    EXPECT_EQ(found.pump_power, metered ? full_power : 60);
    EXPECT_NEAR(static_cast<double>(found.flow.microlitres_per_second()), metered ? 25'000 : 12'000,
                metered ? 2'000 : 1'000);
  }
}

TEST(APump, GivesWhatItsSourcesSayAtLessVoltage) {
  PlantSpec spec;
  spec.pump = PumpKind::strong_submersible;
  spec.flow = FlowRate{25'000};
  spec.pump_power = 60;
  EXPECT_EQ(spec.flow_at_power(), FlowRate{12'000});
  spec.pump = PumpKind::peristaltic;
  EXPECT_EQ(spec.flow_at_power(), FlowRate{15'000});
  spec.pump = PumpKind::small_submersible;
  spec.pump_power = 40;
  spec.flow = FlowRate{12'000};
  EXPECT_LT(spec.flow_at_power(), FlowRate{1'000});
}

}  // namespace
}  // namespace pourtocol::firmware
