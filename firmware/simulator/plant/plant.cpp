#include "firmware/simulator/plant/plant.hpp"

#include <algorithm>
#include <cmath>

#include "core/assert.hpp"

namespace pourtocol::firmware {

namespace {

constexpr Duration drip_after{200'000};
constexpr double drops_min = 100;  // µl

// Where the meter begins to read low, and where it reads lowest (µl/s).
constexpr double meter_right_from = 10'000;
constexpr double meter_lowest_at = 5'000;

double microseconds(Duration duration) {
  return static_cast<double>(duration.count());
}

Microlitres rounded(double microlitres) {
  return Microlitres{std::llround(microlitres)};
}

}  // namespace

Plant::Plant(const PlantSpec& spec, Random random, Instant now)
    : spec_{spec},
      random_{random},
      now_{now},
      flow_since_{now},
      air_left_{spec.air},
      bottle_{static_cast<double>(spec.bottle.count())},
      spike_until_{now},
      without_glass_since_{now} {}

// ---- The board's side

void Plant::switch_pump_on(Instant now, Duration cut_off) {
  advance(now);
  if (cut_off <= Duration{0}) return;
  output_on_ = true;
  cut_off_at_ = now + cut_off;
  update_motor(now);
}

void Plant::renew_cut_off(Instant now, Duration cut_off) {
  advance(now);
  if (!output_on_) return;
  cut_off_at_ = now + cut_off;
  advance(now);
}

void Plant::switch_pump_off(Instant now) {
  advance(now);
  output_on_ = false;
  cut_off_at_.reset();
  update_motor(now);
}

std::uint32_t Plant::pulses(Instant now) {
  advance(now);
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(turned_));
}

hal::GlassReading Plant::read_glass(Instant now) {
  advance(now);
  switch (sensor_mode_) {
    case SensorMode::silent:
      return {.present = false, .valid = false};
    case SensorMode::stuck_present:
      return {.present = true, .valid = true};
    case SensorMode::stuck_absent:
      return {.present = false, .valid = true};
    case SensorMode::works:
      break;
  }
  const bool noisy = sensor_noise_ > 0 && random_.chance(sensor_noise_);
  const bool wrong = now < spike_until_ || noisy;
  return {.present = glass_present_ != wrong, .valid = true};
}

protocol::NfcReading Plant::read_tag() const {
  return {.ready = true, .tag_present = !tag_.empty(), .uid = tag_};
}

// ---- The world's side

void Plant::place_glass(Instant now) {
  advance(now);
  glass_present_ = true;
}

void Plant::lift_glass(Instant now) {
  advance(now);
  if (glass_present_) without_glass_since_ = now;
  glass_present_ = false;
}

void Plant::fill_bottle(Instant now, Microlitres volume) {
  advance(now);
  bottle_ = static_cast<double>(volume.count());
}

void Plant::set_clogged(Instant now, bool clogged) {
  advance(now);
  clogged_ = clogged;
}

void Plant::set_meter_dead(Instant now, bool dead) {
  advance(now);
  meter_dead_ = dead;
}

void Plant::let_air_in(Instant now, Duration length) {
  advance(now);
  if (flow_ == Flow::still) air_left_ = length;
}

void Plant::set_sensor(Instant now, SensorMode mode) {
  advance(now);
  sensor_mode_ = mode;
}

void Plant::spike_sensor(Instant now, Duration length) {
  advance(now);
  spike_until_ = now + length;
}

void Plant::set_relay_welded(Instant now, bool welded) {
  advance(now);
  relay_welded_ = welded;
  update_motor(now);
}

void Plant::set_leak(Instant now, FlowRate leak) {
  advance(now);
  leak_ = static_cast<double>(leak.microlitres_per_second()) / 1e6;
}

// ---- The truth

Microlitres Plant::bottle() const {
  return rounded(bottle_);
}

Microlitres Plant::total() const {
  return rounded(total_);
}

void Plant::forget_final_episodes() {
  std::erase_if(episodes_, [](const Episode& episode) { return episode.final; });
}

void Plant::advance(Instant now) {
  POURTOCOL_ASSERT(now >= now_);
  for (auto at = next_change(); at && *at <= now; at = next_change()) {
    flow_until(*at);
    change(*at);
  }
  flow_until(now);
}

std::optional<Instant> Plant::next_change() const {
  std::optional<Instant> earliest = cut_off_at_;
  for (const auto& at : {flow_ends_, drip_at_}) {
    if (at && (!earliest || *at < *earliest)) earliest = at;
  }
  return earliest;
}

void Plant::change(Instant at) {
  if (cut_off_at_ == at) {
    output_on_ = false;
    cut_off_at_.reset();
    update_motor(at);
  } else if (drip_at_ == at) {
    drip();
  } else if (flow_ == Flow::starting) {
    begin_flow(at);
  } else {
    end_coast(at);
  }
}

void Plant::flow_until(Instant until) {
  if (flow_ == Flow::running && !clogged_) {
    const double volume = rate_ * microseconds(until - now_);
    pumped_ += std::min(volume, bottle_);
    flow_out(volume, share_metered(rate_ * 1e6));
  } else if (flow_ == Flow::coasting) {
    // The flow falls off linearly, so what is still to come falls off with the square.
    const double length = microseconds(*flow_ends_ - flow_since_);
    const double left_before = microseconds(*flow_ends_ - now_) / length;
    const double left_after = microseconds(*flow_ends_ - until) / length;
    flow_out(coast_ * (left_before * left_before - left_after * left_after),
             share_metered(rate_ * 1e6 / 2));
  }
  if (!motor_on_ && leak_ > 0) {
    const double volume = std::min(leak_ * microseconds(until - now_), bottle_);
    bottle_ -= volume;
    total_ += volume;
    if (spec_.has_meter && !meter_dead_) turned_ += volume * spec_.pulses_per_litre / 1e6;
  }
  now_ = until;
  if (motor_on_) {
    Episode& episode = episodes_.back();
    episode.ended = until;
    if (!glass_present_) {
      episode.longest_without_glass =
          std::max(episode.longest_without_glass, until - without_glass_since_);
    }
  }
}

void Plant::flow_out(double microlitres, double metered_share) {
  const double volume = std::min(microlitres, bottle_);
  bottle_ -= volume;
  total_ += volume;
  if (spec_.has_meter && !meter_dead_) {
    turned_ += volume * metered_share * spec_.pulses_per_litre / 1e6;
  }
  episode_total_ += volume;
  if (glass_present_) episode_in_glass_ += volume;
  episodes_.back().total = rounded(episode_total_);
  episodes_.back().in_glass = rounded(episode_in_glass_);
}

void Plant::update_motor(Instant at) {
  const bool on = output_on_ || relay_welded_;
  if (on == motor_on_) return;
  if (on) {
    start_motor(at);
  } else {
    stop_motor(at);
  }
}

void Plant::start_motor(Instant at) {
  if (drip_at_) drip();
  if (flow_ == Flow::coasting) finish_episode();
  motor_on_ = true;
  episode_total_ = 0;
  episode_in_glass_ = 0;
  without_glass_since_ = at;
  episodes_.push_back({.started = at,
                       .ended = at,
                       .pump_on = true,
                       .final = false,
                       .total = {},
                       .in_glass = {},
                       .longest_without_glass = Duration{0},
                       .glass_at_start = glass_present_});
  flow_ = Flow::starting;
  flow_since_ = at;
  delay_ = Duration{std::llround(around(microseconds(spec_.start_delay), spec_.pour_spread))};
  meter_factor_ = around(1.0, spec_.meter_spread);
  flow_ends_ = at + delay_ + air_left_;
}

void Plant::stop_motor(Instant at) {
  motor_on_ = false;
  episodes_.back().pump_on = false;
  flow_ends_.reset();
  if (flow_ == Flow::starting) {
    air_left_ -= std::clamp(at - flow_since_ - delay_, Duration{0}, air_left_);
    flow_ = Flow::still;
    finish_episode();
    return;
  }
  const double inertia = around(static_cast<double>(spec_.coast.count()), spec_.pour_spread);
  coast_ = clogged_ || bottle_ <= 0 ? 0 : std::min(inertia, pumped_);
  flow_ = Flow::coasting;
  flow_since_ = at;
  flow_ends_ = at + Duration{1 + std::llround(2 * coast_ / rate_)};
}

void Plant::begin_flow(Instant at) {
  flow_ends_.reset();
  air_left_ = Duration{0};
  flow_ = Flow::running;
  flow_since_ = at;
  pumped_ = 0;
  const double level = std::min(1.0, bottle_ / static_cast<double>(spec_.bottle_full.count()));
  const double by_level = 1 - spec_.flow_loss_when_empty * (1 - level);
  const auto full = static_cast<double>(spec_.flow.microlitres_per_second());
  rate_ = around(full * by_level, spec_.flow_spread) / 1e6;
}

void Plant::end_coast(Instant at) {
  flow_ends_.reset();
  flow_ = Flow::still;
  if (pumped_ > 0) {
    drip_at_ = at + drip_after;
  } else {
    finish_episode();
  }
}

void Plant::drip() {
  drip_at_.reset();
  const double most = std::min(static_cast<double>(spec_.drops_max.count()), pumped_);
  // Drops fall from the spout, behind the meter.
  flow_out(random_.uniform(std::min(drops_min, most), most), 0);
  finish_episode();
}

void Plant::finish_episode() {
  episodes_.back().final = true;
}

double Plant::share_metered(double microlitres_per_second) const {
  const double lowness = std::clamp(
      (meter_right_from - microlitres_per_second) / (meter_right_from - meter_lowest_at), 0.0, 1.0);
  return meter_factor_ * (1 - spec_.meter_loss_at_low_flow * lowness);
}

double Plant::around(double value, double spread) {
  return value * random_.uniform(1 - spread, 1 + spread);
}

}  // namespace pourtocol::firmware
