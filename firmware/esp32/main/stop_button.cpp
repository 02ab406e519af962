#include "firmware/esp32/main/stop_button.hpp"

#include <esp_err.h>

namespace pourtocol::board {

Button::Button(gpio_num_t pin) noexcept : pin_{pin} {
  if (pin_ == GPIO_NUM_NC) return;
  gpio_config_t config{};
  config.pin_bit_mask = 1ULL << pin_;
  config.mode = GPIO_MODE_INPUT;
  config.pull_up_en = GPIO_PULLUP_ENABLE;
  ESP_ERROR_CHECK(gpio_config(&config));
}

bool Button::pressed() noexcept {
  return pin_ != GPIO_NUM_NC && gpio_get_level(pin_) == 0;
}

}  // namespace pourtocol::board
