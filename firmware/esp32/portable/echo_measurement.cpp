#include "firmware/esp32/portable/echo_measurement.hpp"

#include <algorithm>

namespace pourtocol::board {

namespace {

/// The data sheet wants no two triggers nearer than this.
constexpr std::int64_t period_us = 60'000;
/// A metre, and no glass (hal::EchoReading). The sensor holds its line for 38 ms when nothing is in
/// reach, some copies for 200 ms: nobody waits for that.
constexpr std::uint32_t echo_us_max = 6'000;

}  // namespace

bool EchoMeasurement::update(const EchoLine& line, std::int64_t now_us) noexcept {
  const bool too_far = line.stage == EchoStage::high && line.length_us >= echo_us_max;
  if (measuring_ && (line.stage == EchoStage::done || too_far)) publish(line.length_us);
  if (now_us - turned_at_us_ < period_us) return false;
  turned_at_us_ = now_us;
  if (line.high) {
    // A sensor whose line is high hears no trigger. Either nothing is in its reach or it is broken;
    // what it measured before must not be said again.
    publish(echo_us_max);
    return false;
  }
  if (measuring_) publish(0);
  measuring_ = true;
  return true;
}

void EchoMeasurement::publish(std::uint32_t echo_us) noexcept {
  measuring_ = false;
  newest_ = {.number = newest_.number + 1,
             .echo_us = static_cast<std::uint16_t>(std::min(echo_us, echo_us_max))};
}

}  // namespace pourtocol::board
