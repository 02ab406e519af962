// What people are told, in plain sentences. Every sentence about a refusal or a failure says what
// is the matter and what to do.
#pragma once

#include <string>
#include <string_view>

#include "backend/control/pour.hpp"
#include "backend/control/service.hpp"

namespace pourtocol::control {

/// "12.3": millilitres with one decimal, without a trailing ".0".
[[nodiscard]] std::string in_ml(Microlitres volume);

/// "no_flow, sensor_stuck".
[[nodiscard]] std::string faults_text(protocol::FaultSet faults);

/// What to do about what stands in the way of a pour: "Place a glass." Empty for other causes.
[[nodiscard]] std::string_view action_for(Cause cause) noexcept;

/// The answer to a wish that is kept as `pour`. Depends on nothing but how the pour stands, so the
/// same key gets the same answer as soon as it is final.
[[nodiscard]] DispenseAnswer answer_for(const Pour& pour);

/// The answer when an order has been sent but the device's answer proves nothing (yet).
[[nodiscard]] DispenseAnswer no_answer_for(const Pour& pour);

/// The answer when an order has been sent and the log fails before its end is durable.
[[nodiscard]] DispenseAnswer unrecorded_answer_for(const RequestId& id, const TapName& tap);

/// An answer to a wish of which nothing is kept.
[[nodiscard]] DispenseAnswer refusal(AnswerCode code, const TapName& tap = {});

}  // namespace pourtocol::control
