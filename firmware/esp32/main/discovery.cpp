#include "firmware/esp32/main/discovery.hpp"

#include <esp_log.h>

#if __has_include(<mdns.h>)

#include <esp_mac.h>
#include <mdns.h>

#include <array>
#include <cstdint>
#include <cstdio>

#include "protocol/limits.hpp"

namespace pourtocol::board {

namespace {

constexpr const char* tag = "discovery";
constexpr const char* first_name = "esp32";
constexpr std::uint32_t query_ms = 2'000;
constexpr std::uint16_t http_port = 80;

bool taken(const char* name) {
  esp_ip4_addr_t address{};
  return mdns_query_a(name, query_ms, &address) == ESP_OK;
}

}  // namespace

void announce(const TapName& tap) noexcept {
  if (mdns_init() != ESP_OK) {
    ESP_LOGE(tag, "no mDNS: the machine is found by its address only");
    return;
  }
  std::array<char, 16> own_name{};
  std::array<std::uint8_t, 6> mac{};
  (void)esp_read_mac(mac.data(), ESP_MAC_WIFI_STA);
  std::snprintf(own_name.data(), own_name.size(), "%s-%02x%02x", first_name, mac[4], mac[5]);
  const char* name = taken(first_name) ? own_name.data() : first_name;

  std::array<char, TapName::length_max + 1> tap_text{};
  std::snprintf(tap_text.data(), tap_text.size(), "%.*s", static_cast<int>(tap.view().size()),
                tap.view().data());
  std::array<char, 48> instance{};
  std::snprintf(instance.data(), instance.size(), "Pourtocol %s", tap_text.data());
  std::array<char, 8> version{};
  std::snprintf(version.data(), version.size(), "%d", protocol::protocol_version);
  std::array<mdns_txt_item_t, 2> facts{
      {{.key = "tap", .value = tap_text.data()}, {.key = "protocol", .value = version.data()}}};
  if (mdns_hostname_set(name) != ESP_OK ||
      mdns_service_add(instance.data(), "_pourtocol", "_tcp", http_port, facts.data(),
                       facts.size()) != ESP_OK) {
    ESP_LOGE(tag, "mDNS does not announce the machine");
    return;
  }
  ESP_LOGI(tag, "http://%s.local", name);
}

}  // namespace pourtocol::board

#else

namespace pourtocol::board {

void announce(const TapName&) noexcept {
  ESP_LOGW("discovery", "built without mDNS: the machine is found by its address only");
}

}  // namespace pourtocol::board

#endif
