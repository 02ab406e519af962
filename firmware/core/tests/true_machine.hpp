// What a machine truly does, for those who watch the core from outside: a pump that starts late,
// coasts and drips, and a meter that counts what goes through it. Its numbers are the machine's
// own; the core knows only what its calibration says of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace pourtocol::firmware {

/// Times in ms of the watcher's own clock, which never wraps. Volumes in nl: 1 µl/s is 1 nl/ms.
class TrueMachine {
 public:
  struct Nature {
    std::int64_t flow = 12'000;      ///< nl/ms
    std::int64_t start_delay = 150;  ///< ms
    std::int64_t coast = 1'500'000;  ///< nl; never more than what was pumped
    std::int64_t drops = 300'000;    ///< nl, after the coast and past the meter
    std::int64_t pulses_per_litre = 5'880;
  };
  explicit TrueMachine(const Nature& nature) noexcept : nature_{nature} {}

  void switch_on(std::int64_t now, std::int64_t cut_off) noexcept {
    advance(now);
    delay_ = now < rests_at_ ? 0 : nature_.start_delay;
    on_ = true;
    on_at_ = now;
    // What still moves is moved on, and may coast after this span; what hangs at the spout, too.
    pumped_ = coast_left_;
    coast_left_ = drops_left_ = 0;
    cut_off_at_ = now + cut_off;
    advance(now);
  }
  void renew_cut_off(std::int64_t now, std::int64_t cut_off) noexcept {
    advance(now);
    if (on_) cut_off_at_ = now + cut_off;
    advance(now);
  }
  void switch_off(std::int64_t now) noexcept {
    advance(now);
    if (on_) stop();
  }

  /// The hardware's timer does not wait for anybody.
  void advance(std::int64_t now) noexcept {
    if (on_) {
      run(std::min(now, cut_off_at_));
      if (now_ >= cut_off_at_) stop();
    }
    rest(now);
  }

  [[nodiscard]] bool is_on() const noexcept { return on_; }
  /// Until when the pump has run, if it ever did.
  [[nodiscard]] std::int64_t on_until() const noexcept { return on_ ? now_ : off_at_; }
  [[nodiscard]] std::uint32_t pulses() const noexcept {
    return static_cast<std::uint32_t>(metered_ * nature_.pulses_per_litre / 1'000'000'000);
  }

  /// A new order begins: what comes from here on is its own, and the liquid is at rest.
  void begin_run() noexcept {
    flowed_ = coast_left_ = drops_left_ = 0;
    rests_at_ = now_;
  }
  /// What this run has brought and will still bring if the pump stays off, rounded to µl.
  [[nodiscard]] std::int64_t comes_to_at_least() const noexcept {
    return (flowed_ + coast_left_ + drops_left_) / 1000;
  }
  [[nodiscard]] std::int64_t comes_to_at_most() const noexcept { return comes_to_at_least() + 1; }

  bool meter_dead = false;

 private:
  void run(std::int64_t until) noexcept {
    const std::int64_t flowing_from = std::max(now_, on_at_ + delay_);
    if (until > flowing_from) {
      const std::int64_t volume = (until - flowing_from) * nature_.flow;
      pumped_ += volume;
      flow(volume);
    }
    now_ = std::max(now_, until);
  }
  void stop() noexcept {
    on_ = false;
    off_at_ = now_;
    coast_left_ = std::min(nature_.coast, pumped_);
    if (pumped_ > 0) drops_left_ = nature_.drops;
    // Ever slower it takes twice as long as at full speed, and until then nothing is sure to be
    // lost to the start delay.
    rests_at_ = std::max(rests_at_, now_ + 2 * coast_left_ / nature_.flow + 1);
  }
  void rest(std::int64_t until) noexcept {
    if (on_ || until <= now_) return;
    // What coasts is no faster than what was pumped.
    const std::int64_t longest = std::min(until - now_, std::int64_t{100'000});
    const std::int64_t volume = std::min(coast_left_, longest * nature_.flow);
    coast_left_ -= volume;
    flow(volume);
    if (coast_left_ == 0 && until - off_at_ >= dripping_after) {
      flowed_ += drops_left_;
      drops_left_ = 0;
    }
    now_ = until;
  }
  void flow(std::int64_t volume) noexcept {
    flowed_ += volume;
    if (!meter_dead) metered_ += volume;
  }

  static constexpr std::int64_t dripping_after = 200;

  Nature nature_;
  std::int64_t now_ = 0;
  bool on_ = false;
  std::int64_t on_at_ = 0;
  std::int64_t off_at_ = -1'000'000;
  std::int64_t cut_off_at_ = 0;
  std::int64_t rests_at_ = 0;
  std::int64_t delay_ = 0;
  std::int64_t pumped_ = 0;
  std::int64_t coast_left_ = 0;
  std::int64_t drops_left_ = 0;
  std::int64_t flowed_ = 0;
  std::int64_t metered_ = 0;
};

}  // namespace pourtocol::firmware
