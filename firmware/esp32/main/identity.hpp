// Which machine this is.
#pragma once

#include <optional>

#include "core/ids.hpp"

namespace pourtocol::board {

/// From the address in the chip's fuses, so that it is the same after an update, and with a flash
/// that was erased. Nothing if the fuses cannot be read: then the machine does not say.
[[nodiscard]] std::optional<MachineId> read_machine_id() noexcept;

}  // namespace pourtocol::board
