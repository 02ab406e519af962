// A write-ahead log that a crash left beside its database: whether it is that database's, and what
// becomes of both where the database is refused.
#pragma once

#include <filesystem>
#include <string>

#include "backend/database/keyed_log.hpp"
#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

/// The newest row of `events` and its hash, as a text of one line; empty: there is none. Noted in
/// the lock (`InstanceLock::note`) when all that was written stands in the database itself.
[[nodiscard]] std::string mark_of(Connection& connection);

/// Refuses (`SqlError`) a database beside which the write-ahead log of another lies: SQLite would
/// play it into the file. It is seen by the file's header (a copy made by `backup` keeps no such
/// log), and by the row that was noted when the log was opened last: what stood in the database
/// then stands there now. Only before this process has the file open: closing what this opens
/// drops the locks that others in it hold (POSIX). `mark`: what was noted; empty: nothing.
void expect_own_wal(const std::filesystem::path& file, const std::string& mark);

/// Looks at a database and its left write-ahead log together, before anything is written into
/// either: what is not ours, too new, or cannot be taken over is refused (`SqlError`), and both
/// files stay byte for byte as they are; so it is with one that `key` does not fit. An older
/// database of ours is migrated. Without a left log there is nothing to do.
void take_up_left_log(const std::filesystem::path& file, const std::string& vfs, const LogKey& key);

}  // namespace pourtocol::database
