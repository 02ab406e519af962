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

/// "0000240ac4123456".
[[nodiscard]] std::string text_of(MachineId id);

/// What is wrong with the machine at a tap's address, to go on a sentence: "the machine at this
/// address says it is \"terrace\"". Empty: nothing.
[[nodiscard]] std::string sentence_of(const MachineView& machine);
/// What to do about that. Empty: nothing.
[[nodiscard]] std::string_view action_for_machine(const MachineView& machine) noexcept;
/// For the log: what was taken over, and from whom.
[[nodiscard]] std::string takeover_sentence(const MachineView& before);
[[nodiscard]] MachineAnswer machine_answer(MachineCode code, std::string message = {});

/// What to do about what stands in the way of a pour: "Place a glass." Empty for other causes.
[[nodiscard]] std::string_view action_for(Cause cause) noexcept;
/// The same of a log whose file is lost.
inline constexpr std::string_view action_for_lost_log =
    "The log's file is no longer in its place: end the server, put the file back or restore a "
    "backup, and start it again.";

/// The answer to a wish that is kept as `pour`. Depends on nothing but how the pour stands, so the
/// same key gets the same answer as soon as it is final.
[[nodiscard]] DispenseAnswer answer_for(const Pour& pour);

/// The answer when an order has been sent but the device's answer proves nothing (yet).
[[nodiscard]] DispenseAnswer no_answer_for(const Pour& pour);

/// The answer when an order has been sent and the log fails before its end is durable.
[[nodiscard]] DispenseAnswer unrecorded_answer_for(const RequestId& id, const TapName& tap);

/// An answer to a wish of which nothing is kept.
[[nodiscard]] DispenseAnswer refusal(AnswerCode code, const TapName& tap = {});

/// What whoever gives up an order, or stops a pour that no tap is busy with, is told.
[[nodiscard]] StopAnswer give_up_answer(ControlCode code);
/// `still_stopped`: the taps that are, of `stopped_again`.
[[nodiscard]] ResumeAnswer resume_answer(ControlCode code, std::vector<TapName> still_stopped = {});

}  // namespace pourtocol::control
