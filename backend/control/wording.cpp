#include "backend/control/wording.hpp"

#include <array>
#include <utility>

#include "protocol/codec.hpp"

namespace pourtocol::control {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view ordered_at_machine =
    "It was not ordered here, but at the machine itself.";

/// "12.3 of 30 ml"; of a run that goes by time "12.3 ml".
std::string out_of_amount(const Pour& pour, Microlitres flowed) {
  if (pour.run_time.count() != 0) return in_ml(flowed) + " ml";
  return in_ml(flowed) + " of " + std::to_string(pour.amount_ml) + " ml";
}

std::string out_of(const Pour& pour) {
  return out_of_amount(pour, pour.delivery.value_or(Delivery{}).delivered);
}

bool is_service(const Pour& pour) {
  return pour.purpose != protocol::Purpose::pour;
}

/// "Calibrating", "Priming the line".
std::string_view doing(protocol::Purpose purpose) {
  switch (purpose) {
    case protocol::Purpose::pour:
      return "Pouring";
    case protocol::Purpose::calibrate:
      return "Running into the cup";
    case protocol::Purpose::prime:
      return "Priming the line";
    case protocol::Purpose::clean:
      return "Cleaning";
    case protocol::Purpose::empty_line:
      return "Emptying the line";
  }
  return "";
}

/// "Pouring 30 ml.", "Cleaning for 30 s.", "Running into the cup 8 times 15 ml."
std::string under_way(const Pour& pour) {
  std::string text{doing(pour.purpose)};
  if (pour.run_time.count() != 0) {
    const auto tenths = pour.run_time.count() / 100;
    text += " for " + in_ml(Microlitres{tenths * 100}) + " s.";
  } else if (pour.portions > 1) {
    text += " " + std::to_string(pour.portions) + " times " +
            std::to_string(pour.amount_ml / pour.portions) + " ml.";
  } else {
    text += (is_service(pour) ? ": " : " ") + std::to_string(pour.amount_ml) + " ml.";
  }
  return text;
}

std::string may_have_flowed(const Pour& pour) {
  return "; up to " + in_ml(pour.most) + " ml may have flowed.";
}

std::string reason_for_partial(const Pour& pour) {
  using enum protocol::StopReason;
  switch (pour.stop_reason.value_or(target_reached)) {
    case glass_removed:
      return "Partial: the glass was lifted after " + out_of(pour) + ".";
    case stop_requested:
      return "Partial: stopped after " + out_of(pour) + ".";
    case no_flow:
      return "Partial: nothing flowed any more after " + out_of(pour) +
             "; check the bottle and the line.";
    case too_fast:
      return "Partial: it flowed too fast, stopped after " + out_of(pour) + "; calibrate the tap.";
    case too_slow:
      return "Partial: it flowed too slowly, stopped after " + out_of(pour) +
             "; check the bottle and the line, then calibrate the tap.";
    case cut_off:
      return "Partial: the time limit ended it after " + out_of(pour) + ".";
    case sensor_stuck:
      return "Partial: the glass sensor could not tell a glass from none after " + out_of(pour) +
             "; check the sensor.";
    case journal_failed:
      return "Partial: the machine could not record any more after " + out_of(pour) + ".";
    case power_lost:
      return "Partial: the machine lost power; at least " +
             out_of_amount(pour, pour.delivery.value_or(Delivery{}).min) + " were poured.";
    case target_reached:
      return "Partial: " + out_of(pour) + ".";
  }
  return {};
}

std::string reason_for_impossible(const Pour& pour) {
  return "Unknown: the machine says that " + pour.detail + ", which cannot be" +
         may_have_flowed(pour);
}

std::string reason_for_unknown(const Pour& pour) {
  switch (pour.cause) {
    case Cause::rebooted:
      return "Unknown: the machine restarted during the pour" + may_have_flowed(pour);
    case Cause::idle_throughout:
      return "Unknown: the machine did not answer and was not seen pouring" + may_have_flowed(pour);
    case Cause::ended_too_soon:
      return "Unknown: the machine was done sooner than a pump can pour " +
             std::to_string(pour.amount_ml) + " ml" + may_have_flowed(pour);
    case Cause::deadline_passed:
      return "Unknown: the machine did not say in time that it was done" + may_have_flowed(pour);
    case Cause::wrong_machine:
      return "Unknown: another machine answered at this tap's address" + may_have_flowed(pour);
    case Cause::journal_lost:
      return "Unknown: the machine lost its record of the pour" + may_have_flowed(pour);
    case Cause::impossible_record:
      return reason_for_impossible(pour);
    case Cause::ordered_at_machine:
      return reason_for_impossible(pour) + " " + std::string{ordered_at_machine};
    default:
      return "Unknown: the machine could not be reached" + may_have_flowed(pour);
  }
}

std::string reason_for_refused(const Pour& pour) {
  switch (pour.cause) {
    case Cause::amount_out_of_range:
      return "An amount of " + std::to_string(pour.amount_ml) +
             " ml is not possible: ask for 1 to " + (is_service(pour) ? "200 ml." : "60 ml.");
    case Cause::service_unsupported:
      return "This machine's firmware knows no service runs: do it at the machine, or give it our "
             "firmware.";
    case Cause::busy:
      if (!pour.detail.empty()) {
        return "The machine " + pour.detail + ": wait until it is idle.";
      }
      return "The tap is pouring for someone else: wait until it is done.";
    case Cause::no_glass:
      return "There is no glass under the tap: place a glass.";
    case Cause::stopped:
      return "The tap has been stopped: ask the host to resume it.";
    case Cause::given_up:
      return "This order was given up before it came; nothing was poured. Order anew if you want "
             "to.";
    case Cause::too_late:
      return "This order came too late; nothing was poured. Order anew if you want to.";
    case Cause::unclear_pour:
      return "The last pour of this tap is still being checked: wait a few seconds.";
    case Cause::device_fault:
      return "The machine reports a fault (" + pour.detail + "): ask the host to look at it.";
    case Cause::wrong_machine:
      return "Another machine answers at this tap's address (" + pour.detail +
             "): ask the host to look at it.";
    default:
      if (pour.detail.empty()) {
        return "The machine does not answer: check its power and its Wi-Fi.";
      }
      return "The machine does not answer as a dispenser does (it " + pour.detail +
             "): ask the host to look at it.";
  }
}

std::string reason_for_not_sent(const Pour& pour) {
  switch (pour.cause) {
    case Cause::stopped_before_sending:
      return "Stopped before the pour began; nothing was poured.";
    case Cause::shutting_down:
      return "The server is being shut down; nothing was poured.";
    case Cause::too_late:
      return "The order could not be sent in time; nothing was poured. Order anew if you want to.";
    default:
      return "The machine could not be reached; nothing was poured. Check its power and its Wi-Fi.";
  }
}

AnswerCode code_for_refused(Cause cause) {
  switch (cause) {
    case Cause::amount_out_of_range:
      return AnswerCode::amount_out_of_range;
    case Cause::busy:
      return AnswerCode::busy;
    case Cause::no_glass:
      return AnswerCode::no_glass;
    case Cause::stopped:
      return AnswerCode::stopped;
    case Cause::given_up:
      return AnswerCode::given_up;
    case Cause::too_late:
      return AnswerCode::too_late;
    case Cause::unclear_pour:
      return AnswerCode::unclear_pour;
    case Cause::device_fault:
      return AnswerCode::device_fault;
    case Cause::service_unsupported:
      return AnswerCode::service_unsupported;
    case Cause::wrong_machine:
      return AnswerCode::wrong_machine;
    default:
      return AnswerCode::offline;
  }
}

AnswerCode code_for_not_sent(Cause cause) {
  switch (cause) {
    case Cause::stopped_before_sending:
      return AnswerCode::stopped;
    case Cause::shutting_down:
      return AnswerCode::shutting_down;
    case Cause::too_late:
      return AnswerCode::too_late;
    default:
      return AnswerCode::offline;
  }
}

AnswerCode code_for(const Pour& pour) {
  using enum PourState;
  // Once the device has said yes, the wish was granted; how the pour went is for the receipt to
  // tell.
  if (pour.accepted) return AnswerCode::pouring;
  switch (pour.state) {
    case refused:
      return code_for_refused(pour.cause);
    case not_sent:
      return code_for_not_sent(pour.cause);
    case rejected:
      return AnswerCode::device_refused;
    case done:
    case partial:
      return AnswerCode::pouring;
    case not_poured:
    case unknown:
      return AnswerCode::no_answer;
    default:
      return AnswerCode::pending;
  }
}

template <class Enum, std::size_t Count>
std::string_view name_at(const std::array<std::string_view, Count>& names, Enum value) {
  return names.at(static_cast<std::size_t>(value));
}

}  // namespace

std::string in_ml(Microlitres volume) {
  const std::int64_t tenths = (volume.count() + 50) / 100;
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
  return text;
}

std::string faults_text(protocol::FaultSet faults) {
  std::string text;
  for (std::size_t i = 0; i < protocol::fault_count; ++i) {
    const auto fault = static_cast<protocol::Fault>(i);
    if (!faults.contains(fault)) continue;
    if (!text.empty()) text += ", ";
    text += protocol::name_of(fault);
  }
  return text;
}

std::string text_of(MachineId id) {
  const auto text = id.text();
  return {text.data(), text.size()};
}

std::string sentence_of(const MachineView& machine) {
  if (!machine.mismatch) return {};
  std::string text = "the machine at this address ";
  switch (*machine.mismatch) {
    case Mismatch::names_another_tap:
      return text + "says it is \"" + std::string{machine.named.view()} + "\"";
    case Mismatch::says_no_id:
      return text + "does not say which it is; this tap's is " + text_of(*machine.known);
    case Mismatch::another_machine:
      text += "is " + text_of(*machine.told) + "; this tap's is " + text_of(*machine.known);
      if (machine.owner.empty()) return text;
      return text + ", that one is the machine of \"" + std::string{machine.owner.view()} + "\"";
    case Mismatch::of_another_tap:
      return text + "is that of \"" + std::string{machine.owner.view()} + "\"";
  }
  return text;
}

std::string_view action_for_machine(const MachineView& machine) noexcept {
  if (!machine.mismatch) return {};
  if (*machine.mismatch == Mismatch::names_another_tap) {
    return "Check where this tap's address leads. If it is the right machine, name it in its setup "
           "as this tap is named.";
  }
  if (!machine.adoptable) {
    return "Check where this tap's address leads: each tap needs a machine of its own.";
  }
  return "Check where this tap's address leads. If its board was replaced, take the new one over.";
}

std::string takeover_sentence(const MachineView& before) {
  std::string text = "The machine was replaced: ";
  text += before.told ? text_of(*before.told) : "one that does not say which it is";
  text += " in place of ";
  text += before.known ? text_of(*before.known) : "none";
  if (!before.owner.empty()) {
    text += "; it was the machine of \"" + std::string{before.owner.view()} + "\"";
  }
  return text + ".";
}

MachineAnswer machine_answer(MachineCode code, std::string message) {
  MachineAnswer answer{.code = code, .message = std::move(message)};
  if (!answer.message.empty()) return answer;
  switch (code) {
    case MachineCode::ok:
      answer.message = "The machine at this tap's address is the tap's from now on.";
      break;
    case MachineCode::unknown_tap:
      answer.message = refusal(AnswerCode::unknown_tap).message;
      break;
    case MachineCode::offline:
      answer.message = "No machine answers at this tap's address: check its power and its Wi-Fi.";
      break;
    case MachineCode::wrong_machine:
      answer.message = "It is another machine than was named: look again.";
      break;
    case MachineCode::too_late:
      answer.message = "This came too late; nothing was changed. Do it again if you want to.";
      break;
    case MachineCode::starting:
      answer.message = refusal(AnswerCode::starting).message;
      break;
    case MachineCode::store_failed:
      answer.message =
          "The log cannot be written, so nothing was changed: check the server's disk.";
      break;
    case MachineCode::shutting_down:
      answer.message = refusal(AnswerCode::shutting_down).message;
      break;
  }
  return answer;
}

std::string_view action_for(Cause cause) noexcept {
  switch (cause) {
    case Cause::busy:
      return "Wait until the running pour is done.";
    case Cause::no_glass:
      return "Place a glass.";
    case Cause::stopped:
      return "Resume the tap.";
    case Cause::offline:
      return "Check the machine's power and its Wi-Fi.";
    case Cause::wrong_machine:
      return "Check where this tap's address leads: another machine answers there.";
    case Cause::unclear_pour:
      return "Wait until the last pour is settled.";
    case Cause::device_fault:
      return "Look at the machine.";
    case Cause::log_failed:
      return "Check the server's disk: the log cannot be written.";
    case Cause::starting:
      return "The server is starting: wait a moment.";
    default:
      return "";
  }
}

std::string reason_for(const Pour& pour) {
  using enum PourState;
  switch (pour.state) {
    case refused:
      return reason_for_refused(pour);
    case not_sent:
      return reason_for_not_sent(pour);
    case rejected:
      return "The machine refused" + (pour.detail.empty() ? "" : " (" + pour.detail + ")") +
             "; nothing was poured.";
    case done:
      return pour.cause == Cause::ordered_at_machine ? std::string{ordered_at_machine}
                                                     : std::string{};
    case partial:
      if (pour.cause == Cause::ordered_at_machine) {
        return reason_for_partial(pour) + " " + std::string{ordered_at_machine};
      }
      return reason_for_partial(pour);
    case not_poured:
      return "The order did not reach the machine in time; nothing was poured.";
    case unknown:
      return reason_for_unknown(pour);
    default:
      return {};
  }
}

DispenseAnswer answer_for(const Pour& pour) {
  DispenseAnswer answer{.code = code_for(pour),
                        .request_id = pour.request_id,
                        .tap = pour.tap,
                        .state = pour.state,
                        .message = {}};
  if (answer.code == AnswerCode::pouring) {
    answer.message = under_way(pour);
  } else if (answer.code == AnswerCode::pending) {
    answer.message = "This order is on its way: follow its request id.";
  } else {
    answer.message = reason_for(pour);
  }
  return answer;
}

DispenseAnswer no_answer_for(const Pour& pour) {
  return {.code = AnswerCode::no_answer,
          .request_id = pour.request_id,
          .tap = pour.tap,
          .state = pour.state,
          .message =
              "The machine did not answer. Whether it pours is being found out: follow the "
              "request id, and do not order again yet."};
}

DispenseAnswer unrecorded_answer_for(const RequestId& id, const TapName& tap) {
  return {.code = AnswerCode::no_answer,
          .request_id = id,
          .tap = tap,
          .state = PourState::unclear,
          .message =
              "The order was sent, but the log cannot be written now: follow the request id, and "
              "do not order again yet."};
}

DispenseAnswer refusal(AnswerCode code, const TapName& tap) {
  DispenseAnswer answer{
      .code = code, .request_id = {}, .tap = tap, .state = PourState::fresh, .message = {}};
  switch (code) {
    case AnswerCode::unknown_tap:
      answer.message = "There is no such tap: see \"taps\" in /api/status.";
      break;
    case AnswerCode::key_conflict:
      answer.message = "This request id was used for another order: make a new id for a new order.";
      break;
    case AnswerCode::starting:
      answer.message = "The server is starting: try again in a moment.";
      break;
    case AnswerCode::store_failed:
      answer.message = "The log cannot be written, so nothing was sent: check the server's disk.";
      break;
    case AnswerCode::overloaded:
      answer.message = "The server has too much to do: try again in a moment.";
      break;
    case AnswerCode::shutting_down:
      answer.message = "The server is being shut down: try again when it is back.";
      break;
    default:
      answer.message = "Too many requests: wait a moment.";
      break;
  }
  return answer;
}

StopAnswer give_up_answer(ControlCode code) {
  StopAnswer answer{.code = code, .message = {}, .taps = {}};
  switch (code) {
    case ControlCode::given_up:
      answer.message = "Given up: nothing was poured, and nothing will be under this id.";
      break;
    case ControlCode::unknown_request:
      answer.message = "This pour is not running (any more).";
      break;
    case ControlCode::starting:
      answer.message = refusal(AnswerCode::starting).message;
      break;
    case ControlCode::overloaded:
      answer.message = refusal(AnswerCode::overloaded).message;
      break;
    default:
      answer.message =
          "The log cannot be written, so this order could not be given up: it may still be poured. "
          "Ask again, and check the server's disk.";
      break;
  }
  return answer;
}

ResumeAnswer resume_answer(ControlCode code, std::vector<TapName> still_stopped) {
  ResumeAnswer answer{.code = code, .message = {}, .still_stopped = {}};
  switch (code) {
    case ControlCode::ok:
      answer.message = "Resumed.";
      break;
    case ControlCode::stopped_again:
      for (const TapName& tap : still_stopped) {
        answer.message += (answer.message.empty() ? "" : ", ") + std::string{tap.view()};
      }
      answer.message =
          "Stopped again meanwhile: " + answer.message + ". Look, and resume anew if all is well.";
      answer.still_stopped = std::move(still_stopped);
      break;
    case ControlCode::stop_not_named:
      answer.message =
          "Say which stop is lifted: \"stop\" is the tap's \"stop_id\" of /api/status, or the "
          "highest of several.";
      break;
    case ControlCode::too_late:
      answer.message = "This came too late; nothing was resumed. Do it again if you want to.";
      break;
    case ControlCode::unknown_tap:
      answer.message = refusal(AnswerCode::unknown_tap).message;
      break;
    case ControlCode::starting:
      answer.message = refusal(AnswerCode::starting).message;
      break;
    default:
      answer.message =
          "The log cannot be written, so nothing was resumed: check the server's disk.";
      break;
  }
  return answer;
}

std::string_view name_of(AnswerCode code) noexcept {
  static constexpr std::array names{
      "pouring"sv,          "pending"sv,       "amount_out_of_range"sv,
      "unknown_tap"sv,      "busy"sv,          "no_glass"sv,
      "stopped"sv,          "given_up"sv,      "too_late"sv,
      "unclear_pour"sv,     "device_fault"sv,  "service_unsupported"sv,
      "offline"sv,          "wrong_machine"sv, "key_conflict"sv,
      "device_refused"sv,   "no_answer"sv,     "starting"sv,
      "store_failed"sv,     "overloaded"sv,    "shutting_down"sv,
      "too_many_requests"sv};
  return name_at(names, code);
}

std::string_view name_of(TapStopCode code) noexcept {
  static constexpr std::array names{"stopped"sv, "not_pouring"sv, "cannot_stop"sv, "no_answer"sv};
  return name_at(names, code);
}

std::string_view name_of(MachineCode code) noexcept {
  static constexpr std::array names{
      "ok"sv,       "unknown_tap"sv, "offline"sv,      "wrong_machine"sv,
      "too_late"sv, "starting"sv,    "store_failed"sv, "shutting_down"sv};
  return name_at(names, code);
}

std::string_view name_of(Mismatch mismatch) noexcept {
  static constexpr std::array names{"names_another_tap"sv, "another_machine"sv, "says_no_id"sv,
                                    "of_another_tap"sv};
  return name_at(names, mismatch);
}

std::string_view name_of(ControlCode code) noexcept {
  static constexpr std::array names{
      "ok"sv,          "given_up"sv, "unknown_tap"sv, "unknown_request"sv, "stopped_again"sv,
      "bad_request"sv, "too_late"sv, "starting"sv,    "store_failed"sv,    "overloaded"sv};
  return name_at(names, code);
}

std::string_view name_of(LinkState state) noexcept {
  static constexpr std::array names{"online"sv, "offline"sv, "error"sv};
  return name_at(names, state);
}

std::string_view name_of(PourPhase phase) noexcept {
  static constexpr std::array names{"starting"sv, "sending"sv, "accepted"sv, "unclear"sv};
  return name_at(names, phase);
}

std::string_view name_of(InterlockName name) noexcept {
  static constexpr std::array names{"log_writable"sv,  "not_stopped"sv,     "device_online"sv,
                                    "right_machine"sv, "last_pour_clear"sv, "idle"sv,
                                    "no_fault"sv,      "glass_present"sv};
  return name_at(names, name);
}

std::string_view name_of(InterlockKind kind) noexcept {
  static constexpr std::array names{"broke_off"sv, "device_error"sv, "not_a_dispenser"sv,
                                    "file_lost"sv};
  return name_at(names, kind);
}

}  // namespace pourtocol::control
