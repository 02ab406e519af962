#include "backend/control/calibrations.hpp"

#include <algorithm>
#include <utility>

#include "backend/control/calibration_wording.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::control {

namespace {

/// Whether the log hears of it before the device does.
bool is_recorded_first(const protocol::CalibrationAction& action) {
  return std::holds_alternative<protocol::AcceptCalibration>(action) ||
         std::holds_alternative<protocol::NewBottle>(action) ||
         std::holds_alternative<protocol::ClearFaults>(action);
}

bool is_accept(const CalibrationRequest& request) {
  return request.action && std::holds_alternative<protocol::AcceptCalibration>(*request.action);
}

bool is_too_late(const CalibrationRequest& request, const Turn& turn) {
  return request.deadline && turn.now() > *request.deadline;
}

bool has_other(protocol::FaultSet standing, protocol::FaultSet seen) {
  for (std::size_t i = 0; i < protocol::fault_count; ++i) {
    const auto fault = static_cast<protocol::Fault>(i);
    if (standing.contains(fault) && !seen.contains(fault)) return true;
  }
  return false;
}

/// The answer to what did not end in a report. `asked_only`: nothing can have changed.
CalibrationAnswer answer_for(const CalibrationResult& result, bool asked_only) {
  if (const auto* refused = std::get_if<protocol::CalibrationRefused>(&result)) {
    // Firmware of ours that is older than calibrations knows no such address.
    if (asked_only) return calibration_answer(CalibrationCode::service_unsupported);
    CalibrationAnswer answer = calibration_answer(CalibrationCode::refused);
    answer.refusal = refused->refusal;
    answer.message = sentence_for(*refused);
    return answer;
  }
  const bool nothing_done = asked_only || std::holds_alternative<NotSent>(result);
  return calibration_answer(nothing_done ? CalibrationCode::offline : CalibrationCode::no_answer);
}

}  // namespace

void Calibrations::ask(const CalibrationAsked& event, std::optional<TapIndex> index, const Tap* tap,
                       Turn& turn) {
  const auto refuse = [&](CalibrationCode code) {
    turn.emit(AnswerCalibration{.ticket = event.ticket, .answer = calibration_answer(code)});
  };
  if (!index || tap == nullptr) return refuse(CalibrationCode::unknown_tap);
  if (turn.shared().shutting_down) return refuse(CalibrationCode::shutting_down);
  if (event.request.action && !turn.shared().store_ready) {
    return refuse(turn.shared().store_read ? CalibrationCode::store_failed
                                           : CalibrationCode::starting);
  }
  if (is_too_late(event.request, turn)) return refuse(CalibrationCode::too_late);
  if (is_overtaken(event.request, *index, *tap)) return refuse(CalibrationCode::changed_meanwhile);
  if (tap->is_of_another_machine()) return refuse(CalibrationCode::wrong_machine);
  if (tap->knows_no_service()) return refuse(CalibrationCode::service_unsupported);
  if (!tap->is_online(turn.now())) {
    return refuse(tap->is_starting() ? CalibrationCode::starting : CalibrationCode::offline);
  }
  const auto under_way = std::count_if(jobs_.begin(), jobs_.end(),
                                       [&](const auto& job) { return job.second.tap == *index; });
  if (static_cast<std::size_t>(under_way) >= jobs_per_tap_max) {
    return refuse(CalibrationCode::too_many_requests);
  }
  Job& job = jobs_[event.ticket];
  job.tap = *index;
  job.request = event.request;
  job.faults = tap->faults();
  job.guard = tap->guard(turn);
  job.asked_at = turn.now();
  const bool act = job.request.action && !is_recorded_first(*job.request.action);
  call_device(job, act, turn);
}

/// Whoever asked has seen another state than it would change by now.
bool Calibrations::is_overtaken(const CalibrationRequest& request, TapIndex index,
                                const Tap& tap) const {
  const auto is_of_another = [&](const auto& job) {
    return job.second.tap == index && job.second.request.action;
  };
  if (request.act && (*request.act != newest_act(request.tap) ||
                      std::any_of(jobs_.begin(), jobs_.end(), is_of_another))) {
    return true;
  }
  return request.faults && has_other(tap.faults(), *request.faults);
}

std::int64_t Calibrations::newest_act(const TapName& tap) const {
  const auto found = acts_.find(tap);
  return found == acts_.end() ? acts_before_.value_or(0) : found->second;
}

void Calibrations::count_act(const TapName& tap, std::int64_t row) {
  acts_[tap] = std::max(row, newest_act(tap) + 1);
}

void Calibrations::on_row(const LogRow& row) {
  if (!row.action.empty()) count_act(row.tap, row.id);
}

void Calibrations::call_device(Job& job, bool act, Turn& turn) {
  job.stage = act ? Stage::acting : Stage::looking;
  job.call = turn.new_call();
  CalibrationCall call{.action = {}, .guard = {}, .timeout = turn.settings().dispense_timeout};
  if (act) {
    call.action = job.request.action;
    call.guard = job.guard;
    // A look and a row of the log may have come between. If the machine has restarted since, it is
    // not the one that the host was looking at.
    if (call.guard) {
      call.guard->expires +=
          std::chrono::duration_cast<std::chrono::milliseconds>(turn.now() - job.asked_at);
    }
  }
  turn.emit(CallDeviceCalibration{.tap = job.tap, .id = job.call, .call = std::move(call)});
}

void Calibrations::on_answer(const CalibrationAnswered& answered, Turn& turn) {
  const auto at = std::find_if(jobs_.begin(), jobs_.end(), [&](const auto& job) {
    const bool calling = job.second.stage == Stage::looking || job.second.stage == Stage::acting;
    return calling && job.second.call == answered.call;
  });
  if (at == jobs_.end()) return;
  if (at->second.stage == Stage::looking) {
    looked(at, answered.result, turn);
  } else {
    acted(at, answered.result, turn);
  }
}

void Calibrations::looked(Jobs::iterator at, const CalibrationResult& result, Turn& turn) {
  Job& job = at->second;
  const auto* report = std::get_if<protocol::CalibrationReport>(&result);
  if (report == nullptr) return answer(at, answer_for(result, true), turn);
  if (!job.request.action) {
    CalibrationAnswer found;
    found.report = *report;
    return answer(at, std::move(found), turn);
  }
  if (is_accept(job.request) && !report->proposal) {
    const protocol::CalibrationRefused nothing{
        .refusal = protocol::CalibrationRefusal::nothing_to_accept, .text = {}};
    return answer(at, answer_for(nothing, false), turn);
  }
  if (is_too_late(job.request, turn)) {
    return answer(at, calibration_answer(CalibrationCode::too_late), turn);
  }
  job.before = *report;
  job.stage = Stage::recording_intent;
  record(at, EventStatus::started, intent_sentence(*job.request.action, *report, job.faults), turn);
}

void Calibrations::acted(Jobs::iterator at, const CalibrationResult& result, Turn& turn) {
  Job& job = at->second;
  job.ended_at = turn.wall();
  const protocol::CalibrationAction& action = *job.request.action;
  const auto* report = std::get_if<protocol::CalibrationReport>(&result);
  if (report != nullptr) {
    job.answer = {};
    job.answer.report = *report;
    job.stage = Stage::recording_end;
    return record(at, EventStatus::success,
                  success_sentence(action, job.before.value_or(*report), *report, job.faults),
                  turn);
  }
  CalibrationAnswer no_report = answer_for(result, false);
  // Perhaps it was done.
  if (no_report.code == CalibrationCode::no_answer) count_act(job.request.tap, 0);
  if (!is_recorded_first(action)) return answer(at, std::move(no_report), turn);
  failed(at, std::move(no_report), turn);
}

/// What was announced in the log has not come about, as far as is known.
void Calibrations::failed(Jobs::iterator at, CalibrationAnswer answer, Turn& turn) {
  Job& job = at->second;
  job.ended_at = turn.wall();
  job.stage = Stage::recording_end;
  std::string reason = failure_sentence(*job.request.action, answer);
  job.answer = std::move(answer);
  record(at, EventStatus::failed, std::move(reason), turn);
}

void Calibrations::record(Jobs::iterator at, EventStatus status, std::string reason, Turn& turn) {
  if (!turn.shared().store_ready) return on_written(at->first, false, turn);
  const CalibrationRequest& request = at->second.request;
  turn.submit(AuditWrite{.tap = request.tap,
                         .user = request.user,
                         .status = status,
                         .action = std::string{protocol::name_of(*request.action)},
                         .reason = std::move(reason),
                         .at = turn.wall()},
              AuditPending{.ticket = at->first});
}

void Calibrations::on_written(Ticket ticket, bool durable, Turn& turn) {
  const auto at = jobs_.find(ticket);
  if (at == jobs_.end()) return;
  Job& job = at->second;
  if (job.stage == Stage::recording_intent) {
    if (durable && is_too_late(job.request, turn)) {
      return failed(at, calibration_answer(CalibrationCode::too_late), turn);
    }
    if (durable) return call_device(job, true, turn);
    return answer(at, calibration_answer(CalibrationCode::store_failed), turn);
  }
  if (!durable) {
    count_act(job.request.tap, 0);
    CalibrationAnswer unrecorded = calibration_answer(CalibrationCode::store_failed);
    unrecorded.message =
        "The machine was told, but how it went could not be recorded: check the server's disk, "
        "then look at the calibration again.";
    return answer(at, std::move(unrecorded), turn);
  }
  const bool accepted = is_accept(job.request) && job.answer.code == CalibrationCode::ok;
  if (accepted) accepted_[job.request.tap] = job.ended_at;
  answer(at, std::move(job.answer), turn);
}

void Calibrations::answer(Jobs::iterator at, CalibrationAnswer answer, Turn& turn) {
  const auto accepted = accepted_.find(at->second.request.tap);
  if (accepted != accepted_.end()) answer.accepted_at = accepted->second;
  answer.act = newest_act(at->second.request.tap);
  turn.emit(AnswerCalibration{.ticket = at->first, .answer = std::move(answer)});
  jobs_.erase(at);
}

void Calibrations::on_recovered(const Recovered& recovered) {
  for (const Recovered::Calibrated& one : recovered.calibrated) accepted_[one.tap] = one.at;
  if (!acts_before_) acts_before_ = recovered.last_log_id;
}

}  // namespace pourtocol::control
