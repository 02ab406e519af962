// Milliseconds since power-on.
#pragma once

#include <esp_timer.h>

#include <cstdint>

namespace pourtocol::board {

/// A `hal::Clock` over ESP-IDF's 64-bit microsecond timer; the 32 bits wrap after 49.7 days, as the
/// core expects. Any task.
class Clock {
 public:
  [[nodiscard]] std::uint32_t ticks_ms() noexcept {
    return static_cast<std::uint32_t>(esp_timer_get_time() / 1'000);
  }
};

}  // namespace pourtocol::board
