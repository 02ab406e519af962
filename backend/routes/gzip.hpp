// Reads what gzip has written.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pourtocol::routes {

/// What `packed`, one whole gzip file, holds. Nothing: it is none, is damaged or cut short, has
/// something behind it, or holds more than `size_max` bytes.
[[nodiscard]] std::optional<std::string> gunzip(std::string_view packed, std::size_t size_max);

}  // namespace pourtocol::routes
