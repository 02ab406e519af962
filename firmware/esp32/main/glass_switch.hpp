// An infrared barrier or a microswitch under the glass: one line, one level.
#pragma once

#include "firmware/hal/board.hpp"

namespace pourtocol::board {

/// A `hal::GlassSensor`. A broken wire reads as "no glass": the pull-up (or pull-down) holds the
/// line at the level that means it. After construction: the control task.
class GlassSwitch {
 public:
  GlassSwitch() noexcept;
  [[nodiscard]] firmware::hal::GlassReading read() noexcept;
};

}  // namespace pourtocol::board
