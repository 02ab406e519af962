// Buttons that people hold: the machine's own stop, and setup.
#pragma once

#include <driver/gpio.h>

namespace pourtocol::board {

/// A button to ground, on a pin with its pull-up. A `hal::StopButton`. Any task.
class Button {
 public:
  /// `GPIO_NUM_NC`: there is none, and it is never pressed.
  explicit Button(gpio_num_t pin) noexcept;
  [[nodiscard]] bool pressed() noexcept;

 private:
  gpio_num_t pin_;
};

}  // namespace pourtocol::board
