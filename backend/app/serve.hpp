// The running server: everything opened, wired together, and closed again.
#pragma once

#include "backend/app/configuration.hpp"

namespace pourtocol::app {

/// Serves until SIGTERM or SIGINT. Returns the exit status: 0 after a graceful end, 1 if it could
/// not start (one sentence on the log says why).
[[nodiscard]] int serve(const Configuration& configuration);

}  // namespace pourtocol::app
