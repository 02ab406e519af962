// What comes in over HTTP, read strictly into the server's own types. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "backend/control/log_reader.hpp"
#include "backend/control/service.hpp"
#include "backend/routes/api_error.hpp"
#include "backend/routes/flat_object.hpp"
#include "http/message.hpp"

namespace pourtocol::routes {

/// A body must call itself JSON. That also keeps a page of another origin from ordering without
/// asking the browser first: it cannot send this type with a plain form.
[[nodiscard]] Checked<void> check_content_type(const http::Request& request);

/// This run of the server, as deadlines name it.
struct ServerRun {
  std::string_view id;
  Instant began{};
};

/// `{"amount_ml":int,"user_token":text}`, optionally "tap", "request_id" and a deadline (see
/// `read_deadline`); the key may come as the header `Idempotency-Key` instead. The amount's range
/// is judged by the coordinator, not here.
[[nodiscard]] Checked<control::DispenseRequest> read_dispense(
    std::string_view body, std::optional<std::string_view> idempotency_key, const ServerRun& run);

/// `server_id` and `expires_ms`, both or neither: a moment in ms since that run of the server
/// began, by its own monotonic clock. Of another run: a moment that has passed.
[[nodiscard]] Checked<std::optional<Instant>> read_deadline(const FlatObject& object,
                                                            const ServerRun& run);

/// `{}`, `{"tap":…}` or `{"request_id":…}`. An empty body is `{}`: whoever wants everything to stop
/// is not held up by formalities.
[[nodiscard]] Checked<control::StopScope> read_stop(std::string_view body);

/// `{}` or `{"tap":…}`, with "stop", the number of the newest stop that it lifts, and perhaps a
/// deadline.
[[nodiscard]] Checked<control::ResumeRequest> read_resume(std::string_view body,
                                                          const ServerRun& run);

/// `user_token`: required, printable, 1 to 128 bytes.
[[nodiscard]] Checked<UserToken> read_user_token(const FlatObject& object);
/// `request_id`, if it is there.
[[nodiscard]] Checked<std::optional<RequestId>> read_request_id(const FlatObject& object);
/// The key of the body or of the header; both only if they agree.
[[nodiscard]] Checked<std::optional<RequestId>> read_key(const FlatObject& object,
                                                         std::optional<std::string_view> header);

enum class LogFormat : std::uint8_t { json, csv };

struct LogRequest {
  control::LogQuery query;
  LogFormat format = LogFormat::json;
  bool whole_log = false;  ///< CSV without a limit: everything that matches
};

/// `limit`, `before_id`, `after_id`, `tap`, `user`, `status`, `since`, `until`, `format`; each at
/// most once.
[[nodiscard]] Checked<LogRequest> read_log_request(std::string_view query);

/// The tap named by `tap=…`; nothing if none is named. A text that cannot be a tap's name is an
/// unknown tap.
[[nodiscard]] Checked<std::optional<TapName>> read_why(std::string_view query);

/// The moment named by `since=…`; the beginning of time if none is named.
[[nodiscard]] Checked<WallTime> read_totals(std::string_view query);

[[nodiscard]] ApiError unknown_tap();

}  // namespace pourtocol::routes
