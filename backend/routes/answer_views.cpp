// What whoever asked for something is answered.
#include "backend/routes/views.hpp"

#include "backend/routes/api_error.hpp"

namespace pourtocol::routes {

using control::AnswerCode;
using control::ControlCode;

namespace {

[[nodiscard]] std::string_view reason_for(control::TapStopCode code) noexcept {
  using enum control::TapStopCode;
  switch (code) {
    case stopped:
      return "The pump is off.";
    case not_pouring:
      return "Nothing was pouring.";
    case cannot_stop:
      return "This machine cannot be stopped from here: it ends by itself.";
    case no_answer:
      return "The machine did not answer: look at it, and switch it off if it pours.";
  }
  return {};
}

void write_success(JsonText& json, bool success, std::string_view message, std::string_view code) {
  json.key("success").boolean(success);
  if (success) {
    json.key("message").text(message);
  } else {
    json.key("code").text(code);
    json.key("reason").text(message);
  }
}

}  // namespace

int status_of(AnswerCode code) noexcept {
  switch (code) {
    case AnswerCode::pouring:
      return 200;
    case AnswerCode::pending:
      return 202;
    case AnswerCode::amount_out_of_range:
      return 400;
    case AnswerCode::unknown_tap:
      return 404;
    case AnswerCode::busy:
    case AnswerCode::no_glass:
    case AnswerCode::stopped:
    case AnswerCode::given_up:
    case AnswerCode::too_late:
    case AnswerCode::unclear_pour:
    case AnswerCode::device_fault:
    case AnswerCode::service_unsupported:
    case AnswerCode::wrong_machine:
      return 409;
    case AnswerCode::key_conflict:
      return 422;
    case AnswerCode::too_many_requests:
      return 429;
    case AnswerCode::device_refused:
      return 502;
    case AnswerCode::offline:
    case AnswerCode::starting:
    case AnswerCode::store_failed:
    case AnswerCode::overloaded:
    case AnswerCode::shutting_down:
      return 503;
    case AnswerCode::no_answer:
      return 504;
  }
  return 500;
}

void write_dispense_answer(JsonText& json, const control::DispenseAnswer& answer) {
  const bool success = status_of(answer.code) < 300;
  json.begin_object();
  write_success(json, success, answer.message, control::name_of(answer.code));
  if (!answer.request_id.empty()) json.key("request_id").text(answer.request_id.view());
  if (success) {
    json.key("tap").text(answer.tap.view());
    json.key("state").text(control::name_of(answer.state));
  }
  json.end_object();
}

http::Response dispense_response(const control::DispenseAnswer& answer) {
  JsonText json;
  write_dispense_answer(json, answer);
  http::Response response = json_response(status_of(answer.code), json.finish());
  if (answer.code == AnswerCode::starting) response.add_field("Retry-After", "1");
  return response;
}

int status_of(ControlCode code) noexcept {
  switch (code) {
    case ControlCode::ok:
    case ControlCode::given_up:
      return 200;
    case ControlCode::stop_not_named:
      return 400;
    case ControlCode::unknown_tap:
    case ControlCode::unknown_request:
      return 404;
    case ControlCode::stopped_again:
    case ControlCode::too_late:
      return 409;
    case ControlCode::starting:
    case ControlCode::store_failed:
    case ControlCode::overloaded:
      return 503;
  }
  return 500;
}

void write_stop_answer(JsonText& json, const control::StopAnswer& answer) {
  json.begin_object();
  write_success(json, status_of(answer.code) < 300, answer.message, control::name_of(answer.code));
  // A success that is no stop says so by its code.
  if (answer.code == ControlCode::given_up) json.key("code").text(control::name_of(answer.code));
  // Also beside a failure: which pumps are off matters most when something went wrong.
  json.key("taps").begin_array();
  for (const auto& tap : answer.taps) {
    json.begin_object();
    json.key("tap").text(tap.tap.view());
    json.key("code").text(control::name_of(tap.code));
    json.key("reason").text(reason_for(tap.code));
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void write_machine_answer(JsonText& json, const control::MachineAnswer& answer) {
  json.begin_object();
  write_success(json, answer.code == control::MachineCode::ok, answer.message,
                control::name_of(answer.code));
  json.end_object();
}

void write_resume_answer(JsonText& json, const control::ResumeAnswer& answer) {
  json.begin_object();
  write_success(json, answer.code == ControlCode::ok, answer.message,
                control::name_of(answer.code));
  if (!answer.still_stopped.empty()) {
    json.key("taps").begin_array();
    for (const TapName& tap : answer.still_stopped) json.text(tap.view());
    json.end_array();
  }
  json.end_object();
}

}  // namespace pourtocol::routes
