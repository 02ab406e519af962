// What a host asks of a machine over HTTP: service runs, and what is to be done about its
// calibration. Read strictly. Pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "backend/control/service.hpp"
#include "backend/routes/api_error.hpp"
#include "backend/routes/requests.hpp"

namespace pourtocol::routes {

/// `{"kind":…,"user_token":…}` with either "amount_ml" (and perhaps "portions") or "seconds", and
/// "confirm" where the kind needs it; optionally "request_id", which may come as the header
/// `Idempotency-Key` instead, and a deadline. What comes out is within the bounds of its kind.
[[nodiscard]] Checked<control::DispenseRequest> read_service(
    std::string_view body, std::optional<std::string_view> idempotency_key, const TapName& tap,
    const ServerRun& run);

/// `{"action":…,"user_token":…}`, with "request_id" and "measured_ml" where the action has them,
/// and perhaps a deadline and what the host has seen: "act_id", and "faults" to be cleared.
[[nodiscard]] Checked<control::CalibrationRequest> read_calibration_action(std::string_view body,
                                                                           const TapName& tap,
                                                                           const ServerRun& run);

/// `{"action":"adopt","machine_id":…}`, with "user_token" if somebody is to be named in the log.
/// Without "machine_id": a machine that says none. Perhaps with a deadline.
[[nodiscard]] Checked<control::MachineRequest> read_takeover(std::string_view body,
                                                             const TapName& tap,
                                                             const ServerRun& run);

}  // namespace pourtocol::routes
