#include "firmware/esp32/portable/firmware_image.hpp"

#include <algorithm>
#include <charconv>

namespace pourtocol::board {

namespace {

// Where ESP-IDF's image has it (esp_image_header_t, then a segment's header, then esp_app_desc_t).
// Numbers are little-endian, texts end in a null.
constexpr std::size_t chip_at = 12;
constexpr std::size_t description_at = 32;
constexpr std::size_t version_at = 48;
constexpr std::size_t project_at = 80;
constexpr std::size_t text_bytes = 32;
constexpr std::uint8_t image_magic = 0xE9;
constexpr std::uint32_t description_magic = 0xABCD'5432;

std::uint32_t number_at(std::span<const std::uint8_t> head, std::size_t at, std::size_t bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = bytes; i > 0; --i) number = number << 8 | head[at + i - 1];
  return number;
}

/// Nothing if it has no end: an image of ours has one.
std::optional<std::string_view> text_at(std::span<const std::uint8_t> head, std::size_t at) {
  const auto bytes = head.subspan(at, text_bytes);
  const auto end = std::ranges::find(bytes, std::uint8_t{0});
  if (end == bytes.end()) return std::nullopt;
  return std::string_view{reinterpret_cast<const char*>(bytes.data()),
                          static_cast<std::size_t>(end - bytes.begin())};
}

UpdateRefused not_an_image() {
  return {400, "bad_update", "That is no image of this firmware."};
}

}  // namespace

std::optional<FirmwareVersion> parse_version(std::string_view text) noexcept {
  FirmwareVersion version;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::uint16_t& number : version.numbers) {
    const auto [rest, error] = std::from_chars(at, end, number);
    if (error != std::errc{}) return std::nullopt;
    if (rest == end) return version;
    if (*rest != '.') return std::nullopt;
    at = rest + 1;
  }
  return std::nullopt;
}

std::optional<UpdateRefused> why_not_installed(std::span<const std::uint8_t> head,
                                               const RunningFirmware& running,
                                               bool older_is_meant) noexcept {
  if (head.size() < image_head_bytes || head[0] != image_magic) return not_an_image();
  if (number_at(head, chip_at, 2) != running.chip) {
    return UpdateRefused{409, "wrong_chip", "That image is for another chip."};
  }
  const auto version_text = text_at(head, version_at);
  const auto project = text_at(head, project_at);
  if (number_at(head, description_at, 4) != description_magic || !version_text || !project ||
      *project != running.project) {
    return not_an_image();
  }
  const auto version = parse_version(*version_text);
  if (!version) {
    return UpdateRefused{409, "no_version",
                         "That image has no numeric version. Build it with PROJECT_VER set."};
  }
  const auto present = parse_version(running.version);
  if (present && *version < *present && !older_is_meant) {
    return UpdateRefused{409, "older",
                         "That image is older than what runs. Say older=yes if it is meant."};
  }
  return std::nullopt;
}

}  // namespace pourtocol::board
