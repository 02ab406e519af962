// An HC-SR04 above the glass: a trigger starts a burst, and the echo line is high for as long as
// the sound travels.
#pragma once

#include <atomic>
#include <cstdint>

#include "firmware/esp32/portable/echo_measurement.hpp"
#include "firmware/hal/board.hpp"

namespace pourtocol::board {

/// A `hal::GlassSensor`. The control task's readings keep the measurements going (a trigger of
/// 10 µs every 60 ms); an interrupt takes the times of the echo's edges. Nobody waits for sound.
class GlassEcho {
 public:
  /// Needs `gpio_install_isr_service` before.
  GlassEcho() noexcept;
  GlassEcho(const GlassEcho&) = delete;
  GlassEcho& operator=(const GlassEcho&) = delete;

  /// The newest measurement, as `hal::EchoReading` has it.
  [[nodiscard]] firmware::hal::EchoReading read() noexcept;

 private:
  static void on_edge(void* echo) noexcept;
  void trigger() noexcept;

  // The interrupt's: where the measurement that was triggered last stands. All times in µs, 32 bits
  // of the clock, whose differences are exact across a wrap.
  std::atomic<EchoStage> stage_{EchoStage::done};
  std::atomic<std::uint32_t> rose_at_{0};
  std::atomic<std::uint32_t> length_{0};

  EchoMeasurement measurement_;  ///< the control task's
};

}  // namespace pourtocol::board
