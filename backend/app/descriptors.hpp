// How many connections the system lets this process hold, and what has to be kept of that for the
// log and the machines: clients beyond it shall be told so, not stand in the way of a pour.
#pragma once

#include <cstddef>

namespace pourtocol::app {

/// Raises this process's limit of open files to `wanted` or as far as it may. Returns the limit.
[[nodiscard]] std::size_t raise_descriptor_limit(std::size_t wanted) noexcept;

/// Open files that are not clients' connections: the log, timers, refusals on their way out, and
/// the machines'.
[[nodiscard]] std::size_t descriptors_besides_clients(std::size_t taps) noexcept;

/// How many of `wanted` connections fit into `limit` open files. At least one.
[[nodiscard]] std::size_t connections_within(std::size_t limit, std::size_t wanted,
                                             std::size_t taps) noexcept;

}  // namespace pourtocol::app
