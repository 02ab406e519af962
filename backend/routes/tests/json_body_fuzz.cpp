// Any bytes as the body of every request that has one. What a reader lets through is within its
// bounds and is read the same when it is written down again; what it refuses, it refuses in words.
//
// The first byte says which reader; behind a NUL there may be an Idempotency-Key.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "backend/routes/json_text.hpp"
#include "backend/routes/requests.hpp"
#include "backend/routes/service_requests.hpp"
#include "backend/routes/utf8.hpp"
#include "core/tests/fuzzing.hpp"

namespace pourtocol::routes {
namespace {

const ServerRun this_run{.id = "cafe", .began = Instant{std::chrono::hours{1}}};

void check_refusal(const ApiError& error) {
  POURTOCOL_ASSERT(error.status == 400 || error.status == 404 || error.status == 422);
  POURTOCOL_ASSERT(!error.code.empty() && error.reason.size() > 10 && error.reason.size() < 1000);
  const http::Response response = error_response(error);
  POURTOCOL_ASSERT(is_utf8(response.body));
}

void check_user(const UserToken& user) {
  POURTOCOL_ASSERT(!user.empty() && user.view().size() <= 128 && is_printable_utf8(user.view()));
}

void check_dispense(std::string_view body, std::optional<std::string_view> key) {
  const auto wish = read_dispense(body, key, this_run);
  if (!wish) return check_refusal(wish.error());
  check_user(wish->user);
  JsonText json;
  json.begin_object();
  json.key("amount_ml").whole(wish->amount_ml);
  json.key("user_token").text(wish->user.view());
  if (wish->tap) json.key("tap").text(wish->tap->view());
  if (wish->key) json.key("request_id").text(wish->key->view());
  if (wish->deadline && *wish->deadline >= this_run.began) {
    const auto left = *wish->deadline - this_run.began;
    json.key("server_id").text(this_run.id);
    json.key("expires_ms")
        .whole(std::chrono::duration_cast<std::chrono::milliseconds>(left).count());
  }
  json.end_object();
  const auto again = read_dispense(json.finish(), std::nullopt, this_run);
  POURTOCOL_ASSERT(again.has_value());
  POURTOCOL_ASSERT(again->amount_ml == wish->amount_ml && again->user == wish->user);
  POURTOCOL_ASSERT(again->tap == wish->tap && again->key == wish->key);
  const bool of_another_run = wish->deadline && *wish->deadline < this_run.began;
  POURTOCOL_ASSERT(of_another_run || again->deadline == wish->deadline);
}

void check_service(std::string_view body, std::optional<std::string_view> key, const TapName& tap) {
  const auto run = read_service(body, key, tap, this_run);
  if (!run) return check_refusal(run.error());
  check_user(run->user);
  POURTOCOL_ASSERT(run->purpose != protocol::Purpose::pour);
  const bool by_time = run->run_time.count() > 0;
  POURTOCOL_ASSERT(by_time ? run->amount_ml == 0 : run->amount_ml >= 1 && run->amount_ml <= 200);
  POURTOCOL_ASSERT(run->run_time.count() <= 60'000);
  POURTOCOL_ASSERT(run->portions >= 1 && run->portions <= 200);
  POURTOCOL_ASSERT(run->tap == tap);
}

void check_calibration(std::string_view body, const TapName& tap) {
  const auto action = read_calibration_action(body, tap, this_run);
  if (!action) return check_refusal(action.error());
  check_user(action->user);
  POURTOCOL_ASSERT(action->action.has_value() && action->tap == tap);
}

void check_stop(std::string_view body) {
  const auto scope = read_stop(body);
  if (!scope) return check_refusal(scope.error());
  // Resuming knows the same but one pour, and wants a body.
  const auto resumed = read_resume(body, this_run);
  if (std::holds_alternative<TapName>(*scope)) {
    POURTOCOL_ASSERT(resumed && std::get<TapName>(resumed->scope) == std::get<TapName>(*scope));
  }
}

void check_resume(std::string_view body) {
  const auto wanted = read_resume(body, this_run);
  if (!wanted) return check_refusal(wanted.error());
  if (wanted->stop) POURTOCOL_ASSERT(*wanted->stop >= control::StopNumber::none);
  const bool of_resumes_alone = wanted->stop || wanted->deadline;
  POURTOCOL_ASSERT(of_resumes_alone || read_stop(body).has_value());
}

}  // namespace
}  // namespace pourtocol::routes

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pourtocol;
  using namespace pourtocol::routes;
  if (size == 0) return 0;
  const std::string_view all{reinterpret_cast<const char*>(data) + 1, size - 1};
  const std::size_t end = all.find('\0');
  const std::string_view body = all.substr(0, end);
  std::optional<std::string_view> key;
  if (end != std::string_view::npos) key = all.substr(end + 1);
  const TapName tap = *TapName::parse("main");
  switch (data[0]) {
    case 'd':
      check_dispense(body, key);
      break;
    case 's':
      check_service(body, key, tap);
      break;
    case 'c':
      check_calibration(body, tap);
      break;
    case 'x':
      check_stop(body);
      break;
    default:
      check_resume(body);
  }
  return 0;
}
