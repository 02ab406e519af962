#include "firmware/core/behaviour.hpp"

#include <algorithm>

#include "firmware/core/spreads.hpp"
#include "firmware/core/uncertainty.hpp"

namespace pourtocol::firmware {

namespace {

FlowRate share_of(FlowRate flow, std::int64_t thousandths) {
  return FlowRate{flow.microlitres_per_second() * thousandths / 1000};
}

Milliseconds share_of(Milliseconds time, std::int64_t thousandths) {
  return Milliseconds{time.count() * thousandths / 1000};
}

constexpr std::int64_t one = 10'000;

}  // namespace

std::int64_t level_share(const Config& config, const Tuning& tuning) noexcept {
  if (config.bottle == Microlitres{0}) return one - spreads::level_loss / 2;
  const std::int64_t poured = std::min(tuning.bottle_poured, config.bottle).count();
  return one - spreads::level_loss * poured / config.bottle.count();
}

namespace {

/// Nothing is known: some pump between a slow peristaltic head and the strongest that fits (25 ml/s
/// at 5 V, and its spread).
constexpr FlowRate unknown_flow{12'000};
constexpr FlowRate unknown_fastest{30'000};
constexpr FlowRate unknown_slowest{2'000};
constexpr std::uint32_t unknown_flow_error = 5'000;
constexpr Milliseconds unknown_earliest{60};
constexpr Milliseconds unknown_latest{400};
constexpr Microlitres unknown_coast{3'750};

/// What the calibration was off, what the tube has worn since, and what the level is not known to.
std::uint32_t flow_error_now(const Config& config, const Tuning& tuning) {
  SumOfSquares sum;
  if (config.bottle > Microlitres{0}) {
    sum.add(spreads::level_error);
    sum.add((one - level_share(config, tuning)) / spreads::level_loss_error_divisor);
  } else {
    sum.add(spreads::level_error_untold);
  }
  sum.add(tuning.calibration.flow_error);
  sum.add(std::int64_t{tuning.pours_since} * spreads::wear_error_per_10000_pours / 10'000);
  return static_cast<std::uint32_t>(sum.root());
}

Behaviour expect_of_unknown(const Tuning& tuning) {
  const Calibration factory = factory_calibration();
  return {.flow = unknown_flow,
          .start_delay = factory.start_delay,
          .coast = factory.coast,
          .pulses_per_litre = tuning.calibration.pulses_per_litre,
          .metered_at = unknown_flow,
          .flow_error = unknown_flow_error,
          .meter_error = factory.meter_error,
          .offset_error = factory.offset_error,
          .fastest = unknown_fastest,
          .slowest = unknown_slowest,
          .known_flow = std::nullopt,
          .earliest_start = unknown_earliest,
          .latest_start = unknown_latest,
          .most_coast = unknown_coast,
          .still_moving = {}};
}

Behaviour expect_of_calibrated(const Config& config, const Tuning& tuning) {
  const Calibration& calibration = tuning.calibration;
  const FlowRate flow{tuning.flow.microlitres_per_second() * level_share(config, tuning) / one};
  // Whatever was learned since: the machine may be again as it was when it was calibrated.
  const FlowRate full = std::max(tuning.flow, calibration.flow);
  const auto [soonest, latest] = std::minmax(tuning.start_delay, calibration.start_delay);
  const Microlitres coast = std::max(tuning.coast, calibration.coast);
  return {.flow = flow,
          .start_delay = tuning.start_delay,
          .coast = tuning.coast,
          .pulses_per_litre = calibration.pulses_per_litre,
          .metered_at = calibration.flow,
          .flow_error = flow_error_now(config, tuning),
          .meter_error = calibration.meter_error,
          .offset_error = calibration.offset_error,
          .fastest = FlowRate{share_of(full, spreads::flow_high).microlitres_per_second() + 1},
          .slowest = share_of(flow, spreads::flow_low),
          .known_flow = full,
          .earliest_start = share_of(soonest, spreads::delay_low),
          .latest_start = share_of(latest, spreads::delay_high),
          .most_coast = permille(coast, spreads::coast_high),
          .still_moving = {}};
}

}  // namespace

Behaviour expect(const Config& config, const Tuning& tuning) noexcept {
  Behaviour behaviour =
      tuning.calibrated() ? expect_of_calibrated(config, tuning) : expect_of_unknown(tuning);
  if (!config.metered) behaviour.pulses_per_litre.reset();
  return behaviour;
}

}  // namespace pourtocol::firmware
