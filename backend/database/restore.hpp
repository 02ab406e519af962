// A backup put in the place of the log, so that nothing of either is lost or mixed.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>

#include "backend/database/chain_key.hpp"

namespace pourtocol::database {

struct Restored {
  std::filesystem::path database;  ///< the file itself, where a link led to it
  /// Under which name the log that stood there is kept, with `-wal` and the like beside it as it
  /// had them; nothing: there was none.
  std::optional<std::filesystem::path> kept;
  std::string head;  ///< of the log that is in place now; empty: it is the original's database
};

/// Puts a copy of `backup` in the place of `database`, which no server may have open. The backup is
/// read and verified first, against the head kept beside it too, and stays as it is. What stood in
/// its place is kept under another name. Whenever this is broken off, one of the two logs is in
/// place, or the next start refuses and says to restore again. Blocks. On failure one plain
/// sentence; `database` is then as it was.
[[nodiscard]] std::expected<Restored, std::string> restore(const std::filesystem::path& backup,
                                                           const std::filesystem::path& database,
                                                           const ChainKey* key = nullptr);

}  // namespace pourtocol::database
