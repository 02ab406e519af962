// A `Config` as a board keeps it in its settings: a few bytes with a version, ranges and a
// checksum.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include "firmware/core/config.hpp"

namespace pourtocol::firmware {

/// Of the present version.
inline constexpr std::size_t stored_config_bytes = 64;
using StoredConfig = std::array<std::uint8_t, stored_config_bytes>;

/// `config` must be valid. What it says of a confirmed calibration is not in it.
[[nodiscard]] StoredConfig encode_config(const Config& config) noexcept;

/// Refuses, with a sentence that says why, what is not a stored config, is of a version this
/// firmware does not know (a newer firmware's, after a rollback), was damaged, or holds a value
/// outside of its range. Nothing is repaired: half of somebody's settings may be worse than none.
[[nodiscard]] std::expected<Config, ConfigError> decode_config(
    std::span<const std::uint8_t> bytes) noexcept;

/// `Config::confirmed` by itself: it is written while the machine runs, and must not be undone by
/// settings that were read before.
inline constexpr std::size_t stored_confirmed_bytes = 32;
using StoredConfirmed = std::array<std::uint8_t, stored_confirmed_bytes>;

/// Also that there is none. `confirmed` must be valid.
[[nodiscard]] StoredConfirmed encode_confirmed(
    const std::optional<Calibration>& confirmed) noexcept;
/// Refuses, as above, what is not whole or not understood: then nothing is confirmed.
[[nodiscard]] std::expected<std::optional<Calibration>, ConfigError> decode_confirmed(
    std::span<const std::uint8_t> bytes) noexcept;

}  // namespace pourtocol::firmware
