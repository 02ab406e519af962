// Which pin is wired to what, from the project's configuration (Kconfig.projbuild), and checked
// against what the chip can do.
#pragma once

#include <driver/gpio.h>
#include <sdkconfig.h>

#include "firmware/esp32/portable/pin_rules.hpp"

namespace pourtocol::board::pins {

#if CONFIG_IDF_TARGET_ESP32
inline constexpr Chip chip = Chip::esp32;
#elif CONFIG_IDF_TARGET_ESP32S3
inline constexpr Chip chip = Chip::esp32s3;
#elif CONFIG_IDF_TARGET_ESP32C3
inline constexpr Chip chip = Chip::esp32c3;
#elif CONFIG_IDF_TARGET_ESP32C6
inline constexpr Chip chip = Chip::esp32c6;
#else
#error "Which pins of this chip are quiet at power-on? (portable/pin_rules.hpp)"
#endif

/// For an input, `gpio_num_t` of a fitting that is not there is `GPIO_NUM_NC`.
constexpr gpio_num_t pin(int number) noexcept {
  return static_cast<gpio_num_t>(number);
}

/// With a pull-up and a pull-down of its own, which on the ESP32 only pins that can drive have.
constexpr bool usable(int number) noexcept {
  return GPIO_IS_VALID_OUTPUT_GPIO(number) && may_be_wired(chip, number);
}

inline constexpr gpio_num_t pump = pin(CONFIG_POURTOCOL_PIN_PUMP);
inline constexpr gpio_num_t glass = pin(CONFIG_POURTOCOL_PIN_GLASS);
inline constexpr gpio_num_t setup = pin(CONFIG_POURTOCOL_PIN_SETUP);
static_assert(usable(CONFIG_POURTOCOL_PIN_PUMP));
static_assert(may_switch_pump(chip, CONFIG_POURTOCOL_PIN_PUMP),
              "this pin may switch the pump on before the firmware runs");
static_assert(usable(CONFIG_POURTOCOL_PIN_GLASS));
static_assert(usable(CONFIG_POURTOCOL_PIN_SETUP));

#if CONFIG_POURTOCOL_GLASS_ECHO
inline constexpr gpio_num_t trigger = pin(CONFIG_POURTOCOL_PIN_TRIGGER);
static_assert(usable(CONFIG_POURTOCOL_PIN_TRIGGER));
#else
inline constexpr gpio_num_t trigger = GPIO_NUM_NC;
#endif

#if CONFIG_POURTOCOL_FLOW_METER
inline constexpr gpio_num_t flow = pin(CONFIG_POURTOCOL_PIN_FLOW);
static_assert(usable(CONFIG_POURTOCOL_PIN_FLOW));
#else
inline constexpr gpio_num_t flow = GPIO_NUM_NC;
#endif

#if CONFIG_POURTOCOL_STOP_BUTTON
inline constexpr gpio_num_t stop = pin(CONFIG_POURTOCOL_PIN_STOP);
static_assert(usable(CONFIG_POURTOCOL_PIN_STOP));
#else
inline constexpr gpio_num_t stop = GPIO_NUM_NC;
#endif

#if CONFIG_POURTOCOL_NFC
inline constexpr gpio_num_t sda = pin(CONFIG_POURTOCOL_PIN_SDA);
inline constexpr gpio_num_t scl = pin(CONFIG_POURTOCOL_PIN_SCL);
static_assert(usable(CONFIG_POURTOCOL_PIN_SDA));
static_assert(usable(CONFIG_POURTOCOL_PIN_SCL));
#else
inline constexpr gpio_num_t sda = GPIO_NUM_NC;
inline constexpr gpio_num_t scl = GPIO_NUM_NC;
#endif

/// Nothing else may be wired to the pump's pin, for it would switch the pump.
static_assert(pump != glass && pump != setup && pump != trigger && pump != flow && pump != stop &&
              pump != sda && pump != scl);

}  // namespace pourtocol::board::pins
