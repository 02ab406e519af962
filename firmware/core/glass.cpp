#include "firmware/core/glass.hpp"

#include <algorithm>
#include <cstdlib>

namespace pourtocol::firmware {

namespace {

/// This many readings of "there" in a row lay a doubt to rest.
constexpr int certain_after = 2;

// ---- Ultrasonic sensors, measuring every 60 ms
/// A glass is gone when this long no measurement has seen it: two of them, and a turn of the loop.
constexpr Milliseconds echo_confirm{110};
constexpr Uptime echo_gap_max{150};
/// Without a new measurement for so long the sensor is not working.
constexpr Uptime echo_silence_max{150};
/// The longest that a loop which is not late takes for a turn.
constexpr Milliseconds turn{10};
/// From the loop's first look at a measurement: it may be 16 ms old then, and 100 ms after it the
/// pump must be off. Long enough for the next one, which comes within 70 ms.
constexpr Milliseconds echo_trust{80};
/// Less trust than this may end before the loop's next turn: that, and what stamps err, and a pour
/// ends two such errors before its cut-off.
constexpr Milliseconds trust_min{14};
/// A glass that stands still is found within this of where it was: an error of 3 mm on either side,
/// and what a filling glass shakes.
constexpr int same_distance_mm = 8;
/// Nearer than 2 cm an HC-SR04 hears itself.
constexpr int distance_min_mm = 15;

/// Sound travels 343 m/s at 20 °C, there and back.
int distance_mm(std::uint16_t echo_us) {
  return static_cast<int>(echo_us * 343L / 2000);
}

}  // namespace

void GlassDebounce::update(hal::GlassReading reading, Uptime now) noexcept {
  const bool seen = reading.valid && reading.present;
  const bool continuous = last_update_ && now - *last_update_ <= gap_max_;
  if (there_) {
    watch_glass(seen, reading.valid, now);
  } else {
    look_for_glass(seen, continuous, now);
  }
  last_update_ = now;
}

void GlassDebounce::doubt() noexcept {
  if (!there_) return;
  if (!doubted_) blindly_ = true;
  doubted_ = true;
  seen_in_row_ = 0;
}

void GlassDebounce::look_for_glass(bool seen, bool continuous, Uptime now) noexcept {
  if (!seen) {
    seen_since_.reset();
    return;
  }
  if (!seen_since_ || !continuous) seen_since_ = now;
  if (now - *seen_since_ < times_.settle) return;
  there_ = true;
  certain_at_ = now;
  doubted_ = false;
  last_absence_ = *seen_since_ - gone_since_;
}

void GlassDebounce::watch_glass(bool seen, bool valid, Uptime now) noexcept {
  if (seen) {
    ++seen_in_row_;
    if (!doubted_ || seen_in_row_ >= certain_after) {
      certain_at_ = now;
      doubted_ = false;
    }
    return;
  }
  doubt();
  blindly_ = blindly_ && !valid;
  // Counted from the last reading that was beyond doubt, so that a loop that was asleep meanwhile
  // does not lengthen the wait.
  if (now - certain_at_ < times_.confirm) return;
  there_ = false;
  gone_since_ = certain_at_;
  seen_since_.reset();
}

std::optional<hal::GlassReading> EchoFilter::update(const hal::EchoReading& echo, bool there,
                                                    Uptime watched) noexcept {
  if (number_ == echo.number) {
    silent_for_ += watched;
    if (silent_for_ <= echo_silence_max) return std::nullopt;
    return hal::GlassReading{.present = false, .valid = false};
  }
  const bool first = !number_;
  number_ = echo.number;
  silent_for_ = Uptime{0};
  if (first) return std::nullopt;  // nobody knows how old it is
  const bool heard = echo.echo_us > 0;
  return hal::GlassReading{.present = heard && is_glass(distance_mm(echo.echo_us), there),
                           .valid = heard};
}

bool EchoFilter::is_glass(int distance_mm, bool there) noexcept {
  const bool near = distance_min_mm <= distance_mm && distance_mm <= glass_within_mm_;
  if (near && std::abs(distance_mm - distance_mm_) <= same_distance_mm) return true;
  // While none is there, whatever is near may be the next one.
  if (!there) distance_mm_ = near ? distance_mm : 0;
  return near && !there;
}

GlassWatch::GlassWatch(const Config& config) noexcept
    : by_frequent_readings_{config.glass},
      by_rare_readings_{{.settle = config.glass.settle, .confirm = echo_confirm}, echo_gap_max},
      filter_{config.glass_within_mm} {}

void GlassWatch::update(const hal::GlassInput& input, Uptime now) noexcept {
  if (const auto* reading = std::get_if<hal::GlassReading>(&input)) {
    by_echo_ = false;
    valid_ = reading->valid;
    by_frequent_readings_.update(*reading, now);
    return;
  }
  by_echo_ = true;
  // A loop that is late finds an echo that may have come at any time since it looked last. If it
  // finds none, a board may not have measured while nobody asked it to.
  const Uptime watched = std::min<Uptime>(now - looked_at_, turn);
  const Uptime came_at = looked_at_ + watched;
  const bool slept = now - looked_at_ > echo_gap_max;
  looked_at_ = now;
  const auto reading = filter_.update(*std::get_if<hal::EchoReading>(&input), there(), watched);
  if (reading) {
    valid_ = reading->valid;
    if (reading->present) seen_at_ = came_at;
    by_rare_readings_.update(*reading, now);
  }
  // Whatever it found is of before: one echo alone that comes now may err.
  if (slept) by_rare_readings_.doubt();
}

bool GlassWatch::certain(Uptime now) const noexcept {
  return debounce().certain() && trust(now) >= trust_min;
}

Milliseconds GlassWatch::trust(Uptime now) const noexcept {
  if (!by_echo_) return Milliseconds::max();
  return std::max(seen_at_ + echo_trust - now, Milliseconds{0});
}

}  // namespace pourtocol::firmware
