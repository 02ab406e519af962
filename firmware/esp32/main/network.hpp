// Wi-Fi, and what stands on it: the HTTP interface, discovery, the setup page. Nothing that pours
// hangs on any of it.
#pragma once

#include <esp_event.h>
#include <esp_timer.h>
#include <freertos/FreeRTOS.h>
#include <freertos/semphr.h>

#include <atomic>
#include <cstdint>

#include "firmware/esp32/main/boot_guard.hpp"
#include "firmware/esp32/main/http_api.hpp"
#include "firmware/esp32/main/portal.hpp"
#include "firmware/esp32/main/settings.hpp"

namespace pourtocol::board {

class Network {
 public:
  /// All must live for ever.
  Network(const Settings& settings, HttpApi& api, Portal& portal, ControlTask& control,
          BootGuard& guard) noexcept
      : settings_{settings},
        api_{api},
        portal_{portal},
        control_{control},
        guard_{guard},
        address_given_{xSemaphoreCreateBinaryStatic(&address_given_storage_)} {}
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  /// Starts a task that does all the rest: whatever fails there, or hangs, nobody waits for it.
  void start() noexcept;

  /// The machine has an address. Any task.
  [[nodiscard]] bool up() const noexcept { return up_.load(); }

 private:
  static void run_task(void* network) noexcept;
  void run() noexcept;
  [[nodiscard]] bool start_radio(httpd_handle_t server) noexcept;
  [[nodiscard]] bool start_station() noexcept;
  void wait_in_portal() noexcept;

  // From ESP-IDF's event task, and its timer task.
  static void on_event(void* network, esp_event_base_t base, std::int32_t id, void* data) noexcept;
  static void reconnect(void* network) noexcept;
  void reconnect_later() noexcept;

  const Settings& settings_;
  HttpApi& api_;
  Portal& portal_;
  ControlTask& control_;
  BootGuard& guard_;

  esp_timer_handle_t retry_ = nullptr;
  std::uint32_t retry_ms_ = 0;  ///< the event task's
  std::atomic<bool> up_{false};

  // Given at every address, also long after the task that waits for the first one has ended.
  StaticSemaphore_t address_given_storage_;
  SemaphoreHandle_t address_given_;
};

}  // namespace pourtocol::board
