// From raw readings of the glass sensor to "a glass is there".
#pragma once

#include "core/time.hpp"
#include "firmware/core/config.hpp"
#include "firmware/hal/board.hpp"

namespace pourtocol::firmware {

/// Slow to believe in a glass, quick to believe it gone; one reading alone decides neither, unless the
/// loop was asleep meanwhile. Readings that are not valid count as "no glass".
class GlassDebounce {
 public:
  constexpr explicit GlassDebounce(GlassTimes times) noexcept : times_{times} {}

  void update(hal::GlassReading reading, Uptime now) noexcept;

  /// A glass has stood for `settle` and has not been found gone since.
  [[nodiscard]] bool there() const noexcept { return there_; }
  /// When `there()` last turned false: nothing but invalid readings said so.
  [[nodiscard]] bool lost_blindly() const noexcept { return lost_blindly_; }
  /// How long the last absence was that ended with a glass being there.
  [[nodiscard]] Uptime last_absence() const noexcept { return last_absence_; }

 private:
  void look_for_glass(bool seen, bool continuous, Uptime now) noexcept;
  void watch_glass(bool seen, bool valid, Uptime now) noexcept;

  GlassTimes times_;
  bool there_ = false;
  bool lost_blindly_ = false;
  Uptime last_update_{-1'000'000};
  Uptime seen_since_{0};    ///< while not there
  bool seen_ = false;
  Uptime certain_at_{0};    ///< while there: when last in no doubt
  bool doubted_ = false;
  bool doubted_blindly_ = true;
  int seen_in_row_ = 0;
  Uptime gone_since_{0};
  Uptime last_absence_{0};
};

}  // namespace pourtocol::firmware
