#include "firmware/core/config.hpp"

namespace pourtocol::firmware {

namespace {

template <class T>
constexpr bool within(T value, T low, T high) {
  return low <= value && value <= high;
}

}  // namespace

Config default_timed_config() noexcept {
  Config config;
  config.calibration = {
      .flow = FlowRate{12'000}, .start_delay = Milliseconds{150}, .coast = Microlitres{1'500}};
  return config;
}

Config default_metered_config() noexcept {
  Config config = default_timed_config();
  config.meter = Meter{};
  return config;
}

std::expected<void, ConfigError> validate(const Config& config) noexcept {
  const auto refuse = [](std::string_view message) {
    return std::unexpected(ConfigError{message});
  };
  const Calibration& calibration = config.calibration;
  if (calibration.flow != FlowRate{0} &&
      !within(calibration.flow, FlowRate{2'000}, FlowRate{50'000})) {
    return refuse("flow must be 0 (not calibrated) or 2..50 ml/s");
  }
  if (!within(calibration.start_delay, Milliseconds{0}, Milliseconds{2000})) {
    return refuse("start delay must be 0..2000 ms");
  }
  if (!within(calibration.coast, Microlitres{0}, Microlitres{5'000})) {
    return refuse("coast must be 0..5 ml");
  }
  if (config.meter && !within<std::uint32_t>(config.meter->pulses_per_litre, 500, 100'000)) {
    return refuse("the meter must give 500..100000 pulses per litre");
  }
  if (!within(config.glass.settle, Milliseconds{50}, Milliseconds{5000})) {
    return refuse("the glass must settle for 50..5000 ms");
  }
  if (!within(config.glass.confirm, Milliseconds{0}, Milliseconds{50})) {
    return refuse("the glass's absence must be confirmed within 0..50 ms");
  }
  return {};
}

}  // namespace pourtocol::firmware
