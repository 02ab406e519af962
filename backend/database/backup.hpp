// A copy of the whole database, taken while it serves.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

namespace pourtocol::database {

/// Copies the database `from` as it stands at this moment into the new file `to`, while the server
/// may go on writing. `to` appears only when the copy is complete, on the disk, and verified; an
/// existing file is never overwritten. Blocks until then. On failure one plain sentence.
[[nodiscard]] std::expected<void, std::string> backup(const std::filesystem::path& from,
                                                      const std::filesystem::path& to);

/// The same without the name at the end: `copy`, a new file, is one complete, verified file on the
/// disk when this returns. Throws `SqlError`; what it left of `copy` is the caller's to remove.
void copy_verified(const std::filesystem::path& from, const std::filesystem::path& copy);

}  // namespace pourtocol::database
