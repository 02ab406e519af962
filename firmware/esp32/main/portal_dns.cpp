#include "firmware/esp32/main/portal_dns.hpp"

#include <esp_log.h>
#include <freertos/FreeRTOS.h>
#include <freertos/task.h>
#include <lwip/sockets.h>

#include <cstddef>

#include "firmware/esp32/portable/dns_answer.hpp"

namespace pourtocol::board {

namespace {

constexpr const char* tag = "portal dns";
constexpr std::uint16_t dns_port = 53;

std::array<std::uint8_t, 4> own_address;
std::array<std::uint8_t, dns_query_bytes_max> query;
std::array<std::uint8_t, dns_query_bytes_max + dns_answer_bytes_more> reply;

int open_socket() {
  const int opened = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
  if (opened < 0) return -1;
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_port = htons(dns_port);
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  if (bind(opened, reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0) return opened;
  close(opened);
  return -1;
}

void serve(void*) {
  const int opened = open_socket();
  if (opened < 0) {
    ESP_LOGE(tag, "no socket: the setup page is found at its address only");
    vTaskDelete(nullptr);
    return;
  }
  for (;;) {
    sockaddr_in asker{};
    socklen_t asker_size = sizeof asker;
    auto* const from = reinterpret_cast<sockaddr*>(&asker);
    const ssize_t got = recvfrom(opened, query.data(), query.size(), 0, from, &asker_size);
    if (got <= 0) {
      vTaskDelay(pdMS_TO_TICKS(100));
      continue;
    }
    const std::span asked{query.data(), static_cast<std::size_t>(got)};
    const std::size_t size = answer_dns(asked, own_address, reply);
    if (size > 0) (void)sendto(opened, reply.data(), size, 0, from, asker_size);
  }
}

}  // namespace

void start_portal_dns(std::array<std::uint8_t, 4> address) noexcept {
  own_address = address;
  xTaskCreate(&serve, "portal dns", 3072, nullptr, 4, nullptr);
}

}  // namespace pourtocol::board
