#include "firmware/simulator/plant/plant_spec.hpp"

#include <chrono>

namespace pourtocol::firmware {

namespace {

std::int64_t about(double value, double share, Random& random) noexcept {
  return static_cast<std::int64_t>(value * random.uniform(1 - share, 1 + share));
}

}  // namespace

PlantSpec PlantSpec::draw(Random& random) noexcept {
  PlantSpec spec;
  spec.flow = FlowRate{random.between(10'000, 25'000)};
  spec.start_delay = Duration{random.between(80'000, 300'000)};
  spec.coast = Microlitres{random.between(500, 3'000)};
  spec.drops_max = Microlitres{random.between(100, 500)};
  spec.bottle = Microlitres{random.between(100'000, 700'000)};
  spec.has_meter = random.chance(0.5);
  spec.pulses_per_litre = random.uniform(0.97, 1.03) * 5880;
  return spec;
}

Config calibrate(const PlantSpec& spec, Random& random) noexcept {
  const double half_empty = 1 - spec.flow_loss_when_empty / 2;
  const auto flow = static_cast<double>(spec.flow.microlitres_per_second());
  const auto delay = static_cast<double>(
      std::chrono::duration_cast<std::chrono::milliseconds>(spec.start_delay).count());
  Config config;
  config.calibration.flow = FlowRate{about(flow * half_empty, 0.015, random)};
  config.calibration.start_delay = Milliseconds{about(delay, 0.03, random)};
  config.calibration.coast = Microlitres{
      about(static_cast<double>(spec.coast.count()), 0.05, random) + spec.drops_max.count() / 2};
  if (spec.has_meter) {
    config.meter = Meter{.pulses_per_litre = static_cast<std::uint32_t>(
                             about(spec.pulses_per_litre, 0.015, random))};
  }
  return config;
}

}  // namespace pourtocol::firmware
