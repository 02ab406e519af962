// How the API says no: {"success":false,"code":…,"reason":…} under a status.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace pourtocol::routes {

struct ApiError {
  int status = 400;
  std::string_view code = "bad_request";  ///< stable; static storage
  std::string reason;                     ///< one plain sentence
  friend bool operator==(const ApiError&, const ApiError&) = default;
};

template <class T>
using Checked = std::expected<T, ApiError>;

[[nodiscard]] inline std::unexpected<ApiError> bad_request(std::string reason) {
  return std::unexpected{ApiError{400, "bad_request", std::move(reason)}};
}

/// An answer of the API: never cached, never sniffed, of no use to other origins.
[[nodiscard]] http::Response json_response(int status, std::string body);
[[nodiscard]] http::Response error_response(const ApiError& error);

/// The headers every answer of the API carries.
void add_api_fields(http::Response& response);

}  // namespace pourtocol::routes
