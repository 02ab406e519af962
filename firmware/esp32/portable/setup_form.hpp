// What the setup page's form says, as settings.
#pragma once

#include <expected>
#include <string_view>

#include "firmware/esp32/portable/machine_settings.hpp"

namespace pourtocol::board {

/// The longest form the page can send, with every letter escaped.
inline constexpr std::size_t setup_form_bytes_max = 1792;

/// `present` with what `form` says, or a sentence why that will not do. Fields: `ssid`,
/// `passphrase`, `tap`, `metered` (there or not), `glass_mm`, `bottle_ml`, `resume_s`,
/// `pump_ml_s`, `pump_power`, `key`, `update_key`, `confirm` (there or not). An empty passphrase or
/// key means the present one, as long as the network is the same; the key `-` means none.
[[nodiscard]] std::expected<Settings, std::string_view> apply_setup(
    std::string_view form, const Settings& present) noexcept;

}  // namespace pourtocol::board
