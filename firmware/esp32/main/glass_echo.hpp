// An HC-SR04 above the glass: a trigger starts a burst, and the echo line is high for as long as
// the sound travels.
#pragma once

#include <atomic>
#include <cstdint>

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

  /// The newest whole measurement. With nothing in reach the sensor holds its line for 38 ms, which
  /// is a distance like any other; where no echo ever comes (a broken wire), `echo_us` is 0.
  [[nodiscard]] firmware::hal::EchoReading read() noexcept;

 private:
  static void on_edge(void* echo) noexcept;
  void trigger(std::int64_t now_us) noexcept;
  void publish(std::uint16_t echo_us) noexcept;

  // The interrupt's: where the measurement that was triggered last stands. All times in µs, 32 bits
  // of the clock, whose differences are exact across a wrap.
  enum class Stage : std::uint8_t { waiting, high, done };
  std::atomic<Stage> stage_{Stage::done};
  std::atomic<std::uint32_t> rose_at_{0};
  std::atomic<std::uint32_t> length_{0};

  // The control task's.
  std::int64_t triggered_at_ = 0;
  bool measuring_ = false;
  firmware::hal::EchoReading newest_;
};

}  // namespace pourtocol::board
