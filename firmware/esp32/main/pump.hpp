// The pump's MOSFET, and the hardware timer that guards it.
//
// Off is what happens by itself: at reset (the gate's pull-down), at the end of the timer (an
// interrupt that no task and no flash access can hold up), in a panic (before a word is printed),
// at a failed assertion, when the supply sags, at any restart by software.
//
// A pump at full power has its pin high. A slowed one is switched by a modulator (LEDC) that runs
// all the time; its pin is connected to that instead, and off means that it no longer is.
#pragma once

#include <driver/gptimer.h>
#include <driver/gptimer_types.h>

#include <atomic>
#include <cstdint>

#include "firmware/core/pump_power.hpp"
#include "firmware/hal/board.hpp"

namespace pourtocol::board {

/// Drives the pump's pin low, from any context: a task, an interrupt, a panic.
void force_pump_off() noexcept;

/// A `hal::Pump`. One only, and after `begin` it belongs to the control task.
class Pump {
 public:
  Pump() noexcept = default;
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

  /// Makes the pin an output that is low. The first thing a boot does.
  static void hold_low() noexcept;

  /// Claims the timer and tries it out with the pump off; at less than full power, the modulator
  /// too. The timer's interrupt will run on the calling task's core: not the control task's, where
  /// there are two. False: there is no guard to rely on, or the pump would run at another power
  /// than it is believed to, and no order may be taken.
  [[nodiscard]] bool begin(firmware::PumpPower power) noexcept;

  void switch_on(firmware::hal::Milliseconds cut_off) noexcept;
  void renew_cut_off(firmware::hal::Milliseconds cut_off) noexcept;
  void switch_off() noexcept;

 private:
  static bool on_alarm(gptimer_handle_t timer, const gptimer_alarm_event_data_t* event,
                       void* pump) noexcept;
  /// False if the time was over before the timer was set.
  [[nodiscard]] bool arm(std::uint64_t microseconds) noexcept;
  [[nodiscard]] bool claim_timer() noexcept;
  [[nodiscard]] bool try_out() noexcept;

  gptimer_handle_t timer_ = nullptr;
  std::atomic<bool> expired_{false};
  bool modulated_ = false;
};

}  // namespace pourtocol::board
