#include "firmware/simulator/plant/plant_spec.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace pourtocol::firmware {

namespace {

// Where a meter begins to read low, and where it reads lowest (µl/s).
constexpr double meter_right_from = 10'000;
constexpr double meter_lowest_at = 5'000;

// Small submersible pumps give 12 ml/s at 3 V and 25 ml/s at 5 V: on a straight line, and nothing
// at 1.15 V.
constexpr double volts_without_flow = 3 - (5 - 3) * 12.0 / (25 - 12);

double share_by_volts(double volts, PumpPower power) noexcept {
  return (volts * power / full_power - volts_without_flow) / (volts - volts_without_flow);
}

double about(double value, double share, Random& random) noexcept {
  return value * random.uniform(1 - share, 1 + share);
}

double anywhere_in(const Range& range, Random& random) noexcept {
  return random.uniform(range.low, range.high);
}

/// In thousandths.
std::int64_t draw_whole(const Range& range, Random& random) noexcept {
  return random.between(std::llround(1'000 * range.low), std::llround(1'000 * range.high));
}

Range wider(const Range& range, double factor) noexcept {
  const double middle = (range.low + range.high) / 2;
  const double half = (range.high - range.low) / 2 * factor;
  return {.low = std::max(middle - half, range.low / 5), .high = middle + half};
}

constexpr double below_label = 1 - 0.29;

double draw_flow(PumpKind pump, const PlantSpreads& spreads, Random& random) noexcept {
  switch (pump) {
    case PumpKind::small_submersible:
      return about(12'000, spreads.supply_offset, random);
    case PumpKind::strong_submersible:
      return about(25'000, spreads.supply_offset, random);
    case PumpKind::peristaltic:
      break;
  }
  const double label = 1'000 * anywhere_in(spreads.label_ml_s, random);
  return about(label * below_label, spreads.head_to_head, random);
}

}  // namespace

FlowRate flow_as_bought(PumpKind pump) noexcept {
  switch (pump) {
    case PumpKind::small_submersible:
      return FlowRate{12'000};
    case PumpKind::strong_submersible:
      return FlowRate{25'000};
    case PumpKind::peristaltic:
      break;
  }
  const Range label = PlantSpreads{}.label_ml_s;
  return FlowRate{std::llround(1'000 * below_label * (label.low + label.high) / 2)};
}

PlantSpreads PlantSpreads::widened(double factor) const noexcept {
  PlantSpreads wide = *this;
  for (double* const spread :
       {&wide.supply_offset, &wide.head_to_head, &wide.meter_to_meter, &wide.supply_drift,
        &wide.level_loss, &wide.wear, &wide.supply, &wide.start_delay, &wide.coast,
        &wide.meter_repeat, &wide.meter_low_flow}) {
    *spread *= factor;
  }
  for (Range* const range : {&wide.start_delay_ms, &wide.coast_ml, &wide.label_ml_s,
                             &wide.meter_curve, &wide.drops_ml}) {
    *range = wider(*range, factor);
  }
  return wide;
}

PlantSpec PlantSpec::draw(Random& random) noexcept {
  const auto pump = static_cast<PumpKind>(random.below(pump_kind_count));
  PlantSpec spec = draw(random, pump, PlantSpreads{});
  spec.bottle = Microlitres{random.between(100'000, 700'000)};
  spec.has_meter = random.chance(0.5);
  spec.sensor = random.chance(0.5) ? SensorKind::echo : SensorKind::contact;
  return spec;
}

PlantSpec PlantSpec::draw(Random& random, PumpKind pump, const PlantSpreads& spreads) noexcept {
  PlantSpec spec;
  spec.pump = pump;
  spec.spreads = spreads;
  spec.flow = FlowRate{std::llround(draw_flow(pump, spreads, random))};
  spec.drift_phase = random.chance(0.5) ? 0.25 : 0.75;
  spec.drift_period = std::chrono::hours{random.between(std::llround(spreads.drift_hours.low),
                                                        std::llround(spreads.drift_hours.high))};
  spec.wear_per_pour = random.uniform(0, spreads.wear) / 2'000;
  spec.start_delay = Duration{draw_whole(spreads.start_delay_ms, random)};
  spec.coast = Microlitres{draw_whole(spreads.coast_ml, random)};
  spec.drops_max = Microlitres{std::llround(1'000 * anywhere_in(spreads.drops_ml, random))};
  spec.pulses_per_litre = about(5'880, spreads.meter_to_meter, random);
  spec.meter_curve = anywhere_in(spreads.meter_curve, random);
  spec.glass_mm = random.uniform(22, 30);
  spec.wall_mm = random.uniform(120, 400);
  return spec;
}

FlowRate PlantSpec::flow_at_power() const noexcept {
  double share = 1.0 * pump_power / full_power;  // a peristaltic head: as fast as it turns
  if (pump == PumpKind::small_submersible) share = share_by_volts(3, pump_power);
  if (pump == PumpKind::strong_submersible) share = share_by_volts(5, pump_power);
  const auto full = static_cast<double>(flow.microlitres_per_second());
  return FlowRate{std::llround(full * std::max(share, 0.0))};
}

double PlantSpec::share_metered(double microlitres_per_second) const noexcept {
  const double lowness = std::clamp(
      (meter_right_from - microlitres_per_second) / (meter_right_from - meter_lowest_at), 0.0, 1.0);
  return 1 - spreads.meter_low_flow * lowness * (meter_curve + (1 - meter_curve) * lowness);
}

Calibrated calibrate(const PlantSpec& spec, Random& random) noexcept {
  const auto flow = static_cast<double>(spec.flow_at_power().microlitres_per_second());
  const auto delay = static_cast<double>(
      std::chrono::duration_cast<std::chrono::milliseconds>(spec.start_delay).count());
  Calibration calibration;
  calibration.flow = FlowRate{std::llround(about(flow, 0.015, random))};
  calibration.start_delay = Milliseconds{std::llround(about(delay, 0.03, random))};
  calibration.coast =
      Microlitres{std::llround(about(static_cast<double>(spec.coast.count()), 0.05, random))};
  calibration.pulses_per_litre = static_cast<std::uint32_t>(
      std::llround(about(spec.pulses_per_litre * spec.share_metered(flow), 0.01, random)));
  calibration.flow_error = 90;
  calibration.meter_error = 60;
  calibration.offset_error = Microlitres{100};
  calibration.pump_power = spec.pump_power;
  Calibrated found;
  found.config.pump_power = spec.pump_power;
  found.config.pump_flow = flow_as_bought(spec.pump);
  found.config.metered = spec.has_meter;
  found.config.bottle = random.chance(0.5) ? spec.bottle_full : Microlitres{0};
  // A pump that hardly turns nobody could calibrate.
  if (validate(calibration)) {
    found.tuning = fresh_tuning(calibration);
    found.config.confirmed = calibration;
  }
  found.tuning.bottle_poured = spec.bottle_full - spec.bottle;
  return found;
}

}  // namespace pourtocol::firmware
