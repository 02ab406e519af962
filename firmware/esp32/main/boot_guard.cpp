#include "firmware/esp32/main/boot_guard.hpp"

namespace pourtocol::board {

namespace {

constexpr int crashes_max = 3;

/// Somebody wants it so, and it is worth another try.
bool is_fresh_start(esp_reset_reason_t reason) {
  return reason == ESP_RST_POWERON || reason == ESP_RST_EXT || reason == ESP_RST_SW;
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
    case ESP_RST_CPU_LOCKUP:
      return "lock-up of the processor";
    case ESP_RST_BROWNOUT:
      return "brown-out";
    case ESP_RST_PWR_GLITCH:
      return "glitch of the supply";
    default:
      return "another";
  }
}

protocol::ResetReason reset_reason_of(esp_reset_reason_t reason) noexcept {
  switch (reason) {
    case ESP_RST_POWERON:
      return protocol::ResetReason::power_on;
    case ESP_RST_BROWNOUT:
    case ESP_RST_PWR_GLITCH:
      return protocol::ResetReason::brown_out;
    case ESP_RST_INT_WDT:
    case ESP_RST_TASK_WDT:
    case ESP_RST_WDT:
      return protocol::ResetReason::watchdog;
    case ESP_RST_PANIC:
    case ESP_RST_CPU_LOCKUP:  // an exception within an exception
      return protocol::ResetReason::panic;
    case ESP_RST_SW:
      return protocol::ResetReason::software;
    default:
      return protocol::ResetReason::other;
  }
}

BootGuard::BootGuard(esp_reset_reason_t reason) noexcept : record_{load_radio_record()} {
  if (record_.starting) {
    // Also when the reset calls itself a power-on: an emulator's do, and a supply that broke down.
    if (record_.crashes < crashes_max) ++record_.crashes;
  } else if (is_fresh_start(reason)) {
    record_.crashes = 0;
  }
  record_.starting = false;
}

bool BootGuard::radio_may_start() const noexcept {
  return record_.crashes < crashes_max;
}

void BootGuard::radio_stays_off() noexcept {
  save_radio_record(record_);
}

void BootGuard::radio_starts() noexcept {
  record_.starting = true;
  save_radio_record(record_);
}

void BootGuard::radio_has_started() noexcept {
  record_ = {};
  save_radio_record(record_);
}

}  // namespace pourtocol::board
