// The flow meter's pulses: by the pulse counter where the chip has one (ESP32, S3, C6), by a pin's
// interrupt where it has not (C3).
#pragma once

#include <soc/soc_caps.h>

#include <cstdint>

#if SOC_PCNT_SUPPORTED
#include <driver/pulse_cnt.h>
#else
#include <atomic>
#endif

namespace pourtocol::board {

/// A `hal::FlowMeter`. After construction: the control task, at least once a second.
class FlowMeter {
 public:
  /// Without a meter it stays at 0. Without PCNT it needs `gpio_install_isr_service` before.
  FlowMeter() noexcept;
  FlowMeter(const FlowMeter&) = delete;
  FlowMeter& operator=(const FlowMeter&) = delete;

  [[nodiscard]] std::uint32_t pulses() noexcept;

 private:
#if SOC_PCNT_SUPPORTED
  pcnt_unit_handle_t unit_ = nullptr;
  int last_ = 0;
  std::uint32_t total_ = 0;
#else
  static void on_pulse(void* meter) noexcept;
  std::atomic<std::uint32_t> total_{0};  // only the interrupt writes
#endif
};

}  // namespace pourtocol::board
