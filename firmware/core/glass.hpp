// From raw readings of the glass sensor to "a glass is there".
#pragma once

#include <optional>

#include "core/time.hpp"
#include "firmware/core/config.hpp"
#include "firmware/hal/board.hpp"

namespace pourtocol::firmware {

/// Slow to believe in a glass, quick to believe it gone; one reading alone decides neither, unless
/// the loop was asleep meanwhile. Readings that are not valid count as "no glass".
class GlassDebounce {
 public:
  constexpr explicit GlassDebounce(GlassTimes times) noexcept : times_{times} {}

  void update(hal::GlassReading reading, Uptime now) noexcept;

  /// A glass has stood for `settle` and has not been found gone since.
  [[nodiscard]] bool there() const noexcept { return there_; }
  /// So it is, and the newest reading says so too: what a pour needs to begin. While one runs, a
  /// single reading of "gone" is only a doubt.
  [[nodiscard]] bool certain() const noexcept { return there_ && !doubted_; }
  /// When `there()` last turned false: nothing but invalid readings said so.
  [[nodiscard]] bool lost_blindly() const noexcept { return blindly_; }
  /// How long the last absence was that ended with a glass being there.
  [[nodiscard]] Uptime last_absence() const noexcept { return last_absence_; }

 private:
  void look_for_glass(bool seen, bool continuous, Uptime now) noexcept;
  void watch_glass(bool seen, bool valid, Uptime now) noexcept;

  GlassTimes times_;
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

}  // namespace pourtocol::firmware
