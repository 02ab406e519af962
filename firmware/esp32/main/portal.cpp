#include "firmware/esp32/main/portal.hpp"

#include <esp_log.h>
#include <esp_mac.h>
#include <esp_netif.h>
#include <esp_system.h>
#include <esp_wifi.h>
#include <freertos/FreeRTOS.h>
#include <freertos/task.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <string_view>

#include "firmware/esp32/main/http_exchange.hpp"
#include "firmware/esp32/main/portal_dns.hpp"
#include "firmware/esp32/portable/form.hpp"
#include "firmware/esp32/portable/setup_form.hpp"

namespace pourtocol::board {

namespace {

constexpr const char* tag = "setup";
constexpr const char* page_address = "http://192.168.4.1/setup";

constexpr const char* page_head = R"(<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>Set up Pourtocol</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;
margin:1.5rem auto;padding:0 1rem}label{display:block;margin:1rem 0}input{font:inherit;width:100%;
padding:.5rem;box-sizing:border-box;min-height:44px}input[type=checkbox]{width:1.5rem;
vertical-align:middle}button{font:inherit;min-height:48px;width:100%}small{opacity:.8}</style>
<h1>Set up this machine</h1><form method="post" action="/setup">)";
constexpr const char* page_foot = R"(<button>Save and restart</button></form></html>)";
constexpr const char* saved_page = R"(<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>Saved</title>
<h1>Saved</h1><p>The machine restarts and joins your network. You can close this page.</html>)";

struct Field {
  const char* label;
  const char* name;
  const char* kind;  ///< further attributes of the input
  const char* hint;
};

/// One field with its present value. The page goes out piece by piece: it is never whole in memory.
esp_err_t send_field(httpd_req_t* request, const Field& field, std::string_view value) {
  std::array<char, 6 * 64> escaped{};
  const std::string_view safe = html_escaped(value.substr(0, 64), escaped);
  std::array<char, 900> html{};
  const int length = std::snprintf(
      html.data(), html.size(),
      R"(<label>%s<input name="%s" value="%.*s" %s><small>%s</small></label>)", field.label,
      field.name, static_cast<int>(safe.size()), safe.data(), field.kind, field.hint);
  if (length < 0 || static_cast<std::size_t>(length) >= html.size()) return ESP_FAIL;
  return httpd_resp_send_chunk(request, html.data(), length);
}

esp_err_t send_number(httpd_req_t* request, const Field& field, std::int64_t value) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%ld", static_cast<long>(value));
  return send_field(request, field, text.data());
}

esp_err_t send_fields(httpd_req_t* request, const Settings& settings) {
  const firmware::Config& config = settings.config;
  esp_err_t sent = send_field(
      request, {"Wi-Fi network", "ssid", R"(required maxlength="32" autocomplete="off")", ""},
      settings.ssid.view());
  if (sent != ESP_OK) return sent;
  sent = send_field(request,
                    {"Wi-Fi password", "passphrase", R"(type="password" maxlength="64")",
                     "Leave it empty to keep the present one, or for an open network."},
                    "");
  if (sent != ESP_OK) return sent;
  sent = send_field(request,
                    {"Name of the tap", "tap", R"(maxlength="32" pattern="[A-Za-z0-9_\-]*")", ""},
                    config.tap.view());
  if (sent != ESP_OK) return sent;
  sent = send_number(request,
                     {"A glass is nearer than (mm)", "glass_mm", R"(inputmode="numeric")",
                      "Ultrasonic sensor only: a little less than to the empty place."},
                     config.glass_within_mm);
  if (sent != ESP_OK) return sent;
  sent = send_number(request,
                     {"A full bottle holds (ml)", "bottle_ml", R"(inputmode="numeric")",
                      "0: not told, and the flow is not corrected for the bottle's level."},
                     config.bottle.count() / 1'000);
  if (sent != ESP_OK) return sent;
  sent = send_number(request,
                     {"Wait for a lifted glass to come back (s)", "resume_s",
                      R"(inputmode="numeric")", "0: a lifted glass ends the pour."},
                     config.resume_within.count() / 1'000);
  if (sent != ESP_OK) return sent;
  sent = send_number(request,
                     {"A pump of its kind gives (ml/s)", "pump_ml_s", R"(inputmode="numeric")",
                      "2 to 25, as bought, at full power; 0: not told. No calibration from afar "
                      "lets more flow than this and 30 %."},
                     (config.pump_flow.microlitres_per_second() + 500) / 1'000);
  if (sent != ESP_OK) return sent;
  sent = send_number(request,
                     {"Power of the pump (%)", "pump_power", R"(inputmode="numeric")",
                      "100, or from 40 in steps of 5: a strong pump without a meter pours more "
                      "precisely when it is slowed. Calibrate anew after a change."},
                     config.pump_power);
  if (sent != ESP_OK) return sent;
  sent = send_field(
      request,
      {"Key of signed orders", "key", R"(maxlength="64" autocomplete="off")",
       "16 to 64 letters: orders must then be signed with it. Empty keeps it, - removes it."},
      "");
  if (sent != ESP_OK) return sent;
  sent = send_field(request,
                    {"Key of updates", "update_key", R"(maxlength="64" autocomplete="off")",
                     "16 to 64 letters: with it new firmware is taken over the network, without "
                     "one none is. Empty keeps it, - removes it."},
                    "");
  if (sent != ESP_OK) return sent;
  sent = httpd_resp_sendstr_chunk(
      request, R"(<label><input type="checkbox" name="confirm"> Its calibration is right)"
               R"(<small>Confirms it, as its stop button does.</small></label>)");
  if (sent != ESP_OK) return sent;
  return httpd_resp_sendstr_chunk(
      request, config.metered
                   ? R"(<label><input type="checkbox" name="metered" checked> Flow meter</label>)"
                   : R"(<label><input type="checkbox" name="metered"> Flow meter</label>)");
}

}  // namespace

bool Portal::open(httpd_handle_t server) noexcept {
  if (server == nullptr || !start_access_point()) return false;
  start_portal_dns({192, 168, 4, 1});
  httpd_uri_t page{};
  page.uri = "/setup";
  page.method = HTTP_GET;
  page.handler = &Portal::get_page;
  page.user_ctx = this;
  httpd_uri_t form = page;
  form.method = HTTP_POST;
  form.handler = &Portal::post_form;
  return httpd_register_uri_handler(server, &page) == ESP_OK &&
         httpd_register_uri_handler(server, &form) == ESP_OK &&
         httpd_register_err_handler(server, HTTPD_404_NOT_FOUND, &Portal::redirect) == ESP_OK;
}

bool Portal::start_access_point() noexcept {
  (void)esp_netif_create_default_wifi_ap();
  std::array<std::uint8_t, 6> mac{};
  (void)esp_read_mac(mac.data(), ESP_MAC_WIFI_SOFTAP);
  const Passphrase passphrase = portal_passphrase(random_bits_);
  wifi_config_t config{};
  const int length = std::snprintf(reinterpret_cast<char*>(config.ap.ssid), sizeof config.ap.ssid,
                                   "Pourtocol-%02X%02X", mac[4], mac[5]);
  config.ap.ssid_len = static_cast<std::uint8_t>(length);
  std::ranges::copy(passphrase.view(), config.ap.password);
  config.ap.channel = 1;
  config.ap.authmode = WIFI_AUTH_WPA2_PSK;
  config.ap.max_connection = 4;
  if (esp_wifi_set_mode(WIFI_MODE_AP) != ESP_OK ||
      esp_wifi_set_config(WIFI_IF_AP, &config) != ESP_OK || esp_wifi_start() != ESP_OK) {
    return false;
  }
  // With a cable at hand; a label on the machine is a good place for it.
  ESP_LOGI(tag, "join the network %s with the password %.*s, then open %s",
           reinterpret_cast<const char*>(config.ap.ssid), static_cast<int>(passphrase.size()),
           passphrase.view().data(), page_address);
  return true;
}

esp_err_t Portal::get_page(httpd_req_t* request) noexcept {
  if (has_body(request)) return ESP_FAIL;
  if (const auto turned = turn_away(request, Deed::look)) return *turned;
  const auto& portal = *static_cast<Portal*>(request->user_ctx);
  (void)httpd_resp_set_type(request, "text/html; charset=utf-8");
  (void)httpd_resp_set_hdr(request, "Cache-Control", "no-store");
  if (httpd_resp_sendstr_chunk(request, page_head) != ESP_OK ||
      send_fields(request, portal.settings_) != ESP_OK ||
      httpd_resp_sendstr_chunk(request, page_foot) != ESP_OK) {
    return ESP_FAIL;
  }
  return httpd_resp_send_chunk(request, nullptr, 0);
}

esp_err_t Portal::post_form(httpd_req_t* request) noexcept {
  if (const auto turned = turn_away(request, Deed::setup)) return *turned;
  auto& portal = *static_cast<Portal*>(request->user_ctx);
  static_assert(sizeof portal.body_ >= setup_form_bytes_max);
  const auto body = read_body(request, portal.body_);
  if (!body) return body.error();
  (void)httpd_resp_set_type(request, "text/plain; charset=utf-8");
  const auto settings = apply_setup(*body, portal.settings_);
  if (!settings) {
    (void)httpd_resp_set_status(request, status_line(400));
    const std::string_view why = settings.error();
    return httpd_resp_send(request, why.data(), static_cast<ssize_t>(why.size()));
  }
  if (!portal.control_.hold(Holder::setup)) {
    (void)httpd_resp_set_status(request, status_line(409));
    return httpd_resp_sendstr(request, "The machine is pouring. Try again in a moment.");
  }
  if (!save_settings(*settings)) {
    portal.control_.release(Holder::setup);
    (void)httpd_resp_set_status(request, status_line(500));
    return httpd_resp_sendstr(request, "The settings could not be saved.");
  }
  (void)httpd_resp_set_type(request, "text/html; charset=utf-8");
  (void)httpd_resp_sendstr(request, saved_page);
  vTaskDelay(pdMS_TO_TICKS(1'000));  // until the page has left
  esp_restart();
}

esp_err_t Portal::redirect(httpd_req_t* request, httpd_err_code_t) noexcept {
  if (has_body(request)) return ESP_FAIL;
  // A phone that looks whether it is online asks for some page and is shown this one.
  (void)httpd_resp_set_status(request, "302 Found");
  (void)httpd_resp_set_hdr(request, "Location", page_address);
  // iOS takes an answer without a body for no answer.
  return httpd_resp_sendstr(request, "The setup page is elsewhere.");
}

}  // namespace pourtocol::board
