#include "backend/routes/requests.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "backend/routes/flat_object.hpp"
#include "backend/routes/utf8.hpp"
#include "http/target.hpp"

namespace pourtocol::routes {

namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t limit_max = 1000;
constexpr std::string_view request_id_rule =
    " must be 1 to 64 letters, digits, dots, colons, hyphens or underscores.";

[[nodiscard]] char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

[[nodiscard]] Checked<UserToken> read_user(std::string_view name, std::string_view text) {
  const auto user = UserToken::from(text);
  if (text.empty() || !user || !is_printable_utf8(text)) {
    return bad_request(std::string{name} +
                       " must be 1 to 128 bytes of text without control characters.");
  }
  return *user;
}

[[nodiscard]] Checked<std::optional<TapName>> read_tap(const FlatObject& object) {
  const auto text = object.text("tap");
  if (!text) return std::unexpected{text.error()};
  if (!*text) return std::nullopt;
  const auto name = TapName::parse(**text);
  if (!name) {
    return bad_request(
        "The field \"tap\" must be 1 to 32 letters, digits, hyphens or underscores.");
  }
  return name;
}

[[nodiscard]] Checked<std::int64_t> read_whole(const http::QueryParameter& parameter,
                                               std::int64_t min, std::int64_t max) {
  std::int64_t number = 0;
  const char* const end = parameter.value.data() + parameter.value.size();
  const auto [rest, error] = std::from_chars(parameter.value.data(), end, number);
  if (error != std::errc{} || rest != end || number < min || number > max) {
    return bad_request("The parameter \"" + parameter.name + "\" must be a whole number of " +
                       std::to_string(min) +
                       (max == INT64_MAX ? " or more." : " to " + std::to_string(max) + "."));
  }
  return number;
}

/// Seconds since 1970, exactly: digits, and perhaps a point and more digits. What lies between two
/// milliseconds counts as the later one, for "since" and "until" then leave out and let in the same
/// rows as the exact moment would.
[[nodiscard]] Checked<WallTime> read_moment(const http::QueryParameter& parameter) {
  constexpr std::size_t digits_max = 12;
  constexpr auto is_digits = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const std::string_view text = parameter.value;
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view rest = text.substr(std::min(point + 1, text.size()));
  const bool fits =
      is_digits(whole) && whole.size() <= digits_max && (point == text.size() || is_digits(rest));
  if (!fits) {
    return bad_request("The parameter \"" + parameter.name +
                       "\" must be seconds since 1970, as in 1780000000 or 1780000000.25.");
  }
  std::string thousandths{rest.substr(0, 3)};
  thousandths.resize(3, '0');
  const bool between = rest.size() > 3 && rest.find_first_not_of('0', 3) != std::string_view::npos;
  return WallTime{
      std::chrono::milliseconds{std::stoll(std::string{whole} + thousandths) + (between ? 1 : 0)}};
}

[[nodiscard]] std::optional<control::EventStatus> status_named(std::string_view name) {
  using enum control::EventStatus;
  for (const auto status : {started, success, failed}) {
    if (control::name_of(status) == name) return status;
  }
  return std::nullopt;
}

/// Decoded parameters, each known and given once.
[[nodiscard]] Checked<std::vector<http::QueryParameter>> read_query(
    std::string_view query, std::span<const std::string_view> known) {
  auto parameters = http::parse_query(query);
  if (!parameters) return bad_request("The query's percent-encoding is broken.");
  for (auto it = parameters->begin(); it != parameters->end(); ++it) {
    if (std::ranges::find(known, it->name) == known.end()) {
      return bad_request("The parameter \"" + repaired_utf8(it->name.substr(0, 40)) +
                         "\" is not known here.");
    }
    if (std::find_if(parameters->begin(), it,
                     [&](const auto& earlier) { return earlier.name == it->name; }) != it) {
      return bad_request("The parameter \"" + it->name + "\" is given twice.");
    }
  }
  return std::move(*parameters);
}

[[nodiscard]] Checked<void> apply(const http::QueryParameter& parameter, LogRequest& request) {
  const auto into = [&](auto& place, std::int64_t min, std::int64_t max) -> Checked<void> {
    const auto number = read_whole(parameter, min, max);
    if (!number) return std::unexpected{number.error()};
    place = static_cast<std::remove_reference_t<decltype(place)>>(*number);
    return {};
  };
  const auto moment = [&](std::optional<WallTime>& place) -> Checked<void> {
    const auto read = read_moment(parameter);
    if (!read) return std::unexpected{read.error()};
    place = *read;
    return {};
  };
  if (parameter.name == "limit") return into(request.query.limit, 1, limit_max);
  if (parameter.name == "since") return moment(request.query.since);
  if (parameter.name == "until") return moment(request.query.until);
  if (parameter.name == "before_id") return into(request.query.before_id, 0, INT64_MAX);
  if (parameter.name == "after_id") return into(request.query.after_id, 0, INT64_MAX);
  if (parameter.name == "tap") {
    request.query.tap = TapName::parse(parameter.value);
    if (!request.query.tap) return bad_request("The parameter \"tap\" is no name of a tap.");
  } else if (parameter.name == "user") {
    const auto user = read_user("The parameter \"user\"", parameter.value);
    if (!user) return std::unexpected{user.error()};
    request.query.user = *user;
  } else if (parameter.name == "status") {
    request.query.status = status_named(parameter.value);
    if (!request.query.status) {
      return bad_request("The parameter \"status\" must be started, success or failed.");
    }
  } else if (parameter.value == "csv") {
    request.format = LogFormat::csv;
  } else if (parameter.value != "json") {
    return bad_request("The parameter \"format\" must be json or csv.");
  }
  return {};
}

}  // namespace

Checked<std::optional<RequestId>> read_request_id(const FlatObject& object) {
  const auto text = object.text("request_id");
  if (!text) return std::unexpected{text.error()};
  if (!*text) return std::nullopt;
  const auto id = RequestId::parse(**text);
  if (!id) return bad_request("The field \"request_id\"" + std::string{request_id_rule});
  return id;
}

/// The key of the body or of the header; both only if they agree.
Checked<std::optional<RequestId>> read_key(const FlatObject& object,
                                           std::optional<std::string_view> header) {
  auto key = read_request_id(object);
  if (!key || !header) return key;
  const auto from_header = RequestId::parse(*header);
  if (!from_header) {
    return bad_request("The header Idempotency-Key" + std::string{request_id_rule});
  }
  if (*key && **key != *from_header) {
    return bad_request(
        "The field \"request_id\" and the header Idempotency-Key name two different keys.");
  }
  return from_header;
}

Checked<UserToken> read_user_token(const FlatObject& object) {
  const auto text = object.text("user_token");
  if (!text) return std::unexpected{text.error()};
  if (!*text) return bad_request("The field \"user_token\" is missing.");
  const auto user = read_user("The field \"user_token\"", **text);
  if (user && !has_visible_sign(user->view())) {
    return bad_request(
        "The field \"user_token\" shows nothing: name somebody whom others can see.");
  }
  return user;
}

ApiError unknown_tap() {
  return {404, "unknown_tap", "There is no such tap: see \"taps\" in /api/status."};
}

Checked<void> check_content_type(const http::Request& request) {
  constexpr auto wanted = "application/json"sv;
  std::string_view type = request.field("content-type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  if (!std::ranges::equal(type, wanted, {}, lower)) {
    return std::unexpected{ApiError{415, "unsupported_media_type",
                                    "Send the body with Content-Type: application/json."}};
  }
  return {};
}

Checked<control::DispenseRequest> read_dispense(std::string_view body,
                                                std::optional<std::string_view> idempotency_key,
                                                const ServerRun& run) {
  static constexpr std::array known{"amount_ml"sv,  "user_token"sv, "tap"sv,
                                    "request_id"sv, "server_id"sv,  "expires_ms"sv};
  const auto object = FlatObject::read(body, known);
  if (!object) return std::unexpected{object.error()};

  const auto amount = object->whole_number("amount_ml");
  if (!amount) return std::unexpected{amount.error()};
  if (!*amount) return bad_request("The field \"amount_ml\" is missing.");
  const auto user = read_user_token(*object);
  if (!user) return std::unexpected{user.error()};
  const auto tap = read_tap(*object);
  if (!tap) return std::unexpected{tap.error()};
  const auto key = read_key(*object, idempotency_key);
  if (!key) return std::unexpected{key.error()};
  const auto deadline = read_deadline(*object, run);
  if (!deadline) return std::unexpected{deadline.error()};
  return control::DispenseRequest{
      .amount_ml = **amount, .user = *user, .tap = *tap, .key = *key, .deadline = *deadline};
}

Checked<std::optional<Instant>> read_deadline(const FlatObject& object, const ServerRun& run) {
  constexpr std::int64_t years_100_ms = 3'155'760'000'000;
  if (object.has("server_id") != object.has("expires_ms")) {
    return bad_request("A deadline needs both \"server_id\" and \"expires_ms\".");
  }
  const auto id = object.text("server_id");
  if (!id) return std::unexpected{id.error()};
  const auto expires_ms = object.whole_number("expires_ms");
  if (!expires_ms) return std::unexpected{expires_ms.error()};
  if (!*expires_ms) return std::nullopt;
  if (**expires_ms < 0 || **expires_ms > years_100_ms) {
    return bad_request(
        "The field \"expires_ms\" must be milliseconds of the server's own uptime, as "
        "\"uptime_ms\" of /api/status is.");
  }
  if (**id != run.id) return Instant::min();
  return run.began + std::chrono::milliseconds{**expires_ms};
}

Checked<control::StopScope> read_stop(std::string_view body) {
  if (body.empty()) return control::AllTaps{};
  static constexpr std::array known{"tap"sv, "request_id"sv};
  const auto object = FlatObject::read(body, known);
  if (!object) return std::unexpected{object.error()};
  const auto tap = read_tap(*object);
  if (!tap) return std::unexpected{tap.error()};
  const auto id = read_request_id(*object);
  if (!id) return std::unexpected{id.error()};
  if (*tap && *id) {
    return bad_request("Name a \"tap\" or a \"request_id\" to stop, not both.");
  }
  if (*tap) return **tap;
  if (*id) return **id;
  return control::AllTaps{};
}

Checked<control::ResumeRequest> read_resume(std::string_view body, const ServerRun& run) {
  static constexpr std::array known{"tap"sv, "stop"sv, "server_id"sv, "expires_ms"sv};
  const auto object = FlatObject::read(body, known);
  if (!object) return std::unexpected{object.error()};
  const auto tap = read_tap(*object);
  if (!tap) return std::unexpected{tap.error()};
  const auto stop = object->whole_number("stop");
  if (!stop) return std::unexpected{stop.error()};
  if (*stop && **stop < 0) {
    return bad_request("The field \"stop\" must be a \"stop_id\" of /api/status.");
  }
  const auto deadline = read_deadline(*object, run);
  if (!deadline) return std::unexpected{deadline.error()};
  control::ResumeRequest request{.scope = control::AllTaps{}, .stop = {}, .deadline = *deadline};
  if (*tap) request.scope = **tap;
  if (*stop) request.stop = control::StopNumber{**stop};
  return request;
}

Checked<LogRequest> read_log_request(std::string_view query) {
  static constexpr std::array known{"limit"sv,  "before_id"sv, "after_id"sv, "tap"sv,   "user"sv,
                                    "status"sv, "since"sv,     "until"sv,    "format"sv};
  const auto parameters = read_query(query, known);
  if (!parameters) return std::unexpected{parameters.error()};
  LogRequest request;
  bool limited = false;
  for (const auto& parameter : *parameters) {
    if (const auto applied = apply(parameter, request); !applied) {
      return std::unexpected{applied.error()};
    }
    limited = limited || parameter.name == "limit";
  }
  if (request.format == LogFormat::csv && !limited) {
    request.whole_log = true;
    request.query.limit = limit_max;
  }
  return request;
}

Checked<WallTime> read_totals(std::string_view query) {
  static constexpr std::array known{"since"sv};
  const auto parameters = read_query(query, known);
  if (!parameters) return std::unexpected{parameters.error()};
  if (parameters->empty()) return WallTime{};
  return read_moment(parameters->front());
}

Checked<std::optional<TapName>> read_why(std::string_view query) {
  static constexpr std::array known{"tap"sv};
  const auto parameters = read_query(query, known);
  if (!parameters) return std::unexpected{parameters.error()};
  if (parameters->empty()) return std::nullopt;
  const auto name = TapName::parse(parameters->front().value);
  if (!name) return std::unexpected{unknown_tap()};
  return name;
}

}  // namespace pourtocol::routes
