// When an HC-SR04 is to measure, and what the edges of its echo line say.
#pragma once

#include <cstdint>

#include "firmware/hal/board.hpp"

namespace pourtocol::board {

/// How far the measurement that was triggered last has come.
enum class EchoStage : std::uint8_t {
  waiting,  ///< the line has not risen since the trigger
  high,     ///< it has, and has not fallen since
  done,     ///< it has fallen again
};

/// The echo line as it stands now.
struct EchoLine {
  EchoStage stage = EchoStage::done;
  std::uint32_t length_us = 0;  ///< since it rose, or from rise to fall; not while `waiting`
  bool high = false;            ///< its level
};

/// Turns the line into readings. Never waits; every reading belongs to a measurement of its own.
class EchoMeasurement {
 public:
  /// To be called at every turn of the loop, with a clock that never goes back. True: the line is
  /// to become `waiting`, and then the sensor is to be triggered, at once.
  [[nodiscard]] bool update(const EchoLine& line, std::int64_t now_us) noexcept;

  /// As of the last `update`.
  [[nodiscard]] firmware::hal::EchoReading newest() const noexcept { return newest_; }

 private:
  void publish(std::uint32_t echo_us) noexcept;

  std::int64_t turned_at_us_ = 0;  ///< when it was last time for a measurement
  bool measuring_ = false;         ///< triggered, and nothing said of it yet
  firmware::hal::EchoReading newest_;
};

}  // namespace pourtocol::board
