// Which machine a simulated dispenser says it is.
#pragma once

#include <cstdint>
#include <optional>

#include "core/ids.hpp"
#include "firmware/simulator/options.hpp"

namespace pourtocol::firmware {

/// What the command line says; or else what stays the same when this machine is started again, and
/// differs for the other machines of a party: the file its flash is in, its tap's name, or `port`,
/// on which it is served, the first of these that it has; each with the seed. Nothing if it is not
/// to say which machine it is.
[[nodiscard]] std::optional<MachineId> machine_id_of(const Options& options, std::uint16_t port);

}  // namespace pourtocol::firmware
