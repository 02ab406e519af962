#include "firmware/core/learning.hpp"

#include <algorithm>
#include <limits>

#include "firmware/core/behaviour.hpp"

namespace pourtocol::firmware {

namespace {

/// More than this share of a bottle cannot have come from one, whatever the reckoning is off: a new
/// one was connected, and nobody said so.
constexpr std::int64_t bottle_surely_passed = 1150;
/// A flow that ends when so much has gone means: empty, and not clogged.
constexpr std::int64_t bottle_nearly_empty = 700;

constexpr std::int64_t gain_divisor = 4;
constexpr std::int64_t flow_drop_max = 750;
constexpr std::int64_t flow_rise_max = 1150;

/// A quarter of the way from `old` to `seen`, within `low` and `high`.
std::int64_t towards(std::int64_t old, std::int64_t seen, std::int64_t low, std::int64_t high) {
  return std::clamp(old + (seen - old) / gain_divisor, low, high);
}

Microlitres bottle_after(const Config& config, Microlitres poured, const Lesson& lesson) {
  poured += lesson.delivered;
  if (config.bottle == Microlitres{0}) return Microlitres{0};
  if (poured > permille(config.bottle, bottle_surely_passed)) poured -= config.bottle;
  if (lesson.ran_dry && poured >= permille(config.bottle, bottle_nearly_empty)) {
    poured = Microlitres{0};  // it pours again only from another one
  }
  // A run of air and water may bring more than a small bottle holds.
  return std::min(poured, config.bottle + config.bottle);
}

}  // namespace

Tuning learn(const Config& config, const Tuning& tuning, const Lesson& lesson) noexcept {
  Tuning learned = tuning;
  learned.bottle_poured = bottle_after(config, tuning.bottle_poured, lesson);
  if (tuning.pours_since < std::numeric_limits<std::uint16_t>::max()) ++learned.pours_since;
  if (!lesson.observed || !tuning.calibrated()) return learned;

  const Calibration& calibration = tuning.calibration;
  const std::int64_t from_full =
      lesson.observed->flow.microlitres_per_second() * 10'000 / level_share(config, tuning);
  const std::int64_t calibrated = calibration.flow.microlitres_per_second();
  learned.flow = FlowRate{std::clamp<std::int64_t>(
      towards(tuning.flow.microlitres_per_second(), from_full, calibrated * flow_drop_max / 1000,
              calibrated * flow_rise_max / 1000),
      2'000, 50'000)};
  const std::int64_t delay = calibration.start_delay.count();
  learned.start_delay =
      Milliseconds{towards(tuning.start_delay.count(), lesson.observed->start_delay.count(),
                           delay / 2, std::min<std::int64_t>(2 * delay, 2'000))};
  const std::int64_t coast = calibration.coast.count();
  learned.coast = Microlitres{towards(tuning.coast.count(), lesson.observed->coast.count(),
                                      coast / 2, std::min<std::int64_t>(2 * coast, 5'000))};
  return learned;
}

}  // namespace pourtocol::firmware
