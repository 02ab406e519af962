#include "firmware/esp32/main/glass_echo.hpp"

#include <driver/gpio.h>
#include <esp_attr.h>
#include <esp_err.h>
#include <esp_rom_sys.h>
#include <esp_timer.h>

#include <limits>

#include "firmware/esp32/main/pins.hpp"

namespace pourtocol::board {

namespace {

// HC-SR04 data sheet: a trigger of 10 µs, and a measurement every 60 ms at the most.
constexpr std::uint32_t trigger_us = 10;
constexpr std::int64_t period_us = 60'000;
/// Some copies of the sensor hold their line for 200 ms when nothing is in reach.
constexpr std::uint16_t out_of_reach_us = std::numeric_limits<std::uint16_t>::max();

}  // namespace

GlassEcho::GlassEcho() noexcept {
  gpio_config_t output{};
  output.pin_bit_mask = 1ULL << pins::trigger;
  output.mode = GPIO_MODE_OUTPUT;
  ESP_ERROR_CHECK(gpio_set_level(pins::trigger, 0));
  ESP_ERROR_CHECK(gpio_config(&output));
  gpio_config_t input{};
  input.pin_bit_mask = 1ULL << pins::glass;
  input.mode = GPIO_MODE_INPUT;
  input.pull_down_en = GPIO_PULLDOWN_ENABLE;  // a broken wire is a sensor that never answers
  input.intr_type = GPIO_INTR_ANYEDGE;
  ESP_ERROR_CHECK(gpio_config(&input));
  ESP_ERROR_CHECK(gpio_isr_handler_add(pins::glass, &GlassEcho::on_edge, this));
}

void IRAM_ATTR GlassEcho::on_edge(void* context) noexcept {
  auto& echo = *static_cast<GlassEcho*>(context);
  const auto now = static_cast<std::uint32_t>(esp_timer_get_time());
  const Stage stage = echo.stage_.load(std::memory_order_acquire);
  if (gpio_get_level(pins::glass) != 0) {
    if (stage != Stage::waiting) return;
    echo.rose_at_.store(now, std::memory_order_relaxed);
    echo.stage_.store(Stage::high, std::memory_order_release);
  } else {
    if (stage != Stage::high) return;
    echo.length_.store(now - echo.rose_at_.load(std::memory_order_relaxed),
                       std::memory_order_relaxed);
    echo.stage_.store(Stage::done, std::memory_order_release);
  }
}

firmware::hal::EchoReading GlassEcho::read() noexcept {
  const std::int64_t now = esp_timer_get_time();
  const Stage stage = stage_.load(std::memory_order_acquire);
  if (measuring_ && stage == Stage::done) {
    const std::uint32_t length = length_.load(std::memory_order_relaxed);
    publish(length < out_of_reach_us ? static_cast<std::uint16_t>(length) : out_of_reach_us);
  }
  if (now - triggered_at_ < period_us) return newest_;
  if (measuring_) publish(stage == Stage::high ? out_of_reach_us : 0);
  // While the line is still high the sensor hears no trigger: what it says is that nothing is near.
  if (gpio_get_level(pins::glass) != 0) {
    triggered_at_ = now;
    measuring_ = true;
    return newest_;
  }
  trigger(now);
  return newest_;
}

void GlassEcho::trigger(std::int64_t now_us) noexcept {
  triggered_at_ = now_us;
  measuring_ = true;
  stage_.store(Stage::waiting, std::memory_order_release);
  gpio_set_level(pins::trigger, 1);
  esp_rom_delay_us(trigger_us);
  gpio_set_level(pins::trigger, 0);
}

void GlassEcho::publish(std::uint16_t echo_us) noexcept {
  measuring_ = false;
  newest_ = {.number = newest_.number + 1, .echo_us = echo_us};
}

}  // namespace pourtocol::board
