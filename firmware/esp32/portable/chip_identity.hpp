// Which machine this is, by the number its chip was made with.
#pragma once

#include <array>
#include <cstdint>

#include "core/ids.hpp"

namespace pourtocol::board {

/// The MAC address burnt into the chip at the factory: no two chips have the same, and no flash
/// that is erased and no update changes it. As its sticker reads, with four zeros before it.
[[nodiscard]] constexpr MachineId machine_id_of(const std::array<std::uint8_t, 6>& mac) noexcept {
  std::uint64_t bits = 0;
  for (const std::uint8_t byte : mac) bits = bits << 8 | byte;
  return MachineId{bits};
}

}  // namespace pourtocol::board
