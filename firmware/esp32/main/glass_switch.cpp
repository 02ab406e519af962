#include "firmware/esp32/main/glass_switch.hpp"

#include <driver/gpio.h>
#include <esp_err.h>
#include <sdkconfig.h>

#include "firmware/esp32/main/pins.hpp"

namespace pourtocol::board {

namespace {
#if CONFIG_POURTOCOL_GLASS_SWITCH_ACTIVE_LOW
constexpr int level_of_glass = 0;
#else
constexpr int level_of_glass = 1;
#endif
}  // namespace

GlassSwitch::GlassSwitch() noexcept {
  gpio_config_t config{};
  config.pin_bit_mask = 1ULL << pins::glass;
  config.mode = GPIO_MODE_INPUT;
  config.pull_up_en = level_of_glass == 0 ? GPIO_PULLUP_ENABLE : GPIO_PULLUP_DISABLE;
  config.pull_down_en = level_of_glass == 1 ? GPIO_PULLDOWN_ENABLE : GPIO_PULLDOWN_DISABLE;
  ESP_ERROR_CHECK(gpio_config(&config));
}

firmware::hal::GlassReading GlassSwitch::read() noexcept {
  return {.present = gpio_get_level(pins::glass) == level_of_glass, .valid = true};
}

}  // namespace pourtocol::board
