// What people are told about calibrations, in plain sentences: by the API and by the log.
#pragma once

#include <string>

#include "backend/control/service.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::control {

/// An answer without a report, with its sentence. Not for `ok`; that of `refused` follows.
[[nodiscard]] CalibrationAnswer calibration_answer(CalibrationCode code);
/// Why the device does not do it, and what to do about it.
[[nodiscard]] std::string sentence_for(const protocol::CalibrationRefused& refused);

/// For the log: what is about to be done, what was done, and that it was not. `faults` are those
/// that stood when it was asked.
[[nodiscard]] std::string intent_sentence(const protocol::CalibrationAction& action,
                                          const protocol::CalibrationReport& before,
                                          protocol::FaultSet faults);
[[nodiscard]] std::string success_sentence(const protocol::CalibrationAction& action,
                                           const protocol::CalibrationReport& before,
                                           const protocol::CalibrationReport& after,
                                           protocol::FaultSet faults);
[[nodiscard]] std::string failure_sentence(const protocol::CalibrationAction& action,
                                           const CalibrationAnswer& answer);

}  // namespace pourtocol::control
