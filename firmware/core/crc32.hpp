// The checksum of what lies in flash.
#pragma once

#include <cstdint>
#include <span>

namespace pourtocol::firmware {

/// CRC-32 as in Ethernet and zip (polynomial 0xEDB88320, reflected), four bits at a time: a table
/// of 64 bytes, for what it is used on is short.
[[nodiscard]] std::uint32_t crc32(std::span<const std::uint8_t> bytes) noexcept;

}  // namespace pourtocol::firmware
