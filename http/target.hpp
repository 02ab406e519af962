// Reading what stands in a request's target: percent-encoding and query parameters. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pourtocol::http {

struct QueryParameter {
  std::string name;
  std::string value;
};

/// Decodes %XX, and '+' as a space if `plus_is_space`. Nothing if a '%' is not followed by two
/// hexadecimal digits. The result may hold any byte, NUL and '/' included.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// "a=1&b=x%20y&c" → {a,"1"} {b,"x y"} {c,""}, in order; doubled names are kept. Nothing if the
/// percent-encoding is broken. Empty parts ("&&") are skipped.
[[nodiscard]] std::optional<std::vector<QueryParameter>> parse_query(std::string_view query);

/// The first parameter of that name, decoded; nothing if absent or if the query is broken.
[[nodiscard]] std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace pourtocol::http
