// Which stop of a tap is meant.
#pragma once

#include <cstdint>
#include <limits>

namespace pourtocol::control {

/// Tells one stop of a tap from another: each has a higher number than all before it, also over
/// restarts.
enum class StopNumber : std::int64_t {
  none = 0,
  last = std::numeric_limits<std::int64_t>::max(),
};

}  // namespace pourtocol::control
