#include "firmware/simulator/plant/plant.hpp"

#include <algorithm>
#include <cmath>

#include "core/assert.hpp"

namespace pourtocol::firmware {

namespace {

constexpr Duration drip_after{200'000};
/// An HC-SR04 must be left alone for so long between measurements.
constexpr Duration echo_period{60'000};
/// From the burst until a board knows what there is to know.
constexpr Duration echo_known_after{6'000};
/// Sound: there and back at 343 m/s.
constexpr double echo_us_per_mm = 2'000.0 / 343;

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
      began_{now},
      next_echo_{now},
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

hal::GlassInput Plant::read_glass(Instant now) {
  advance(now);
  if (spec_.sensor == SensorKind::echo) {
    measure_echo(now);
    return now >= echo_known_at_ ? echo_ : echo_before_;
  }
  if (sensor_mode_ == SensorMode::silent)
    return hal::GlassReading{.present = false, .valid = false};
  return hal::GlassReading{.present = seems_present(now), .valid = true};
}

/// What the sensor makes of the truth.
bool Plant::seems_present(Instant at) {
  if (sensor_mode_ == SensorMode::stuck_present) return true;
  if (sensor_mode_ == SensorMode::stuck_absent) return false;
  const bool noisy = sensor_noise_ > 0 && random_.chance(sensor_noise_);
  return glass_present_ != (at < spike_until_ || noisy);
}

/// Makes the newest measurement that has begun by `now`; what it depends on must not have changed
/// since the last call.
void Plant::measure_echo(Instant now) {
  if (spec_.sensor != SensorKind::echo || now < next_echo_) return;
  const Instant burst = now - (now - next_echo_) % echo_period;
  next_echo_ = burst + echo_period;
  if (sensor_mode_ == SensorMode::silent) return;
  const bool seems = seems_present(burst);
  double distance = seems ? spec_.glass_mm : spec_.wall_mm;
  const bool false_alarm = seems && !glass_present_ && sensor_mode_ == SensorMode::works;
  if (false_alarm || random_.chance(spec_.spreads.echo_spike)) {
    distance = random_.uniform(40, 50);
    if (!glass_present_) misread_at_ = burst;
  }
  distance += random_.uniform(-spec_.spreads.echo_error_mm, spec_.spreads.echo_error_mm);
  echo_before_ = echo_;
  echo_known_at_ = burst + echo_known_after;
  echo_ = {.number = echo_.number + 1,
           .echo_us = static_cast<std::uint16_t>(std::min(distance * echo_us_per_mm, 6'000.0))};
}

protocol::NfcReading Plant::read_tag() const {
  return {.ready = true, .tag_present = !tag_.empty(), .uid = tag_};
}

// ---- The world's side

void Plant::place_glass(Instant now) {
  advance(now);
  measure_echo(now);
  glass_present_ = true;
}

void Plant::lift_glass(Instant now) {
  advance(now);
  measure_echo(now);
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
  measure_echo(now);
  sensor_mode_ = mode;
}

void Plant::spike_sensor(Instant now, Duration length) {
  advance(now);
  measure_echo(now);
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
  double in_motion = 0;  // what still coasts need not be set in motion again
  moving_ = 0;
  if (flow_ == Flow::coasting) {
    in_motion = microseconds(*flow_ends_ - at) / microseconds(*flow_ends_ - flow_since_);
    moving_ = coast_ * in_motion * in_motion;
    finish_episode();
  }
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
  const double delay = around(microseconds(spec_.start_delay), spec_.spreads.start_delay);
  delay_ = Duration{std::llround(delay * (1 - in_motion))};
  meter_factor_ = around(1.0, spec_.spreads.meter_repeat);
  flow_ends_ = at + delay_ + air_left_;
}

void Plant::stop_motor(Instant at) {
  motor_on_ = false;
  episodes_.back().pump_on = false;
  flow_ends_.reset();
  if (flow_ == Flow::starting) {
    air_left_ -= std::clamp(at - flow_since_ - delay_, Duration{0}, air_left_);
    if (moving_ == 0) {
      flow_ = Flow::still;
      finish_episode();
      return;
    }
    pumped_ = moving_;
  }
  const double inertia = around(static_cast<double>(spec_.coast.count()), spec_.spreads.coast);
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
  pumped_ = moving_;
  ++pours_;
  const auto full = static_cast<double>(flow_now().microlitres_per_second());
  rate_ = around(full, spec_.spreads.supply) / 1e6;
}

FlowRate Plant::flow_now() const {
  const double level = std::min(1.0, bottle_ / static_cast<double>(spec_.bottle_full.count()));
  const double by_level = 1 - spec_.spreads.level_loss * (1 - level);
  const double worn = 1 - spec_.wear_per_pour * static_cast<double>(pours_);
  const auto full = static_cast<double>(spec_.flow_at_power().microlitres_per_second());
  return FlowRate{std::llround(full * by_level * worn * (1 + supply_drift()))};
}

/// From one extreme to the other and back, evenly.
double Plant::supply_drift() const {
  const double turns =
      spec_.drift_phase + microseconds(now_ - began_) / microseconds(spec_.drift_period);
  const double place = turns - std::floor(turns);
  const double wave = place < 0.5 ? 4 * place - 1 : 3 - 4 * place;
  return spec_.spreads.supply_drift * wave;
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
  flow_out(random_.uniform(std::min(1'000 * spec_.spreads.drops_ml.low, most), most), 0);
  finish_episode();
}

void Plant::finish_episode() {
  episodes_.back().final = true;
}

double Plant::share_metered(double microlitres_per_second) const {
  return meter_factor_ * spec_.share_metered(microlitres_per_second);
}

double Plant::around(double value, double spread) {
  return value * random_.uniform(1 - spread, 1 + spread);
}

}  // namespace pourtocol::firmware
