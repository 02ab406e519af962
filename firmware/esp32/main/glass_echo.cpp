#include "firmware/esp32/main/glass_echo.hpp"

#include <driver/gpio.h>
#include <esp_attr.h>
#include <esp_err.h>
#include <esp_rom_sys.h>
#include <esp_timer.h>

#include "firmware/esp32/main/pins.hpp"

namespace pourtocol::board {

namespace {

// HC-SR04 data sheet.
constexpr std::uint32_t trigger_us = 10;

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
  const EchoStage stage = echo.stage_.load(std::memory_order_acquire);
  if (gpio_get_level(pins::glass) != 0) {
    if (stage != EchoStage::waiting) return;
    echo.rose_at_.store(now, std::memory_order_relaxed);
    echo.stage_.store(EchoStage::high, std::memory_order_release);
  } else {
    if (stage != EchoStage::high) return;
    echo.length_.store(now - echo.rose_at_.load(std::memory_order_relaxed),
                       std::memory_order_relaxed);
    echo.stage_.store(EchoStage::done, std::memory_order_release);
  }
}

firmware::hal::EchoReading GlassEcho::read() noexcept {
  EchoLine line{.stage = stage_.load(std::memory_order_acquire)};
  const std::uint32_t rose_at = rose_at_.load(std::memory_order_relaxed);
  // Taken after what the interrupt wrote, or a line that rose in between would have been high for
  // an hour.
  const std::int64_t now = esp_timer_get_time();
  line.length_us = line.stage == EchoStage::high ? static_cast<std::uint32_t>(now) - rose_at
                                                 : length_.load(std::memory_order_relaxed);
  line.high = gpio_get_level(pins::glass) != 0;
  if (measurement_.update(line, now)) trigger();
  return measurement_.newest();
}

void GlassEcho::trigger() noexcept {
  stage_.store(EchoStage::waiting, std::memory_order_release);
  gpio_set_level(pins::trigger, 1);
  esp_rom_delay_us(trigger_us);
  gpio_set_level(pins::trigger, 0);
}

}  // namespace pourtocol::board
