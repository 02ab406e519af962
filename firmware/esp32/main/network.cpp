#include "firmware/esp32/main/network.hpp"

#include <esp_err.h>
#include <esp_log.h>
#include <esp_netif.h>
#include <esp_random.h>
#include <esp_system.h>
#include <esp_wifi.h>
#include <freertos/task.h>

#include <algorithm>

#include "firmware/esp32/main/discovery.hpp"

namespace pourtocol::board {

namespace {

constexpr const char* tag = "network";
constexpr std::uint32_t first_retry_ms = 500;
constexpr std::uint32_t longest_retry_ms = 30'000;
/// A radio that is going to crash the machine has done so by then.
constexpr std::uint32_t proof_ms = 3'000;
/// Somebody asked for the setup page and went away: back to the party.
constexpr std::uint32_t portal_ms = 10 * 60 * 1'000;

bool went_well(esp_err_t result, const char* what) {
  if (result != ESP_OK) ESP_LOGE(tag, "%s: %s", what, esp_err_to_name(result));
  return result == ESP_OK;
}

}  // namespace

void Network::start() noexcept {
  if (xTaskCreate(&Network::run_task, "network", 6 * 1024, this, 3, nullptr) != pdPASS) {
    ESP_LOGE(tag, "no memory for the network's task");
  }
}

void Network::run_task(void* network) noexcept {
  static_cast<Network*>(network)->run();
  vTaskDelete(nullptr);
}

void Network::run() noexcept {
  if (!went_well(esp_netif_init(), "TCP/IP") ||
      !went_well(esp_event_loop_create_default(), "events")) {
    return;
  }
  const httpd_handle_t server = api_.start();
  if (!guard_.radio_may_start()) {
    ESP_LOGE(tag, "starting the radio has reset the machine again and again: it stays off");
    guard_.radio_stays_off();
    return;
  }
  guard_.radio_starts();
  const bool radio = start_radio(server);
  vTaskDelay(pdMS_TO_TICKS(proof_ms));
  while (!control_.hold(Holder::radio)) vTaskDelay(pdMS_TO_TICKS(proof_ms));
  guard_.radio_has_started();
  control_.release(Holder::radio);
  if (!radio) {
    ESP_LOGE(tag, "the machine goes on without a network");
    return;
  }
  if (retry_ == nullptr) return wait_in_portal();
  (void)xSemaphoreTake(address_given_, portMAX_DELAY);  // the first address
  announce(settings_.config.tap);
}

bool Network::start_radio(httpd_handle_t server) noexcept {
  const wifi_init_config_t config = WIFI_INIT_CONFIG_DEFAULT();
  // Credentials are kept by `settings.cpp`, which writes only while nothing pours.
  if (!went_well(esp_wifi_init(&config), "Wi-Fi") ||
      !went_well(esp_wifi_set_storage(WIFI_STORAGE_RAM), "Wi-Fi's storage")) {
    return false;
  }
  if (settings_.ssid.empty() || settings_.open_portal) return portal_.open(server);
  return start_station();
}

bool Network::start_station() noexcept {
  (void)esp_netif_create_default_wifi_sta();
  esp_timer_create_args_t timer{};
  timer.callback = &Network::reconnect;
  timer.arg = this;
  timer.name = "reconnect";
  if (!went_well(esp_timer_create(&timer, &retry_), "a timer")) return false;
  if (!went_well(esp_event_handler_instance_register(WIFI_EVENT, ESP_EVENT_ANY_ID,
                                                     &Network::on_event, this, nullptr),
                 "Wi-Fi's events") ||
      !went_well(esp_event_handler_instance_register(IP_EVENT, IP_EVENT_STA_GOT_IP,
                                                     &Network::on_event, this, nullptr),
                 "addresses")) {
    return false;
  }
  wifi_config_t config{};
  std::ranges::copy(settings_.ssid.view(), config.sta.ssid);
  std::ranges::copy(settings_.passphrase.view(), config.sta.password);
  config.sta.threshold.authmode =
      settings_.passphrase.empty() ? WIFI_AUTH_OPEN : WIFI_AUTH_WPA2_PSK;
  config.sta.sae_pwe_h2e = WPA3_SAE_PWE_BOTH;
  config.sta.scan_method = WIFI_ALL_CHANNEL_SCAN;  // of several access points, the strongest
  config.sta.sort_method = WIFI_CONNECT_AP_BY_SIGNAL;
  return went_well(esp_wifi_set_mode(WIFI_MODE_STA), "station mode") &&
         went_well(esp_wifi_set_config(WIFI_IF_STA, &config), "the network's name") &&
         went_well(esp_wifi_start(), "the radio") &&
         // A radio that sleeps between beacons would hear a stop a quarter of a second late.
         went_well(esp_wifi_set_ps(WIFI_PS_NONE), "the radio's attention");
}

void Network::wait_in_portal() noexcept {
  if (settings_.ssid.empty()) return;  // there is nothing to go back to
  vTaskDelay(pdMS_TO_TICKS(portal_ms));
  while (!control_.hold(Holder::setup)) vTaskDelay(pdMS_TO_TICKS(1'000));
  esp_restart();
}

void Network::on_event(void* context, esp_event_base_t base, std::int32_t id, void*) noexcept {
  auto& network = *static_cast<Network*>(context);
  if (base == WIFI_EVENT && id == WIFI_EVENT_STA_START) {
    reconnect(context);
  } else if (base == WIFI_EVENT && id == WIFI_EVENT_STA_DISCONNECTED) {
    network.up_ = false;
    network.reconnect_later();
  } else if (base == IP_EVENT && id == IP_EVENT_STA_GOT_IP) {
    network.up_ = true;
    network.retry_ms_ = 0;
    xSemaphoreGive(network.address_given_);
  }
}

void Network::reconnect_later() noexcept {
  retry_ms_ = std::clamp(2 * retry_ms_, first_retry_ms, longest_retry_ms);
  // A little apart from the other machines of the same bar.
  const std::uint32_t wait_ms = retry_ms_ + esp_random() % first_retry_ms;
  (void)esp_timer_start_once(retry_, std::uint64_t{wait_ms} * 1'000);
}

void Network::reconnect(void* network) noexcept {
  if (esp_wifi_connect() == ESP_OK) return;
  // No attempt was made, so no event will tell that it failed.
  (void)esp_timer_start_once(static_cast<Network*>(network)->retry_,
                             std::uint64_t{longest_retry_ms} * 1'000);
}

}  // namespace pourtocol::board
