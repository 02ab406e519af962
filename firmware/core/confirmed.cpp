#include "firmware/core/confirmed.hpp"

namespace pourtocol::firmware {

namespace {

constexpr std::int64_t kind_high = 1'300;  // thousandths
constexpr FlowRate strongest_that_fits{30'000};
constexpr std::int64_t far = 300;  // thousandths

bool is_far(std::int64_t proposed, std::int64_t vouched) {
  const std::int64_t off = proposed > vouched ? proposed - vouched : vouched - proposed;
  return off * 1'000 > vouched * far;
}

/// Nothing where nobody has said what the pump gives; how much less it is at less power nobody
/// knows either.
std::optional<FlowRate> vouched_flow(const Config& config) {
  if (const auto confirmed = confirmed_at_its_power(config)) return confirmed->flow;
  if (config.pump_flow == FlowRate{0} || config.pump_power != full_power) return std::nullopt;
  return config.pump_flow;
}

}  // namespace

bool is_confirmed(const Config& config, const Tuning& tuning) noexcept {
  return tuning.calibrated() && config.confirmed == tuning.calibration;
}

std::optional<Calibration> confirmed_at_its_power(const Config& config) noexcept {
  if (!config.confirmed || config.confirmed->pump_power != config.pump_power) return std::nullopt;
  return config.confirmed;
}

FlowRate fastest_of_kind(const Config& config) noexcept {
  if (config.pump_flow == FlowRate{0}) return strongest_that_fits;
  return FlowRate{config.pump_flow.microlitres_per_second() * kind_high / 1'000};
}

MeterVouched vouched_meter(const Config& config) noexcept {
  const Calibration vouched = config.confirmed.value_or(factory_calibration());
  return {.pulses_per_litre = vouched.pulses_per_litre, .flow = vouched.flow};
}

bool needs_hand(const Calibration& proposed, const Config& config) noexcept {
  const auto flow = vouched_flow(config);
  if (!flow) return true;
  if (is_far(proposed.flow.microlitres_per_second(), flow->microlitres_per_second())) return true;
  return config.metered &&
         is_far(proposed.pulses_per_litre, vouched_meter(config).pulses_per_litre);
}

}  // namespace pourtocol::firmware
