#include "firmware/core/config.hpp"

namespace pourtocol::firmware {

namespace {

template <class T>
constexpr bool within(T value, T low, T high) {
  return low <= value && value <= high;
}

}  // namespace

std::expected<void, ConfigError> validate(const Config& config) noexcept {
  const auto refuse = [](std::string_view message) {
    return std::unexpected(ConfigError{message});
  };
  if (!valid_power(config.pump_power)) {
    return refuse("the pump's power must be 40..100 %, in steps of 5");
  }
  if (!within(config.glass.settle, Milliseconds{50}, Milliseconds{5000})) {
    return refuse("the glass must settle for 50..5000 ms");
  }
  // With a turn of the loop and the pump's lease, 100 ms in all (`pour.cpp`).
  if (!within(config.glass.confirm, Milliseconds{0}, Milliseconds{30})) {
    return refuse("the glass's absence must be confirmed within 0..30 ms");
  }
  if (!within<std::uint16_t>(config.glass_within_mm, 20, 500)) {
    return refuse("the glass must stand within 20..500 mm");
  }
  if (config.bottle != Microlitres{0} &&
      !within(config.bottle, Microlitres{50'000}, Microlitres{30'000'000})) {
    return refuse("the bottle must hold 0 (not told) or 50 ml..30 l");
  }
  if (!within(config.resume_within, Milliseconds{0}, Milliseconds{30'000})) {
    return refuse("a pour may be resumed within 0..30000 ms");
  }
  if (config.pump_flow != FlowRate{0} &&
      !within(config.pump_flow, FlowRate{2'000}, FlowRate{25'000})) {
    return refuse("the pump must give 0 (not told) or 2..25 ml/s");
  }
  if (config.confirmed) {
    const auto valid = validate(*config.confirmed);
    if (!valid) return refuse(valid.error().message);
    if (config.confirmed->flow == FlowRate{0}) return refuse("a confirmed calibration has a flow");
  }
  return {};
}

}  // namespace pourtocol::firmware
