// A copy of the whole database, taken while it serves.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>

#include "backend/database/chain_key.hpp"
#include "backend/database/head.hpp"

namespace pourtocol::database {

/// Copies the database `from` as it stands at this moment into the new file `to`, while the server
/// may go on writing. `to` appears only when the copy is complete, on the disk, and verified; an
/// existing file is never overwritten. Its head stands as one line in the file `head_file_of(to)`,
/// which comes first. Blocks until then. Returns the head; empty: it is the original's database,
/// which has none. A log with a key is verified with `key`, and without it not copied. On failure
/// one plain sentence.
[[nodiscard]] std::expected<std::string, std::string> backup(const std::filesystem::path& from,
                                                             const std::filesystem::path& to,
                                                             const ChainKey* key = nullptr);

/// The same without the name at the end: `copy`, a new file, is one complete, verified file on the
/// disk when this returns, and holds the head kept beside `from`, if there is one. Throws
/// `SqlError`; what it left of `copy` is the caller's to remove.
std::string copy_verified(const std::filesystem::path& from, const std::filesystem::path& copy,
                          const ChainKey* key = nullptr);

/// Where the head of a copy is kept: FILE.head, beside it.
[[nodiscard]] std::filesystem::path head_file_of(const std::filesystem::path& file);
/// The head kept beside `file`; nothing: none is. Throws `SqlError` where it cannot be read.
[[nodiscard]] std::optional<Head> kept_head(const std::filesystem::path& file);

}  // namespace pourtocol::database
