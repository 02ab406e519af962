// Whether an order was sent by somebody who has this machine's key.
#pragma once

#include <string_view>

#include "firmware/esp32/main/settings.hpp"

namespace pourtocol::board {

/// True if `hex` (64 digits, as in the header X-Pourtocol-Signature) is the HMAC-SHA-256 of `body`
/// under `key`. Takes equally long for every wrong one. The httpd task.
[[nodiscard]] bool signature_is_right(const OrderKey& key, std::string_view body,
                                      std::string_view hex) noexcept;

}  // namespace pourtocol::board
