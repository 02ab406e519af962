// Whether a log's tables, columns, indices and triggers are those the migrations make.
//
// The triggers are what makes the log append-only, and whoever can write the file can drop them,
// rewrite what they guard, and put others in their place. Compared is what `sqlite_schema` says of
// each, word for word, with a database that the same migrations make in memory; how it is spaced,
// quoted, commented and written large is left out, for versions of SQLite differ in that.
#pragma once

#include <string>
#include <vector>

#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

/// What differs in a log of ours (`FileKind::ours`), at the version it has: each the beginning of a
/// sentence without its full stop that names the object and says what to do. Empty: nothing. Tables
/// and views of others and the indices on them are no concern of the log's; a trigger is, wherever
/// it stands. Costs the same however long the log is.
[[nodiscard]] std::vector<std::string> schema_faults(Connection& connection);

/// Refuses (`SqlError`) a log that has any, and names the first. Nothing is repaired: what was
/// changed is evidence.
void expect_own_schema(Connection& connection);

}  // namespace pourtocol::database
