// "?after=V&wait_ms=T": a question that waits while a version is still V, for at most T. The
// status of a dispenser and the truth of its control port are asked for so.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pourtocol::firmware {

/// An answer that is due once the version is another than `after`, or after `wait`.
struct Held {
  std::uint64_t after = 0;
  std::chrono::milliseconds wait{0};  ///< none: it is due at once
};

/// What a query asks for while the version is `version`, cut to the longest that is waited. Nothing
/// if one of the two is not a whole number.
[[nodiscard]] std::optional<Held> read_wait(std::string_view query, std::uint64_t version,
                                            std::chrono::milliseconds longest);

}  // namespace pourtocol::firmware
