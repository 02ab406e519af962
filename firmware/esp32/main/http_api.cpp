#include "firmware/esp32/main/http_api.hpp"

#include <esp_log.h>

#include <array>
#include <cstring>
#include <variant>

#include "firmware/esp32/main/http_exchange.hpp"
#include "firmware/esp32/main/http_reading.hpp"
#include "firmware/esp32/main/signature.hpp"
#include "firmware/esp32/portable/freshness.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::board {

namespace {

constexpr const char* tag = "http";

HttpApi& api_of(httpd_req_t* request) {
  return *static_cast<HttpApi*>(request->user_ctx);
}

}  // namespace

httpd_handle_t HttpApi::start() noexcept {
  httpd_config_t config = HTTPD_DEFAULT_CONFIG();
  config.stack_size = 10 * 1024;  // decoding takes as much as the longest order, and some more
  config.max_open_sockets = 10;   // CONFIG_LWIP_MAX_SOCKETS less what the server keeps for itself
  config.max_uri_handlers = 12;
  config.lru_purge_enable = true;
  config.open_fn = &share_patience;
  config.recv_wait_timeout = 1;
  config.send_wait_timeout = 1;
  httpd_handle_t server = nullptr;
  if (const esp_err_t started = httpd_start(&server, &config); started != ESP_OK) {
    ESP_LOGE(tag, "no server: %s", esp_err_to_name(started));
    return nullptr;
  }
  struct Route {
    const char* path;
    httpd_method_t method;
    esp_err_t (*handler)(httpd_req_t* request);
  };
  constexpr std::array<Route, 7> routes{{{"/status", HTTP_GET, &HttpApi::get_status},
                                         {"/dispense", HTTP_POST, &HttpApi::post_dispense},
                                         {"/service", HTTP_POST, &HttpApi::post_service},
                                         {"/stop", HTTP_POST, &HttpApi::post_stop},
                                         {"/calibration", HTTP_GET, &HttpApi::get_calibration},
                                         {"/calibration", HTTP_POST, &HttpApi::post_calibration},
                                         {"/update", HTTP_POST, &HttpApi::post_update}}};
  for (const Route& route : routes) {
    httpd_uri_t uri{};
    uri.uri = route.path;
    uri.method = route.method;
    uri.handler = route.handler;
    uri.user_ctx = this;
    ESP_ERROR_CHECK(httpd_register_uri_handler(server, &uri));
  }
  return server;
}

esp_err_t HttpApi::refuse(httpd_req_t* request, protocol::Refusal refusal,
                          std::string_view text) noexcept {
  return respond(request, status_line(protocol::http_status_of(refusal)),
                 protocol::encode_refusal(refusal, text, text_));
}

esp_err_t HttpApi::refuse(httpd_req_t* request,
                          const protocol::CalibrationRefused& refused) noexcept {
  return respond(request, status_line(protocol::http_status_of(refused.refusal)),
                 protocol::encode_calibration_refused(refused, text_));
}

std::expected<std::string_view, esp_err_t> HttpApi::read_signed_body(
    httpd_req_t* request) noexcept {
  const auto body = read_body(request, body_);
  if (!body || key_.empty()) return body;
  std::array<char, 2 * 32 + 1> signature{};
  if (httpd_req_get_hdr_value_str(request, "X-Pourtocol-Signature", signature.data(),
                                  signature.size()) != ESP_OK ||
      !signature_is_right(key_, *body, {signature.data(), std::strlen(signature.data())})) {
    return std::unexpected(unauthorized(request));
  }
  return body;
}

esp_err_t HttpApi::answer_order(httpd_req_t* request, const RequestId& id,
                                const ControlTask::Replied<firmware::OrderReply>& reply) noexcept {
  if (!reply) return unavailable(request, reply.error());
  if (const auto* rejected = std::get_if<protocol::OrderRejected>(&*reply)) {
    return refuse(request, rejected->refusal, rejected->text.view());
  }
  const bool repeated = std::get_if<protocol::OrderAccepted>(&*reply)->repeated;
  return respond(request, status_line(200), protocol::encode_accepted(id, repeated, text_));
}

esp_err_t HttpApi::get_status(httpd_req_t* request) noexcept {
  if (has_body(request)) return ESP_FAIL;
  if (const auto turned = turn_away(request, Deed::look)) return *turned;
  return api_of(request).feed_.answer(request);
}

esp_err_t HttpApi::post_dispense(httpd_req_t* request) noexcept {
  if (const auto turned = turn_away(request, Deed::act)) return *turned;
  HttpApi& api = api_of(request);
  const auto body = api.read_signed_body(request);
  if (!body) return body.error();
  const auto order = protocol::decode_order(*body);
  if (!order) {
    return api.refuse(request, protocol::Refusal::bad_order, order.error().message.view());
  }
  if (is_too_timeless(!api.key_.empty(), order->guard.has_value())) {
    return api.refuse(request, protocol::Refusal::bad_order, guard_demanded);
  }
  return api.answer_order(request, order->request_id, api.control_.order(*order));
}

esp_err_t HttpApi::post_service(httpd_req_t* request) noexcept {
  if (const auto turned = turn_away(request, Deed::act)) return *turned;
  HttpApi& api = api_of(request);
  const auto body = api.read_signed_body(request);
  if (!body) return body.error();
  const auto order = protocol::decode_service(*body);
  if (!order) {
    return api.refuse(request, protocol::Refusal::bad_order, order.error().message.view());
  }
  if (is_too_timeless(!api.key_.empty(), order->guard.has_value())) {
    return api.refuse(request, protocol::Refusal::bad_order, guard_demanded);
  }
  return api.answer_order(request, order->request_id, api.control_.service(*order));
}

esp_err_t HttpApi::post_stop(httpd_req_t* request) noexcept {
  if (const auto turned = turn_away(request, Deed::stop)) return *turned;
  HttpApi& api = api_of(request);
  // Never asked for a signature: whoever wants a pump off may have it off.
  const auto body = read_body(request, api.body_);
  if (!body) return body.error();
  const auto order = protocol::decode_stop(*body);
  if (!order) {
    return api.refuse(request, protocol::Refusal::bad_order, order.error().message.view());
  }
  const auto stopped = api.control_.stop(*order);
  if (!stopped) return unavailable(request, stopped.error());
  if (const auto& refused = *stopped) {
    return respond(request, status_line(503),
                   protocol::encode_refusal(refused->refusal, refused->text.view(), api.text_));
  }
  return respond(request, status_line(200), R"({"ok":true})");
}

esp_err_t HttpApi::get_calibration(httpd_req_t* request) noexcept {
  if (has_body(request)) return ESP_FAIL;
  if (const auto turned = turn_away(request, Deed::look)) return *turned;
  HttpApi& api = api_of(request);
  const auto report = api.control_.calibration();
  if (!report) return unavailable(request, report.error());
  return respond(request, status_line(200), protocol::encode_calibration(*report, api.text_));
}

esp_err_t HttpApi::post_calibration(httpd_req_t* request) noexcept {
  if (const auto turned = turn_away(request, Deed::act)) return *turned;
  HttpApi& api = api_of(request);
  const auto body = api.read_signed_body(request);
  if (!body) return body.error();
  const auto bad_action = [&](std::string_view why) {
    return api.refuse(request, {.refusal = protocol::CalibrationRefusal::bad_action,
                                .text = protocol::RefusalText::truncated(why)});
  };
  const auto asked = protocol::decode_calibration_action(*body);
  if (!asked) return bad_action(asked.error().message.view());
  if (is_too_timeless(!api.key_.empty(), asked->guard.has_value())) {
    return bad_action(guard_demanded);
  }
  const auto answer = api.control_.calibrate(*asked);
  if (!answer) return unavailable(request, answer.error());
  if (!*answer) return api.refuse(request, answer->error());
  return respond(request, status_line(200), protocol::encode_calibration(**answer, api.text_));
}

esp_err_t HttpApi::post_update(httpd_req_t* request) noexcept {
  if (const auto turned = turn_away(request, Deed::update)) return *turned;
  return api_of(request).update_.begin(request);
}

}  // namespace pourtocol::board
