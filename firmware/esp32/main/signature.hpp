// Whether a message was sent by somebody who has a key of this machine's.
#pragma once

#include <string_view>

#include "firmware/esp32/main/settings.hpp"

namespace pourtocol::board {

/// True if `hex` (64 digits, as in the header X-Pourtocol-Signature) is the HMAC-SHA-256 of `text`
/// under `key`. Takes equally long for every wrong one. The httpd task.
[[nodiscard]] bool signature_is_right(const Key& key, std::string_view text,
                                      std::string_view hex) noexcept;

}  // namespace pourtocol::board
