// Which pin is wired to what, from the project's configuration (Kconfig.projbuild), and checked
// against what the chip can do.
#pragma once

#include <driver/gpio.h>
#include <sdkconfig.h>

namespace pourtocol::board::pins {

/// For an input, `gpio_num_t` of a fitting that is not there is `GPIO_NUM_NC`.
constexpr gpio_num_t pin(int number) noexcept {
  return static_cast<gpio_num_t>(number);
}

inline constexpr gpio_num_t pump = pin(CONFIG_POURTOCOL_PIN_PUMP);
inline constexpr gpio_num_t glass = pin(CONFIG_POURTOCOL_PIN_GLASS);
inline constexpr gpio_num_t setup = pin(CONFIG_POURTOCOL_PIN_SETUP);
static_assert(GPIO_IS_VALID_OUTPUT_GPIO(CONFIG_POURTOCOL_PIN_PUMP));
static_assert(GPIO_IS_VALID_GPIO(CONFIG_POURTOCOL_PIN_GLASS));
static_assert(GPIO_IS_VALID_GPIO(CONFIG_POURTOCOL_PIN_SETUP));

#if CONFIG_POURTOCOL_GLASS_ECHO
inline constexpr gpio_num_t trigger = pin(CONFIG_POURTOCOL_PIN_TRIGGER);
static_assert(GPIO_IS_VALID_OUTPUT_GPIO(CONFIG_POURTOCOL_PIN_TRIGGER));
#else
inline constexpr gpio_num_t trigger = GPIO_NUM_NC;
#endif

#if CONFIG_POURTOCOL_FLOW_METER
inline constexpr gpio_num_t flow = pin(CONFIG_POURTOCOL_PIN_FLOW);
static_assert(GPIO_IS_VALID_GPIO(CONFIG_POURTOCOL_PIN_FLOW));
#else
inline constexpr gpio_num_t flow = GPIO_NUM_NC;
#endif

#if CONFIG_POURTOCOL_STOP_BUTTON
inline constexpr gpio_num_t stop = pin(CONFIG_POURTOCOL_PIN_STOP);
static_assert(GPIO_IS_VALID_GPIO(CONFIG_POURTOCOL_PIN_STOP));
#else
inline constexpr gpio_num_t stop = GPIO_NUM_NC;
#endif

#if CONFIG_POURTOCOL_NFC
inline constexpr gpio_num_t sda = pin(CONFIG_POURTOCOL_PIN_SDA);
inline constexpr gpio_num_t scl = pin(CONFIG_POURTOCOL_PIN_SCL);
static_assert(GPIO_IS_VALID_OUTPUT_GPIO(CONFIG_POURTOCOL_PIN_SDA));
static_assert(GPIO_IS_VALID_OUTPUT_GPIO(CONFIG_POURTOCOL_PIN_SCL));
#else
inline constexpr gpio_num_t sda = GPIO_NUM_NC;
inline constexpr gpio_num_t scl = GPIO_NUM_NC;
#endif

/// Nothing else may be wired to the pump's pin, for it would switch the pump.
static_assert(pump != glass && pump != setup && pump != trigger && pump != flow && pump != stop &&
              pump != sda && pump != scl);

}  // namespace pourtocol::board::pins
