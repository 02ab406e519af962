// What a signature does not say: when a message was written.
#pragma once

#include <string_view>

namespace pourtocol::board {

/// A signed order that somebody has overheard is as well signed when it is sent again, next week
/// too: the machine remembers the ids of its last pours, not of all, and an act of calibration has
/// none. So where a key is set, what starts or changes anything must say for which boot and until
/// when it holds (`OrderGuard`). A stop need not: whoever wants a pump off may have it off.
[[nodiscard]] constexpr bool is_too_timeless(bool key_is_set, bool guarded) noexcept {
  return key_is_set && !guarded;
}

/// Refused as `bad_order` or `bad_action`.
inline constexpr std::string_view guard_demanded =
    "This machine has a key: boot_id and expires_ms must be given, too.";

}  // namespace pourtocol::board
