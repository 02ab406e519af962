// Setting a machine up with a phone: it opens a network of its own, and every page there is the
// form for Wi-Fi, tap, glass, bottle and key.
#pragma once

#include <esp_http_server.h>

#include <array>
#include <cstdint>

#include "firmware/esp32/main/control_task.hpp"
#include "firmware/esp32/main/settings.hpp"

namespace pourtocol::board {

class Portal {
 public:
  /// Both must live for ever. `random_bits` are for the passphrase, should there be none yet.
  Portal(ControlTask& control, const Settings& settings, std::uint64_t random_bits) noexcept
      : control_{control}, settings_{settings}, random_bits_{random_bits} {}
  Portal(const Portal&) = delete;
  Portal& operator=(const Portal&) = delete;

  /// The access point `Pourtocol-XXXX` (WPA2; the passphrase stands in the log), its name server,
  /// and the page. After `esp_wifi_init`. False: it could not be opened. The network task.
  [[nodiscard]] bool open(httpd_handle_t server) noexcept;

 private:
  [[nodiscard]] bool start_access_point() noexcept;

  // Handlers, run by the httpd task.
  static esp_err_t get_page(httpd_req_t* request) noexcept;
  static esp_err_t post_form(httpd_req_t* request) noexcept;
  static esp_err_t redirect(httpd_req_t* request, httpd_err_code_t why) noexcept;

  ControlTask& control_;
  const Settings& settings_;
  std::uint64_t random_bits_;
  std::array<char, 1792> body_{};
};

}  // namespace pourtocol::board
