// The part of the API with which a host looks after the machines: service runs and calibrations.
#include <optional>
#include <string>
#include <utility>

#include "backend/routes/api.hpp"
#include "backend/routes/json_text.hpp"
#include "backend/routes/requests.hpp"
#include "backend/routes/service_requests.hpp"
#include "backend/routes/views.hpp"
#include "http/target.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::routes {

namespace {

std::optional<TapName> tap_in(std::string_view parameter) {
  const auto decoded = http::percent_decode(parameter, false);
  return decoded ? TapName::parse(*decoded) : std::nullopt;
}

int status_of(control::CalibrationCode code) noexcept {
  switch (code) {
    case control::CalibrationCode::ok:
      return 200;
    case control::CalibrationCode::unknown_tap:
      return 404;
    case control::CalibrationCode::too_late:
    case control::CalibrationCode::changed_meanwhile:
    case control::CalibrationCode::service_unsupported:
    case control::CalibrationCode::refused:
    case control::CalibrationCode::wrong_machine:
      return 409;
    case control::CalibrationCode::too_many_requests:
      return 429;
    case control::CalibrationCode::offline:
    case control::CalibrationCode::starting:
    case control::CalibrationCode::store_failed:
    case control::CalibrationCode::shutting_down:
      return 503;
    case control::CalibrationCode::no_answer:
      return 504;
  }
  return 500;
}

int status_of(control::MachineCode code) noexcept {
  switch (code) {
    case control::MachineCode::ok:
      return 200;
    case control::MachineCode::unknown_tap:
      return 404;
    case control::MachineCode::wrong_machine:
    case control::MachineCode::too_late:
      return 409;
    case control::MachineCode::offline:
    case control::MachineCode::starting:
    case control::MachineCode::store_failed:
    case control::MachineCode::shutting_down:
      return 503;
  }
  return 500;
}

/// The machine's own document, byte for byte, and what the log says beside it.
std::string document_of(const protocol::CalibrationReport& report,
                        const control::CalibrationAnswer& answer) {
  protocol::MessageBuffer buffer;
  std::string text{protocol::encode_calibration(report, buffer)};
  text.pop_back();
  text += ",\"accepted_at\":";
  const auto& accepted = answer.accepted_at;
  text += accepted ? thousandths(accepted->time_since_epoch().count()) : "null";
  return text + ",\"act_id\":" + std::to_string(answer.act) + "}";
}

void send(Reply reply, const control::CalibrationAnswer& answer) {
  if (answer.code == control::CalibrationCode::ok && answer.report) {
    return std::move(reply).send(json_response(200, document_of(*answer.report, answer)));
  }
  const std::string_view code =
      answer.refusal ? protocol::name_of(*answer.refusal) : control::name_of(answer.code);
  std::move(reply).refuse({status_of(answer.code), code, answer.message});
}

}  // namespace

void Api::post_service(const http::Request& request, std::string_view tap, Reply reply) {
  if (!dispense_rate_.allow(request.client_address, surroundings_.now())) {
    metrics_->count_rate_limited();
    return std::move(reply).refuse(
        {429, "too_many_requests", "Too many orders from this address: wait a moment."});
  }
  if (const auto type = check_content_type(request); !type) {
    return std::move(reply).refuse(type.error());
  }
  const auto name = tap_in(tap);
  if (!name) return std::move(reply).refuse(unknown_tap());
  std::optional<std::string_view> key;
  if (request.has_field("idempotency-key")) key = request.field("idempotency-key");
  auto wish = read_service(request.body, key, *name, run());
  if (!wish) return std::move(reply).refuse(wish.error());
  service_.dispense(std::move(*wish),
                    [reply = std::move(reply)](const control::DispenseAnswer& answer) mutable {
                      std::move(reply).send(dispense_response(answer));
                    });
}

void Api::get_calibration(const http::Request&, std::string_view tap, Reply reply) {
  const auto name = tap_in(tap);
  if (!name) return std::move(reply).refuse(unknown_tap());
  service_.calibration(
      {.tap = *name, .user = {}, .action = {}},
      [reply = std::move(reply)](const control::CalibrationAnswer& answer) mutable {
        send(std::move(reply), answer);
      });
}

void Api::post_calibration(const http::Request& request, std::string_view tap, Reply reply) {
  if (const auto type = check_content_type(request); !type) {
    return std::move(reply).refuse(type.error());
  }
  const auto name = tap_in(tap);
  if (!name) return std::move(reply).refuse(unknown_tap());
  auto wanted = read_calibration_action(request.body, *name, run());
  if (!wanted) return std::move(reply).refuse(wanted.error());
  service_.calibration(std::move(*wanted), [reply = std::move(reply)](
                                               const control::CalibrationAnswer& answer) mutable {
    send(std::move(reply), answer);
  });
}

void Api::post_machine(const http::Request& request, std::string_view tap, Reply reply) {
  if (const auto type = check_content_type(request); !type) {
    return std::move(reply).refuse(type.error());
  }
  const auto name = tap_in(tap);
  if (!name) return std::move(reply).refuse(unknown_tap());
  auto wanted = read_takeover(request.body, *name, run());
  if (!wanted) return std::move(reply).refuse(wanted.error());
  service_.machine(std::move(*wanted),
                   [reply = std::move(reply)](const control::MachineAnswer& answer) mutable {
                     JsonText json;
                     write_machine_answer(json, answer);
                     std::move(reply).send(json_response(status_of(answer.code), json.finish()));
                   });
}

}  // namespace pourtocol::routes
