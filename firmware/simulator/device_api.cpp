#include "firmware/simulator/device_api.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "firmware/esp32/portable/freshness.hpp"
#include "firmware/esp32/portable/request_admission.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::firmware {

namespace {

http::Response json(int status, std::string_view body) {
  http::Response response;
  response.status = status;
  response.body = body;
  return response;
}

http::Response wrong_method(std::string_view allowed) {
  http::Response response = json(405, R"({"error":"method not allowed"})");
  response.add_field("Allow", allowed);
  return response;
}

board::Origins origins_of(const http::Request& request) {
  const auto field = [&](std::string_view name) -> std::optional<std::string_view> {
    if (!request.has_field(name)) return std::nullopt;
    return request.field(name);
  };
  return {.host = field("host"),
          .origin = field("origin"),
          .fetch_site = field("sec-fetch-site"),
          .content_type = field("content-type")};
}

board::Deed deed_of(const http::Request& request, RequestKind kind) {
  if (request.method == http::Method::get) return board::Deed::look;
  return kind == RequestKind::stop ? board::Deed::stop : board::Deed::act;
}

}  // namespace

RequestKind DeviceApi::kind_of(const http::Request& request) {
  if (request.path == "/status") return RequestKind::status;
  if (request.path == "/dispense") return RequestKind::dispense;
  if (request.path == "/stop") return RequestKind::stop;
  if (request.path == "/service") return RequestKind::service;
  if (request.path == "/calibration") return RequestKind::calibration;
  return RequestKind::other;
}

DeviceOutcome DeviceApi::handle(const http::Request& request) {
  const RequestKind kind = kind_of(request);
  // A board of version 1 looks at nothing of the kind.
  if (machine_.protocol() >= 2) {
    const auto refused = board::why_not_admitted(deed_of(request, kind), origins_of(request));
    if (refused) {
      return json(refused->status, R"({"error":")" + std::string{refused->error} +
                                       R"(","message":")" + std::string{refused->message} +
                                       R"("})");
    }
  }
  if (kind == RequestKind::status) {
    if (request.method != http::Method::get) return wrong_method("GET");
    return get_status(request.query);
  }
  const bool ours = machine_.protocol() >= 2 && kind != RequestKind::other;
  if (!ours && kind != RequestKind::dispense) return json(404, R"({"error":"not found"})");
  if (kind == RequestKind::calibration) return calibration(request);
  if (request.method != http::Method::post) return wrong_method("POST");
  if (kind == RequestKind::service) return service(request.body);
  return kind == RequestKind::dispense ? dispense(request.body) : stop(request.body);
}

http::Response DeviceApi::status() const {
  protocol::MessageBuffer buffer;
  return json(200, protocol::encode_status(machine_.status(), buffer));
}

DeviceOutcome DeviceApi::get_status(std::string_view query) const {
  // A board of version 1 knows of no parameters.
  if (machine_.protocol() == 1 || query.empty()) return status();
  const auto held = read_wait(query, machine_.version(), protocol::status_wait_max);
  if (!held) {
    return refuse(protocol::Refusal::bad_order, "after and wait_ms must be whole numbers");
  }
  if (held->wait.count() == 0) return status();
  return *held;
}

http::Response DeviceApi::dispense(std::string_view body) {
  const auto order = protocol::decode_order(body);
  if (!order) return refuse(protocol::Refusal::bad_order, order.error().message.view());

  if (is_too_timeless(order->guard)) {
    return refuse(protocol::Refusal::bad_order, board::guard_demanded);
  }
  return answer(order->request_id, machine_.dispense(*order));
}

http::Response DeviceApi::service(std::string_view body) {
  const auto order = protocol::decode_service(body);
  if (!order) return refuse(protocol::Refusal::bad_order, order.error().message.view());
  if (is_too_timeless(order->guard)) {
    return refuse(protocol::Refusal::bad_order, board::guard_demanded);
  }
  return answer(order->request_id, machine_.service(*order));
}

bool DeviceApi::is_too_timeless(const std::optional<protocol::OrderGuard>& guard) const {
  return board::is_too_timeless(machine_.demands_guards(), guard.has_value());
}

http::Response DeviceApi::calibration(const http::Request& request) {
  protocol::MessageBuffer buffer;
  if (request.method == http::Method::get) {
    return json(200, protocol::encode_calibration(machine_.calibration(), buffer));
  }
  if (request.method != http::Method::post) return wrong_method("GET, POST");
  const auto bad_action = [](std::string_view why) -> protocol::CalibrationAnswer {
    return std::unexpected{
        protocol::CalibrationRefused{.refusal = protocol::CalibrationRefusal::bad_action,
                                     .text = protocol::RefusalText::truncated(why)}};
  };
  const auto asked = protocol::decode_calibration_action(request.body);
  const auto answer = !asked                          ? bad_action(asked.error().message.view())
                      : is_too_timeless(asked->guard) ? bad_action(board::guard_demanded)
                                                      : machine_.calibrate(*asked);
  if (answer) return json(200, protocol::encode_calibration(*answer, buffer));
  return json(protocol::http_status_of(answer.error().refusal),
              protocol::encode_calibration_refused(answer.error(), buffer));
}

http::Response DeviceApi::answer(const RequestId& id, const OrderReply& reply) const {
  if (const auto* rejected = std::get_if<protocol::OrderRejected>(&reply)) {
    return refuse(rejected->refusal, rejected->text.view());
  }
  if (machine_.protocol() == 1) return json(200, R"({"ok":true})");
  const bool repeated = std::get<protocol::OrderAccepted>(reply).repeated;
  protocol::MessageBuffer buffer;
  return json(200, protocol::encode_accepted(id, repeated, buffer));
}

http::Response DeviceApi::stop(std::string_view body) {
  const auto order = protocol::decode_stop(body);
  if (!order) return refuse(protocol::Refusal::bad_order, order.error().message.view());
  if (const auto refused = machine_.stop(*order)) {
    protocol::MessageBuffer buffer;
    return json(503, protocol::encode_refusal(refused->refusal, refused->text.view(), buffer));
  }
  return json(200, R"({"ok":true})");
}

http::Response DeviceApi::refuse(protocol::Refusal refusal, std::string_view text) const {
  const int status = protocol::http_status_of(refusal);
  if (machine_.protocol() == 1) {
    return json(status, R"({"error":")" + std::string{protocol::name_of(refusal)} + R"("})");
  }
  protocol::MessageBuffer buffer;
  return json(status, protocol::encode_refusal(refusal, text, buffer));
}

}  // namespace pourtocol::firmware
