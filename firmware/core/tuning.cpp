#include "firmware/core/tuning.hpp"

namespace pourtocol::firmware {

namespace {

template <class T>
constexpr bool within(T value, T low, T high) {
  return low <= value && value <= high;
}

constexpr FlowRate flow_min{2'000};
constexpr FlowRate flow_max{50'000};
constexpr Milliseconds delay_max{2'000};
constexpr Microlitres coast_max{5'000};
constexpr std::uint16_t error_max = 2'500;

}  // namespace

Tuning fresh_tuning(const Calibration& calibration) noexcept {
  Tuning tuning;
  tuning.calibration = calibration;
  tuning.flow = calibration.flow;
  tuning.start_delay = calibration.start_delay;
  tuning.coast = calibration.coast;
  return tuning;
}

Tuning tuning_at(PumpPower power, const Tuning& tuning) noexcept {
  if (tuning.calibration.pump_power == power) return tuning;
  Tuning left;
  left.calibration.pulses_per_litre = tuning.calibration.pulses_per_litre;
  left.calibration.meter_error = tuning.calibration.meter_error;
  left.calibration.pump_power = power;
  left.bottle_poured = tuning.bottle_poured;
  return left;
}

Calibration factory_calibration() noexcept {
  return {.flow = FlowRate{12'000},
          .start_delay = Milliseconds{150},
          .coast = Microlitres{1'500},
          .pulses_per_litre = 5880,
          .flow_error = 500,
          .meter_error = 170,
          .offset_error = Microlitres{1'000}};
}

std::expected<void, TuningError> validate(const Calibration& calibration) noexcept {
  const auto refuse = [](std::string_view message) {
    return std::unexpected(TuningError{message});
  };
  if (calibration.flow != FlowRate{0} && !within(calibration.flow, flow_min, flow_max)) {
    return refuse("flow must be 0 (not calibrated) or 2..50 ml/s");
  }
  if (!within(calibration.start_delay, Milliseconds{0}, delay_max)) {
    return refuse("start delay must be 0..2000 ms");
  }
  if (!within(calibration.coast, Microlitres{0}, coast_max)) {
    return refuse("coast must be 0..5 ml");
  }
  if (!within<std::uint32_t>(calibration.pulses_per_litre, 500, 100'000)) {
    return refuse("the meter must give 500..100000 pulses per litre");
  }
  if (calibration.flow_error > error_max || calibration.meter_error > error_max) {
    return refuse("the calibration's error must be at most 25 %");
  }
  if (!within(calibration.offset_error, Microlitres{0}, Microlitres{5'000})) {
    return refuse("the calibration's error must be at most 5 ml");
  }
  if (!valid_power(calibration.pump_power)) {
    return refuse("the pump's power must be 40..100 %, in steps of 5");
  }
  return {};
}

std::expected<void, TuningError> validate(const Tuning& tuning) noexcept {
  if (const auto valid = validate(tuning.calibration); !valid) return valid;
  if (tuning.calibrated() && !within(tuning.flow, flow_min, flow_max)) {
    return std::unexpected(TuningError{"the learned flow must be 2..50 ml/s"});
  }
  if (!within(tuning.start_delay, Milliseconds{0}, delay_max) ||
      !within(tuning.coast, Microlitres{0}, coast_max)) {
    return std::unexpected(TuningError{"the learned start delay or coast is out of range"});
  }
  if (!within(tuning.bottle_poured, Microlitres{0}, Microlitres{0xFFFF'FFFFLL})) {
    return std::unexpected(TuningError{"the bottle's content is out of range"});
  }
  return {};
}

}  // namespace pourtocol::firmware
