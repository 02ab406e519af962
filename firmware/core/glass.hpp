// From raw readings of the glass sensor to "a glass is there".
#pragma once

#include <cstdint>
#include <optional>

#include "core/time.hpp"
#include "firmware/core/config.hpp"
#include "firmware/hal/board.hpp"

namespace pourtocol::firmware {

/// Slow to believe in a glass, quick to believe it gone; one reading alone decides neither, unless
/// the loop was asleep meanwhile. Readings that are not valid count as "no glass".
class GlassDebounce {
 public:
  /// Between readings further apart than `gap_max`, anything may have happened.
  constexpr explicit GlassDebounce(GlassTimes times, Uptime gap_max = Uptime{50}) noexcept
      : times_{times}, gap_max_{gap_max} {}

  void update(hal::GlassReading reading, Uptime now) noexcept;
  /// Nobody has looked for a while: a glass that was there may have been lifted.
  void doubt() noexcept;

  /// A glass has stood for `settle` and has not been found gone since.
  [[nodiscard]] bool there() const noexcept { return there_; }
  /// So it is, and the newest reading says so too, or after a doubt the two newest: what the pump
  /// needs to go on. An order is taken, and a pour by frequent readings runs on, in doubt too.
  [[nodiscard]] bool certain() const noexcept { return there_ && !doubted_; }
  /// When `there()` last turned false: nothing but invalid readings said so.
  [[nodiscard]] bool lost_blindly() const noexcept { return blindly_; }
  /// How long the last absence was that ended with a glass being there.
  [[nodiscard]] Uptime last_absence() const noexcept { return last_absence_; }

 private:
  void look_for_glass(bool seen, bool continuous, Uptime now) noexcept;
  void watch_glass(bool seen, bool valid, Uptime now) noexcept;

  GlassTimes times_;
  Uptime gap_max_;
  std::optional<Uptime> last_update_;
  bool there_ = false;

  // While no glass is there.
  std::optional<Uptime> seen_since_;
  Uptime gone_since_{0};
  Uptime last_absence_{0};

  // While one is.
  Uptime certain_at_{0};  ///< the last reading that was beyond doubt
  bool doubted_ = false;
  bool blindly_ = false;  ///< no valid reading took part in the last doubt
  int seen_in_row_ = 0;   ///< since it began
};

/// What an ultrasonic sensor's echo says. One stands 60 ms for itself, errs by 3 mm and now and
/// then by far more (a false 4-5 cm), so a glass that stands is recognised by its own distance.
class EchoFilter {
 public:
  constexpr explicit EchoFilter(std::uint16_t glass_within_mm) noexcept
      : glass_within_mm_{glass_within_mm} {}

  /// The reading in words, if it is a new one, or if none has come for too long (not valid).
  /// `there`: a glass is believed to stand there. `watched`: how long the loop was
  /// awake before this call, at most one turn of it.
  [[nodiscard]] std::optional<hal::GlassReading> update(const hal::EchoReading& echo, bool there,
                                                        Uptime watched) noexcept;

 private:
  [[nodiscard]] bool is_glass(int distance_mm, bool there) noexcept;

  int glass_within_mm_;
  std::optional<std::uint32_t> number_;  ///< of the last measurement
  Uptime silent_for_{0};                 ///< since then, while the loop was awake
  int distance_mm_ = 0;                  ///< of the glass, while one is there or seems to be
};

/// The glass, by whatever sensor the board has.
class GlassWatch {
 public:
  explicit GlassWatch(const Config& config) noexcept;

  void update(const hal::GlassInput& input, Uptime now) noexcept;

  [[nodiscard]] bool there() const noexcept { return debounce().there(); }
  /// What has been read says so beyond doubt, and is fresh enough to run the pump on until the loop
  /// has had another turn.
  [[nodiscard]] bool certain(Uptime now) const noexcept;
  [[nodiscard]] bool lost_blindly() const noexcept { return debounce().lost_blindly(); }
  [[nodiscard]] Uptime last_absence() const noexcept { return debounce().last_absence(); }

  /// The sensor gives readings.
  [[nodiscard]] bool valid() const noexcept { return valid_; }
  /// Readings come so rarely that a doubt must hold the pump until it is settled.
  [[nodiscard]] bool rare() const noexcept { return by_echo_; }
  /// How long from `now` the pump may run on what has been read; at least 0.
  [[nodiscard]] Milliseconds trust(Uptime now) const noexcept;

 private:
  [[nodiscard]] const GlassDebounce& debounce() const noexcept {
    return by_echo_ ? by_rare_readings_ : by_frequent_readings_;
  }

  GlassDebounce by_frequent_readings_;
  GlassDebounce by_rare_readings_;
  EchoFilter filter_;
  bool by_echo_ = false;
  bool valid_ = true;
  Uptime looked_at_{0};  ///< when an echo was last asked for
  Uptime seen_at_{0};    ///< the last new echo of the glass
};

}  // namespace pourtocol::firmware
