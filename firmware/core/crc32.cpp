#include "firmware/core/crc32.hpp"

#include <array>

namespace pourtocol::firmware {

namespace {

/// What four bits at the low end of the remainder add to it once they are shifted out.
constexpr std::array<std::uint32_t, 16> table = [] {
  std::array<std::uint32_t, 16> made{};
  for (std::uint32_t nibble = 0; nibble < made.size(); ++nibble) {
    std::uint32_t crc = nibble;
    for (int bit = 0; bit < 4; ++bit) crc = crc >> 1 ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    made[nibble] = crc;
  }
  return made;
}();

}  // namespace

std::uint32_t crc32(std::span<const std::uint8_t> bytes) noexcept {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const auto byte : bytes) {
    crc ^= byte;
    crc = crc >> 4 ^ table[crc & 0xFU];
    crc = crc >> 4 ^ table[crc & 0xFU];
  }
  return ~crc;
}

}  // namespace pourtocol::firmware
