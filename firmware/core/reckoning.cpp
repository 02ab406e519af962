#include "firmware/core/reckoning.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "firmware/core/spreads.hpp"

namespace pourtocol::firmware {

namespace {

/// A timed span reaches its target at least this long before its cut-off, so that a cut-off always
/// means that the loop was late.
constexpr Milliseconds cut_off_margin{20};

constexpr Microlitres half(Microlitres volume) {
  return Microlitres{volume.count() / 2};
}

/// Rounded down.
Milliseconds quickest_at(FlowRate flow, Microlitres volume) {
  return Milliseconds{std::max<std::int64_t>(0, volume.count()) * 1000 /
                      flow.microlitres_per_second()};
}

}  // namespace

Microlitres most_for(Microlitres amount) noexcept {
  return permille(amount, spreads::order_high) + spreads::order_extra;
}

Microlitres most_for(Millilitres amount) noexcept {
  return most_for(amount.to_microlitres());
}

Milliseconds quickest(const Behaviour& behaviour, Microlitres volume) noexcept {
  return quickest_at(behaviour.fastest, volume);
}

std::int64_t still_in_motion(FlowRate flow, Microlitres coast, Milliseconds off_for) noexcept {
  const auto coasting =
      std::chrono::ceil<Milliseconds>(flow.time_for(coast + coast + Microlitres{1}));
  const Milliseconds left = coasting - std::clamp(off_for, Milliseconds{0}, coasting);
  return (left.count() * 1000 + coasting.count() - 1) / coasting.count();  // 0 at rest only
}

Behaviour after_pause(const Behaviour& behaviour, const Pumped& pumped,
                      Milliseconds off_for) noexcept {
  const std::int64_t expected =
      still_in_motion(behaviour.flow, std::min(behaviour.coast, pumped.expected), off_for);
  // The liquid that is slowest to come to rest: much of it, at little speed.
  const Microlitres coast = std::min(behaviour.most_coast, pumped.most);
  const bool at_rest = still_in_motion(behaviour.slowest, coast, off_for - stamp_error) == 0;
  Behaviour after = behaviour;
  after.start_delay -= behaviour.start_delay * expected / 1000;
  if (!at_rest) {
    after.earliest_start = Milliseconds{0};
    after.still_moving = pumped.most_to_coast;
  }
  after.start_delay = std::max(after.start_delay, after.earliest_start);
  return after;
}

Microlitres most_pumped(const Behaviour& behaviour, Milliseconds time) noexcept {
  const Milliseconds running = time - behaviour.earliest_start;
  if (running <= Milliseconds{0}) return Microlitres{0};
  return behaviour.fastest.over(running) + Microlitres{1};
}

Microlitres most_coast(const Behaviour& behaviour, Microlitres pumped) noexcept {
  return std::min(behaviour.most_coast, pumped + behaviour.still_moving);
}

Microlitres most_after_coast(const Behaviour& behaviour, Microlitres pumped) noexcept {
  const Microlitres coast = most_coast(behaviour, pumped);
  if (pumped + coast <= Microlitres{0}) return Microlitres{0};
  return pumped + coast + spreads::drops_max;
}

Plan plan_span(const Behaviour& behaviour, Microlitres wanted, Microlitres most) noexcept {
  POURTOCOL_ASSERT(behaviour.flow > FlowRate{0} && behaviour.slowest > FlowRate{0});
  Plan plan;
  // The coast is never more than what was pumped, so that a wish smaller than twice the coast is
  // met by pumping half of it.
  const Microlitres without_drops = std::max(wanted - spreads::drops_expected, half(wanted));
  plan.pump_target = std::max(without_drops - behaviour.coast, half(without_drops));
  const Microlitres before_drops = std::max(most - spreads::drops_max, Microlitres{0});
  const Microlitres halved = half(before_drops - behaviour.still_moving);
  plan.pump_most = std::max({before_drops - behaviour.most_coast, halved, Microlitres{0}});
  plan.blind_cut_off = behaviour.earliest_start + quickest(behaviour, plan.pump_most);
  const auto nominal = std::chrono::round<Milliseconds>(behaviour.flow.time_for(plan.pump_target));
  const Milliseconds longest = std::max(plan.blind_cut_off - cut_off_margin, Milliseconds{0});
  plan.target_time = std::min(behaviour.start_delay + nominal, longest);
  plan.cut_short = longest < behaviour.start_delay + nominal;
  plan.cut_off = plan.blind_cut_off;
  if (behaviour.pulses_per_litre) {
    const auto slowest =
        std::chrono::ceil<Milliseconds>(behaviour.slowest.time_for(plan.pump_target));
    // A meter that loses pulses looks like a slow flow: however slow it says, at the flow that is
    // expected the most must not be passed.
    if (behaviour.known_flow) {
      plan.flowing_most = quickest_at(*behaviour.known_flow, plan.pump_most);
    }
    const Milliseconds earned = behaviour.latest_start + std::min(slowest, plan.flowing_most);
    plan.cut_off = std::max(plan.blind_cut_off, earned);
  }
  return plan;
}

Plan plan_pour(const Behaviour& behaviour, Millilitres amount) noexcept {
  return plan_span(behaviour, amount.to_microlitres(), most_for(amount));
}

}  // namespace pourtocol::firmware
