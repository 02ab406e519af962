// The running server: everything opened, wired together, and closed again.
#pragma once

#include "backend/app/configuration.hpp"
#include "backend/database/chain_key.hpp"

namespace pourtocol::app {

/// Serves until SIGTERM or SIGINT; the log's chain is hashed with `key`, if it is not null. Returns
/// the exit status: 0 after a graceful end, 1 if it could not start (one sentence on the log says
/// why).
[[nodiscard]] int serve(const Configuration& configuration,
                        const database::ChainKey* key = nullptr);

}  // namespace pourtocol::app
