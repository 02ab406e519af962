#include "firmware/core/reckoning.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "firmware/core/spreads.hpp"

namespace pourtocol::firmware {

namespace {

/// A timed pour reaches its target at least this long before its cut-off, so that a cut-off always
/// means that the loop was late.
constexpr Milliseconds cut_off_margin{20};

constexpr Microlitres half(Microlitres volume) {
  return Microlitres{volume.count() / 2};
}

Milliseconds share_of(Milliseconds time, std::int64_t thousandths) {
  return Milliseconds{time.count() * thousandths / 1000};
}

}  // namespace

Microlitres most_for(Millilitres amount) noexcept {
  return permille(amount.to_microlitres(), spreads::order_high) + spreads::order_extra;
}

Milliseconds quickest(const Calibration& calibration, Microlitres volume) noexcept {
  const std::int64_t fastest =
      calibration.flow.microlitres_per_second() * spreads::flow_high / 1000;
  return Milliseconds{std::max<std::int64_t>(0, volume.count()) * 1000 / fastest};
}

Microlitres most_pumped(const Calibration& calibration, Milliseconds time) noexcept {
  const Milliseconds flowing = time - share_of(calibration.start_delay, spreads::delay_low);
  if (flowing <= Milliseconds{0}) return Microlitres{0};
  const FlowRate fastest{calibration.flow.microlitres_per_second() * spreads::flow_high / 1000 + 1};
  return fastest.over(flowing) + Microlitres{1};
}

Microlitres most_after_coast(const Calibration& calibration, Microlitres pumped) noexcept {
  if (pumped <= Microlitres{0}) return Microlitres{0};
  const Microlitres coast = std::min(permille(calibration.coast, spreads::coast_high), pumped);
  return pumped + coast + spreads::drops_max;
}

Plan plan_pour(const Config& config, Millilitres amount) noexcept {
  const Calibration& calibration = config.calibration;
  POURTOCOL_ASSERT(calibration.flow.microlitres_per_second() > 0);
  const Microlitres asked = amount.to_microlitres();
  Plan plan;
  plan.most = most_for(amount);
  // The coast is never more than what was pumped, so that an order smaller than twice the coast is
  // met by pumping half of it.
  plan.pump_target = std::max(asked - calibration.coast, half(asked));
  const Microlitres before_drops = plan.most - spreads::drops_max;
  plan.pump_most =
      std::max(before_drops - permille(calibration.coast, spreads::coast_high), half(before_drops));
  plan.blind_cut_off =
      share_of(calibration.start_delay, spreads::delay_low) + quickest(calibration, plan.pump_most);
  const auto nominal = std::chrono::ceil<Milliseconds>(calibration.flow.time_for(plan.pump_target));
  plan.target_time =
      std::min(calibration.start_delay + nominal, plan.blind_cut_off - cut_off_margin);
  if (config.meter) {
    const FlowRate slowest{calibration.flow.microlitres_per_second() * spreads::flow_low / 1000};
    const auto longest = std::chrono::ceil<Milliseconds>(slowest.time_for(plan.pump_target));
    plan.cut_off = std::max(plan.blind_cut_off,
                            share_of(calibration.start_delay, spreads::delay_high) + longest);
  } else {
    plan.cut_off = plan.blind_cut_off;
  }
  return plan;
}

}  // namespace pourtocol::firmware
