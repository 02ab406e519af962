#include "backend/routes/service_requests.hpp"

#include <array>
#include <chrono>
#include <ranges>
#include <string>
#include <variant>

#include "backend/routes/flat_object.hpp"
#include "backend/routes/requests.hpp"
#include "protocol/codec.hpp"
#include "protocol/limits.hpp"

namespace pourtocol::routes {

namespace {

using namespace std::string_view_literals;
using protocol::CalibrationAction;
using protocol::ServiceKind;

Checked<ServiceKind> read_kind(const FlatObject& object) {
  const auto text = object.text("kind");
  if (!text) return std::unexpected{text.error()};
  if (!*text) return bad_request("The field \"kind\" is missing.");
  if (const auto kind = protocol::service_kind_named(**text)) return *kind;
  return bad_request("The field \"kind\" must be calibrate, prime, clean or empty_line.");
}

Checked<void> read_amount(const FlatObject& object, ServiceKind kind,
                          control::DispenseRequest& request) {
  if (kind == ServiceKind::clean || kind == ServiceKind::empty_line) {
    return bad_request("This kind of run goes by \"seconds\", not by \"amount_ml\".");
  }
  const auto amount = object.whole_number("amount_ml");
  if (!amount) return std::unexpected{amount.error()};
  const auto portions = object.whole_number("portions");
  if (!portions) return std::unexpected{portions.error()};
  const std::int64_t count = portions->value_or(1);
  if (count < 1 || count > protocol::portions_max ||
      (count > 1 && kind != ServiceKind::calibrate)) {
    return bad_request(
        "The field \"portions\" must be 1 to 8, and goes with the kind calibrate only.");
  }
  const std::int64_t most = protocol::service_amount_max.count() / count;
  if (**amount < protocol::amount_min.count() || **amount > most) {
    return bad_request("The field \"amount_ml\" must be 1 to " + std::to_string(most) +
                       (count > 1 ? ": all portions together at most 200 ml." : "."));
  }
  request.amount_ml = **amount * count;
  request.portions = static_cast<int>(count);
  return {};
}

Checked<void> read_time(const FlatObject& object, ServiceKind kind,
                        control::DispenseRequest& request) {
  if (object.has("portions")) {
    return bad_request("The field \"portions\" goes with \"amount_ml\" only.");
  }
  const auto ms = object.thousandths("seconds");
  if (!ms) return std::unexpected{ms.error()};
  const std::chrono::milliseconds time{**ms};
  const bool into_cup = kind == ServiceKind::calibrate || kind == ServiceKind::prime;
  if (into_cup && (time < protocol::cup_run_min || time > protocol::cup_run_max)) {
    return bad_request("The field \"seconds\" must be 0.5 to 20 for this kind of run.");
  }
  if (!into_cup && (time < protocol::line_run_min || time > protocol::line_run_max)) {
    return bad_request("The field \"seconds\" must be 1 to 60 for this kind of run.");
  }
  request.run_time = time;
  return {};
}

Checked<void> check_confirmed(const FlatObject& object, ServiceKind kind) {
  const auto confirm = object.boolean("confirm");
  if (!confirm) return std::unexpected{confirm.error()};
  if (kind == ServiceKind::calibrate || confirm->value_or(false)) return {};
  return std::unexpected{ApiError{
      400, "confirm_needed",
      "Put something under the tap that holds what comes, and confirm it with \"confirm\": true."}};
}

Checked<RequestId> read_run(const FlatObject& object) {
  const auto id = read_request_id(object);
  if (!id) return std::unexpected{id.error()};
  if (!*id) return bad_request("The field \"request_id\" is missing: which run is meant?");
  return **id;
}

Checked<CalibrationAction> read_measured(const FlatObject& object) {
  const auto run = read_run(object);
  if (!run) return std::unexpected{run.error()};
  const auto measured = object.thousandths("measured_ml");
  if (!measured) return std::unexpected{measured.error()};
  if (!*measured) return bad_request("The field \"measured_ml\" is missing.");
  if (**measured > protocol::measured_max.count()) {
    return bad_request("The field \"measured_ml\" must be 0 to 300.");
  }
  return protocol::MeasuredRun{*run, Microlitres{**measured}};
}

/// "no_flow,too_fast", as /api/status lists them; empty: none.
std::optional<protocol::FaultSet> faults_in(std::string_view text) {
  protocol::FaultSet faults;
  if (text.empty()) return faults;
  for (const auto part : std::views::split(text, ',')) {
    const std::string_view name{part.begin(), part.end()};
    std::optional<protocol::Fault> found;
    for (std::size_t i = 0; i < protocol::fault_count; ++i) {
      const auto fault = static_cast<protocol::Fault>(i);
      if (protocol::name_of(fault) == name) found = fault;
    }
    if (!found) return std::nullopt;
    faults.insert(*found);
  }
  return faults;
}

/// What the host had before their eyes: `act_id`, `faults`.
Checked<void> read_seen(const FlatObject& object, control::CalibrationRequest& request) {
  const auto act = object.whole_number("act_id");
  if (!act) return std::unexpected{act.error()};
  if (*act && **act < 0) {
    return bad_request("The field \"act_id\" must be the one of the tap's calibration.");
  }
  request.act = *act;
  const auto faults = object.text("faults");
  if (!faults) return std::unexpected{faults.error()};
  if (!*faults) return {};
  if (!std::holds_alternative<protocol::ClearFaults>(*request.action)) {
    return bad_request("The field \"faults\" goes with the action clear_faults only.");
  }
  request.faults = faults_in(**faults);
  if (request.faults) return {};
  return bad_request(
      "The field \"faults\" must be those of the tap in /api/status, with commas between.");
}

Checked<CalibrationAction> read_action(const FlatObject& object) {
  const auto text = object.text("action");
  if (!text) return std::unexpected{text.error()};
  if (!*text) return bad_request("The field \"action\" is missing.");
  if (**text == "measured") return read_measured(object);
  if (object.has("measured_ml")) {
    return bad_request("The field \"measured_ml\" goes with the action measured only.");
  }
  if (**text == "drop_run") {
    const auto run = read_run(object);
    if (!run) return std::unexpected{run.error()};
    return protocol::DropRun{*run};
  }
  if (object.has("request_id")) {
    return bad_request(
        "The field \"request_id\" goes with the actions measured and drop_run only.");
  }
  const std::array<CalibrationAction, 5> others{
      protocol::AcceptCalibration{}, protocol::DiscardCalibration{}, protocol::NewBottle{},
      protocol::BottleEmpty{}, protocol::ClearFaults{}};
  for (const auto& action : others) {
    if (protocol::name_of(action) == **text) return action;
  }
  return bad_request(
      "The field \"action\" must be measured, drop_run, accept, discard, new_bottle, bottle_empty "
      "or clear_faults.");
}

}  // namespace

Checked<control::DispenseRequest> read_service(std::string_view body,
                                               std::optional<std::string_view> idempotency_key,
                                               const TapName& tap, const ServerRun& run) {
  static constexpr std::array known{"kind"sv,       "amount_ml"sv, "portions"sv,
                                    "seconds"sv,    "confirm"sv,   "user_token"sv,
                                    "request_id"sv, "server_id"sv, "expires_ms"sv};
  const auto object = FlatObject::read(body, known);
  if (!object) return std::unexpected{object.error()};
  const auto kind = read_kind(*object);
  if (!kind) return std::unexpected{kind.error()};
  const auto user = read_user_token(*object);
  if (!user) return std::unexpected{user.error()};
  const auto key = read_key(*object, idempotency_key);
  if (!key) return std::unexpected{key.error()};

  control::DispenseRequest request;
  request.user = *user;
  request.tap = tap;
  request.key = *key;
  request.purpose = protocol::purpose_of(*kind);
  const auto deadline = read_deadline(*object, run);
  if (!deadline) return std::unexpected{deadline.error()};
  request.deadline = *deadline;
  if (object->has("amount_ml") == object->has("seconds")) {
    return bad_request("Say how far to run: \"amount_ml\" or \"seconds\", one of the two.");
  }
  const auto extent = object->has("amount_ml") ? read_amount(*object, *kind, request)
                                               : read_time(*object, *kind, request);
  if (!extent) return std::unexpected{extent.error()};
  if (const auto confirmed = check_confirmed(*object, *kind); !confirmed) {
    return std::unexpected{confirmed.error()};
  }
  return request;
}

Checked<control::CalibrationRequest> read_calibration_action(std::string_view body,
                                                             const TapName& tap,
                                                             const ServerRun& run) {
  static constexpr std::array known{"action"sv,    "user_token"sv, "request_id"sv, "measured_ml"sv,
                                    "server_id"sv, "expires_ms"sv, "act_id"sv,     "faults"sv};
  const auto object = FlatObject::read(body, known);
  if (!object) return std::unexpected{object.error()};
  const auto user = read_user_token(*object);
  if (!user) return std::unexpected{user.error()};
  auto action = read_action(*object);
  if (!action) return std::unexpected{action.error()};
  const auto deadline = read_deadline(*object, run);
  if (!deadline) return std::unexpected{deadline.error()};
  control::CalibrationRequest request{
      .tap = tap, .user = *user, .action = *action, .deadline = *deadline};
  if (const auto seen = read_seen(*object, request); !seen) return std::unexpected{seen.error()};
  return request;
}

Checked<control::MachineRequest> read_takeover(std::string_view body, const TapName& tap,
                                               const ServerRun& run) {
  static constexpr std::array known{"action"sv, "user_token"sv, "machine_id"sv, "server_id"sv,
                                    "expires_ms"sv};
  const auto object = FlatObject::read(body, known);
  if (!object) return std::unexpected{object.error()};
  const auto action = object->text("action");
  if (!action) return std::unexpected{action.error()};
  if (*action != "adopt") return bad_request("The field \"action\" must be adopt.");
  control::MachineRequest request{.tap = tap, .user = {}, .machine = {}};
  const auto deadline = read_deadline(*object, run);
  if (!deadline) return std::unexpected{deadline.error()};
  request.deadline = *deadline;
  if (object->has("user_token")) {
    const auto user = read_user_token(*object);
    if (!user) return std::unexpected{user.error()};
    request.user = *user;
  }
  const auto machine = object->text("machine_id");
  if (!machine) return std::unexpected{machine.error()};
  if (*machine) {
    request.machine = MachineId::parse(**machine);
    if (!request.machine) {
      return bad_request("The field \"machine_id\" must be 16 digits 0-9 a-f.");
    }
  }
  return request;
}

}  // namespace pourtocol::routes
