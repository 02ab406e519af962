#include "firmware/core/glass.hpp"

namespace pourtocol::firmware {

namespace {

/// Between readings further apart than this, anything may have happened.
constexpr Uptime gap_max{50};
/// This many readings of "there" in a row lay a doubt to rest.
constexpr int certain_after = 2;

}  // namespace

void GlassDebounce::update(hal::GlassReading reading, Uptime now) noexcept {
  const bool seen = reading.valid && reading.present;
  const bool continuous = last_update_ && now - *last_update_ <= gap_max;
  if (there_) {
    watch_glass(seen, reading.valid, now);
  } else {
    look_for_glass(seen, continuous, now);
  }
  last_update_ = now;
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
  if (!doubted_) blindly_ = true;
  doubted_ = true;
  blindly_ = blindly_ && !valid;
  seen_in_row_ = 0;
  // Counted from the last reading that was beyond doubt, so that a loop that was asleep meanwhile
  // does not lengthen the wait.
  if (now - certain_at_ < times_.confirm) return;
  there_ = false;
  gone_since_ = certain_at_;
  seen_since_.reset();
}

}  // namespace pourtocol::firmware
