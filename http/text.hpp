// Small text helpers shared by this room's files. Not for others.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace pourtocol::http {

[[nodiscard]] constexpr char ascii_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, ascii_lower, ascii_lower);
}

/// Status line and header lines of `response`, without those that say how long the body is.
[[nodiscard]] std::string head_of(const Response& response);
/// The same with Content-Length, where the status allows one.
[[nodiscard]] std::string head_with_length(const Response& response);

}  // namespace pourtocol::http
