// A `Config` as a board keeps it in its settings: a few bytes with a version, ranges and a
// checksum.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include "firmware/core/config.hpp"

namespace pourtocol::firmware {

/// Of the present version.
inline constexpr std::size_t stored_config_bytes = 64;
using StoredConfig = std::array<std::uint8_t, stored_config_bytes>;

/// `config` must be valid.
[[nodiscard]] StoredConfig encode_config(const Config& config) noexcept;

/// Refuses, with a sentence that says why, what is not a stored config, is of a version this
/// firmware does not know (a newer firmware's, after a rollback), was damaged, or holds a value
/// outside of its range. Nothing is repaired: half of somebody's settings may be worse than none.
[[nodiscard]] std::expected<Config, ConfigError> decode_config(
    std::span<const std::uint8_t> bytes) noexcept;

}  // namespace pourtocol::firmware
