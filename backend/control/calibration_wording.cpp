#include "backend/control/calibration_wording.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <variant>

#include "backend/control/wording.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::control {

namespace {

using protocol::CalibrationReport;

std::string in_ml_s(FlowRate flow) {
  return in_ml(Microlitres{flow.microlitres_per_second()}) + " ml/s";
}

/// "12.1 ml/s (was 11.8 ml/s), 3 runs."
std::string change_of(const CalibrationReport& before) {
  const protocol::CalibrationProposal proposal =
      before.proposal.value_or(protocol::CalibrationProposal{});
  std::string text = in_ml_s(proposal.flow) + " (was ";
  text += before.calibrated ? in_ml_s(before.flow) : "not calibrated";
  text += ")";
  if (proposal.pulses_per_litre) {
    text += ", " + std::to_string(*proposal.pulses_per_litre) + " pulses per litre";
  }
  if (proposal.from == protocol::ProposalSource::bottle) return text + ", from an empty bottle.";
  const auto measured = std::count_if(before.runs.begin(), before.runs.end(),
                                      [](const auto& run) { return run.measured.has_value(); });
  return text + ", " + std::to_string(measured) + (measured == 1 ? " run." : " runs.");
}

std::string faults_or_none(protocol::FaultSet faults) {
  return faults.empty() ? "none was standing" : faults_text(faults);
}

std::string left_the_last_one(const CalibrationReport& before) {
  return "; " + in_ml(before.bottle_poured) + " ml had left the last one.";
}

/// One sentence for each action, once it is done.
struct Done {
  const CalibrationReport& before;
  const CalibrationReport& after;
  protocol::FaultSet faults;

  std::string operator()(const protocol::MeasuredRun& run) const {
    std::string text = "Calibration run " + std::string{run.request_id.view()} +
                       ": the cup showed " + in_ml(run.measured) + " ml";
    for (const auto& known : after.runs) {
      if (known.request_id == run.request_id) text += ", reckoned " + in_ml(known.reckoned) + " ml";
    }
    return text + ".";
  }
  std::string operator()(const protocol::DropRun& run) const {
    return "Calibration run " + std::string{run.request_id.view()} + " does not count.";
  }
  std::string operator()(protocol::AcceptCalibration) const {
    std::string text = "Calibration accepted: " + change_of(before);
    if (after.confirmed == true) text += " Confirmed with a hand at the machine.";
    return text;
  }
  std::string operator()(protocol::DiscardCalibration) const {
    return "Calibration discarded: nothing changes.";
  }
  std::string operator()(protocol::NewBottle) const {
    return "A full bottle was connected" + left_the_last_one(before);
  }
  std::string operator()(protocol::BottleEmpty) const {
    std::string text = "The bottle is empty: " + in_ml(after.bottle_poured) + " ml reckoned of " +
                       in_ml(after.bottle) + " ml";
    if (after.proposal) {
      text += "; " + in_ml_s(after.proposal->flow) + " proposed (is " + in_ml_s(after.flow) + ")";
    }
    return text + ".";
  }
  std::string operator()(protocol::ClearFaults) const {
    return "Faults cleared: " + faults_or_none(faults) + ".";
  }
};

std::string_view name_of_deed(const protocol::CalibrationAction& action) {
  if (std::holds_alternative<protocol::AcceptCalibration>(action))
    return "Calibration not accepted";
  if (std::holds_alternative<protocol::NewBottle>(action)) return "New bottle not noted";
  return "Faults not cleared";
}

}  // namespace

CalibrationAnswer calibration_answer(CalibrationCode code) {
  CalibrationAnswer answer;
  answer.code = code;
  switch (code) {
    case CalibrationCode::ok:
    case CalibrationCode::refused:
      break;
    case CalibrationCode::unknown_tap:
      answer.message = refusal(AnswerCode::unknown_tap).message;
      break;
    case CalibrationCode::service_unsupported:
      answer.message =
          "This machine's firmware cannot be calibrated from here: calibrate it its own way, or "
          "give it our firmware.";
      break;
    case CalibrationCode::too_late:
      answer.message = "This came too late; nothing was changed. Do it again if you want to.";
      break;
    case CalibrationCode::changed_meanwhile:
      answer.message =
          "Something else was done at this tap meanwhile, or another fault came up; nothing was "
          "changed by this. Look again, and decide anew.";
      break;
    case CalibrationCode::offline:
      answer.message =
          "The machine could not be reached; nothing was changed. Check its power and its Wi-Fi.";
      break;
    case CalibrationCode::wrong_machine:
      answer.message =
          "Another machine answers at this tap's address; nothing was changed. Look at why.";
      break;
    case CalibrationCode::no_answer:
      answer.message =
          "The machine did not answer. Whether it took this is not known: look at its "
          "calibration, or do it again.";
      break;
    case CalibrationCode::starting:
      answer.message = refusal(AnswerCode::starting).message;
      break;
    case CalibrationCode::store_failed:
      answer.message = refusal(AnswerCode::store_failed).message;
      break;
    case CalibrationCode::shutting_down:
      answer.message = refusal(AnswerCode::shutting_down).message;
      break;
    case CalibrationCode::too_many_requests:
      answer.message = refusal(AnswerCode::too_many_requests).message;
      break;
  }
  return answer;
}

std::string sentence_for(const protocol::CalibrationRefused& refused) {
  switch (refused.refusal) {
    case protocol::CalibrationRefusal::no_such_run:
      return "The machine knows no such run: it may have been started anew. Run into the cup "
             "again.";
    case protocol::CalibrationRefusal::nothing_to_accept:
      return "No calibration is proposed: measure a run first, or it was accepted already.";
    case protocol::CalibrationRefusal::busy:
      return "The pump is running: wait until it is done.";
    case protocol::CalibrationRefusal::no_bottle:
      return "The machine has not been told what a bottle holds: set it first.";
    case protocol::CalibrationRefusal::not_enough_poured:
      return "Too little has left this bottle to conclude anything: say so when a bottle is new, "
             "and again when it is empty.";
    case protocol::CalibrationRefusal::not_plausible:
      return "No pump could be like that: check what was entered, or run again.";
    case protocol::CalibrationRefusal::journal_failed:
      return "The machine could not record it, so nothing was changed: look at the machine.";
    case protocol::CalibrationRefusal::wrong_boot:
      return "The machine has restarted meanwhile, and nothing was changed: look at its "
             "calibration, then try again.";
    case protocol::CalibrationRefusal::expired:
      return "It reached the machine too late, and nothing was changed: try again.";
    case protocol::CalibrationRefusal::hand_needed:
      return "This is far from what was confirmed at the machine, and nothing was changed. Look at "
             "the cup and where it stood, whether ml or cl were read, and the bottle. If it is "
             "right, hold the machine's stop button for five seconds and accept while you hold it.";
    default:
      break;
  }
  if (refused.text.empty()) return "The machine refused.";
  return "The machine refused (" + std::string{refused.text.view()} + ").";
}

std::string intent_sentence(const protocol::CalibrationAction& action,
                            const CalibrationReport& before, protocol::FaultSet faults) {
  if (std::holds_alternative<protocol::AcceptCalibration>(action)) {
    return "Accepting a calibration: " + change_of(before);
  }
  if (std::holds_alternative<protocol::NewBottle>(action)) {
    return "Noting a full bottle" + left_the_last_one(before);
  }
  return "Clearing faults: " + faults_or_none(faults) + ".";
}

std::string success_sentence(const protocol::CalibrationAction& action,
                             const CalibrationReport& before, const CalibrationReport& after,
                             protocol::FaultSet faults) {
  return std::visit(Done{before, after, faults}, action);
}

std::string failure_sentence(const protocol::CalibrationAction& action,
                             const CalibrationAnswer& answer) {
  return std::string{name_of_deed(action)} + ": " + answer.message;
}

std::string_view name_of(CalibrationCode code) noexcept {
  using std::string_view_literals::operator""sv;
  static constexpr std::array names{"ok"sv,
                                    "unknown_tap"sv,
                                    "too_late"sv,
                                    "changed_meanwhile"sv,
                                    "service_unsupported"sv,
                                    "offline"sv,
                                    "wrong_machine"sv,
                                    "refused"sv,
                                    "no_answer"sv,
                                    "starting"sv,
                                    "store_failed"sv,
                                    "shutting_down"sv,
                                    "too_many_requests"sv};
  return names.at(static_cast<std::size_t>(code));
}

}  // namespace pourtocol::control
