// The setup network's name server: every name is this machine.
#pragma once

#include <array>
#include <cstdint>

namespace pourtocol::board {

/// Starts the task that answers on port 53 with `address`, for as long as the machine runs. Once.
void start_portal_dns(std::array<std::uint8_t, 4> address) noexcept;

}  // namespace pourtocol::board
