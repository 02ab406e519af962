#include "firmware/esp32/main/boot_guard.hpp"

#include <esp_attr.h>

#include <cstdint>

namespace pourtocol::board {

namespace {

constexpr std::uint32_t crashes_max = 3;
constexpr std::uint32_t known = 0x706F7572;  // "pour": memory after power-on holds anything

struct Memory {
  std::uint32_t mark;
  std::uint32_t crashes;
  std::uint32_t starting;
};
RTC_NOINIT_ATTR Memory memory;

bool crashed(esp_reset_reason_t reason) {
  return reason == ESP_RST_PANIC || reason == ESP_RST_INT_WDT || reason == ESP_RST_TASK_WDT ||
         reason == ESP_RST_WDT;
}

}  // namespace

const char* name_of(esp_reset_reason_t reason) noexcept {
  switch (reason) {
    case ESP_RST_POWERON:
      return "power-on";
    case ESP_RST_EXT:
      return "reset pin";
    case ESP_RST_SW:
      return "restart";
    case ESP_RST_PANIC:
      return "panic";
    case ESP_RST_INT_WDT:
      return "interrupt watchdog";
    case ESP_RST_TASK_WDT:
      return "task watchdog";
    case ESP_RST_WDT:
      return "watchdog";
    case ESP_RST_BROWNOUT:
      return "brown-out";
    default:
      return "another";
  }
}

BootGuard::BootGuard(esp_reset_reason_t reason) noexcept {
  if (memory.mark != known || !crashed(reason)) {
    memory = {.mark = known, .crashes = 0, .starting = 0};
  } else if (memory.starting == 1) {
    ++memory.crashes;
  }
  memory.starting = 0;
}

bool BootGuard::network_may_start() const noexcept {
  return memory.crashes < crashes_max;
}

void BootGuard::network_starts() noexcept {
  memory.starting = 1;
}

void BootGuard::network_is_up() noexcept {
  memory.starting = 0;
  memory.crashes = 0;
}

}  // namespace pourtocol::board
