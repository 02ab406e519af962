// Keying a log that has rows: `pourtocol key`.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "backend/database/chain_key.hpp"

namespace pourtocol::database {

/// Has the log `file`, which no server may have open, go on with `key`; one that does already stays
/// as it is. An older log, and the original's database, is migrated first. The rows before stay as
/// they are, and what is hashed with the key covers them. Returns the head. Blocks. On failure one
/// plain sentence; the log is then as it was.
[[nodiscard]] std::expected<std::string, std::string> key_log(const std::filesystem::path& file,
                                                              const ChainKey& key);

}  // namespace pourtocol::database
