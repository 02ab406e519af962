#include "firmware/core/behaviour.hpp"

#include <algorithm>

#include "firmware/core/confirmed.hpp"
#include "firmware/core/metering.hpp"
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
/// at 5 V, and its spread; `fastest_of_kind`).
constexpr FlowRate unknown_flow{12'000};
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

Behaviour expect_of_unknown(const Config& config, const Tuning& tuning) {
  const Calibration factory = factory_calibration();
  const FlowRate flow = config.pump_flow > FlowRate{0} ? config.pump_flow : unknown_flow;
  return {.flow = flow,
          .start_delay = factory.start_delay,
          .coast = factory.coast,
          .pulses_per_litre = tuning.calibration.pulses_per_litre,
          .metered_at = factory.flow,
          .flow_error = unknown_flow_error,
          .meter_error = factory.meter_error,
          .offset_error = factory.offset_error,
          .fastest = fastest_of_kind(config),
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

/// Nobody has confirmed the calibration: what a confirmed one may be the machine may be, too.
void widen_to(const Calibration& confirmed, std::int64_t level, Behaviour& behaviour) {
  const FlowRate full = std::max(*behaviour.known_flow, confirmed.flow);
  const FlowRate now{confirmed.flow.microlitres_per_second() * level / one};
  behaviour.fastest = FlowRate{share_of(full, spreads::flow_high).microlitres_per_second() + 1};
  behaviour.slowest = std::min(behaviour.slowest, share_of(now, spreads::flow_low));
  behaviour.known_flow = full;
  behaviour.earliest_start =
      std::min(behaviour.earliest_start, share_of(confirmed.start_delay, spreads::delay_low));
  behaviour.latest_start =
      std::max(behaviour.latest_start, share_of(confirmed.start_delay, spreads::delay_high));
  behaviour.most_coast =
      std::max(behaviour.most_coast, permille(confirmed.coast, spreads::coast_high));
}

/// The same where nothing is confirmed: any pump of its kind.
void widen_to_kind(const Config& config, Behaviour& behaviour) {
  const FlowRate fastest = std::max(behaviour.fastest, fastest_of_kind(config));
  behaviour.fastest = fastest;
  behaviour.slowest = std::min(behaviour.slowest, unknown_slowest);
  behaviour.known_flow = fastest;
  behaviour.earliest_start = std::min(behaviour.earliest_start, unknown_earliest);
  behaviour.latest_start = std::max(behaviour.latest_start, unknown_latest);
  behaviour.most_coast = std::max(behaviour.most_coast, unknown_coast);
}

/// What pulses tell of at the least and at the most, by the meter's calibration and by the one that
/// is vouched for: `volume` of `metering.cpp` by the one over that by the other, corrections for
/// the flow and all.
void widen_meter(const MeterVouched& vouched, Behaviour& behaviour) {
  constexpr std::int64_t least_corrected = one - spreads::low_flow_loss;
  constexpr std::int64_t most_corrected = one * one / least_corrected + 1;
  const std::int64_t found = *behaviour.pulses_per_litre;
  const std::int64_t pulses = found * one / vouched.pulses_per_litre;
  const std::int64_t curve =
      share_counted(vouched.flow) * one / share_counted(behaviour.metered_at);
  if (found == vouched.pulses_per_litre && curve == one) return;
  // What fewer (or more) pulses per litre say of the flow itself corrects them the other way.
  const std::int64_t high = pulses < one ? (curve + 1) * most_corrected / one + 1 : curve + 1;
  const std::int64_t low = pulses >= one ? curve * least_corrected / one : curve;
  const std::int64_t most = (pulses + 1) * std::max(one, high) / one + 1;
  const std::int64_t least = pulses * std::min(one, low) / one;
  behaviour.meter_high = spreads::meter_high * std::max(one, most) / one + 1;
  behaviour.meter_low = spreads::meter_low * std::min(one, least) / one;
}

}  // namespace

Behaviour expect(const Config& config, const Tuning& tuning) noexcept {
  Behaviour behaviour = tuning.calibrated() ? expect_of_calibrated(config, tuning)
                                            : expect_of_unknown(config, tuning);
  if (tuning.calibrated() && !is_confirmed(config, tuning)) {
    behaviour.widened = true;
    if (const auto confirmed = confirmed_at_its_power(config)) {
      widen_to(*confirmed, level_share(config, tuning), behaviour);
    } else {
      widen_to_kind(config, behaviour);
    }
  }
  if (!is_confirmed(config, tuning)) widen_meter(vouched_meter(config), behaviour);
  if (!config.metered) behaviour.pulses_per_litre.reset();
  return behaviour;
}

}  // namespace pourtocol::firmware
