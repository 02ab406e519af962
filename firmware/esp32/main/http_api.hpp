// The dispenser's HTTP interface (protocol/PROTOCOL.md), on port 80.
#pragma once

#include <esp_http_server.h>

#include <array>
#include <expected>
#include <string_view>

#include "firmware/esp32/main/control_task.hpp"
#include "firmware/esp32/main/settings.hpp"
#include "firmware/esp32/main/status_feed.hpp"
#include "firmware/esp32/main/update.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::board {

/// Requests become questions to the control task, its replies become answers; nothing is decided
/// here but who may ask (`request_admission.hpp`), and, where a key is set, whether an order is
/// signed and fresh (`freshness.hpp`).
class HttpApi {
 public:
  /// `key`: of orders.
  HttpApi(ControlTask& control, StatusFeed& feed, Update& update, const Key& key) noexcept
      : control_{control}, feed_{feed}, update_{update}, key_{key} {}
  HttpApi(const HttpApi&) = delete;
  HttpApi& operator=(const HttpApi&) = delete;

  /// After `esp_netif_init`, with or without a network. A null pointer: there is no server.
  [[nodiscard]] httpd_handle_t start() noexcept;

 private:
  // Each is a route's handler, run by the httpd task.
  static esp_err_t get_status(httpd_req_t* request) noexcept;
  static esp_err_t post_dispense(httpd_req_t* request) noexcept;
  static esp_err_t post_service(httpd_req_t* request) noexcept;
  static esp_err_t post_stop(httpd_req_t* request) noexcept;
  static esp_err_t get_calibration(httpd_req_t* request) noexcept;
  static esp_err_t post_calibration(httpd_req_t* request) noexcept;
  static esp_err_t post_update(httpd_req_t* request) noexcept;

  /// The body of a request that changes something: signed, if a key is set.
  [[nodiscard]] std::expected<std::string_view, esp_err_t> read_signed_body(
      httpd_req_t* request) noexcept;
  esp_err_t answer_order(httpd_req_t* request, const RequestId& id,
                         const ControlTask::Replied<firmware::OrderReply>& reply) noexcept;
  esp_err_t refuse(httpd_req_t* request, protocol::Refusal refusal, std::string_view text) noexcept;
  esp_err_t refuse(httpd_req_t* request, const protocol::CalibrationRefused& refused) noexcept;

  ControlTask& control_;
  StatusFeed& feed_;
  Update& update_;
  const Key& key_;

  // The httpd task's, one request at a time.
  std::array<char, protocol::order_bytes_max> body_{};
  protocol::MessageBuffer text_;
};

}  // namespace pourtocol::board
