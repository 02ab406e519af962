// What the first bytes of an image say of it: looked at before anything in flash is erased for it.
//
// The signature is at the image's end and is checked when all of it is there. But by then the
// firmware that ran before, which a failed update falls back to, would be gone for an image of
// another chip, another project, or a page of HTML.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "firmware/esp32/portable/update_refused.hpp"

namespace pourtocol::board {

/// Up to the end of ESP-IDF's application description.
inline constexpr std::size_t image_head_bytes = 288;

/// Up to three whole numbers with dots between: "1.4" is 1.4.0.
struct FirmwareVersion {
  std::array<std::uint16_t, 3> numbers{};
  friend auto operator<=>(const FirmwareVersion&, const FirmwareVersion&) noexcept = default;
};
/// Nothing if it is none (a commit's name, say).
[[nodiscard]] std::optional<FirmwareVersion> parse_version(std::string_view text) noexcept;

/// What runs now.
struct RunningFirmware {
  std::uint16_t chip = 0;  ///< ESP-IDF's number for it
  std::string_view project;
  std::string_view version;
};

/// Why an image that begins with `head` is not taken; nothing: it may be. An older version than the
/// one that runs is taken only if somebody said so; the same one is. What runs and has no numeric
/// version is older than any.
[[nodiscard]] std::optional<UpdateRefused> why_not_installed(std::span<const std::uint8_t> head,
                                                             const RunningFirmware& running,
                                                             bool older_is_meant) noexcept;

}  // namespace pourtocol::board
