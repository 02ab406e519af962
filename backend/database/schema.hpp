// The tables, and how an older file becomes one of today's.
#pragma once

#include <string>
#include <string_view>

#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

/// `PRAGMA user_version` of the files this program writes.
inline constexpr int schema_version = 8;

/// `PRAGMA application_id`: "Pour".
inline constexpr int application_id = 0x506f7572;

/// Which pours an index holds, in the index's own words: SQLite uses it for no others. The open
/// ones by tap; those of which something may have flowed by tap and number; and, of guests' pours,
/// those that ended so by tap and time.
inline constexpr std::string_view is_open_sql =
    "(state = 'sending' OR state = 'accepted' OR state = 'unclear')";
inline constexpr std::string_view may_have_flowed_sql =
    "(state = 'sending' OR state = 'accepted' OR state = 'unclear' OR state = 'done' "
    "OR state = 'partial' OR state = 'unknown')";
inline constexpr std::string_view has_flowed_sql =
    "(state = 'done' OR state = 'partial' OR state = 'unknown')";

/// What a file is, before anything in it is changed.
enum class FileKind : std::uint8_t {
  empty,    ///< no table yet
  seed,     ///< the original's: the table `events` alone
  ours,     ///< of a version this program can read or migrate
  newer,    ///< of a version this program does not know
  foreign,  ///< somebody else's database
};
[[nodiscard]] FileKind kind_of(Connection& connection);

/// Brings the file to `schema_version`, all migrations in one transaction: it is taken over whole
/// or not at all. Throws `SqlError` with a plain sentence for `newer` and `foreign`, for a log
/// whose schema somebody has changed (schema_check.hpp), and for what cannot be taken over; the
/// file then holds what it held.
void migrate(Connection& connection);

/// Makes of an empty database what a log was at that version (1..`schema_version`), with no row.
void build_schema(Connection& connection, int version);

/// Why a file of that kind is refused: a sentence to follow the file's name.
[[nodiscard]] std::string refusal_of(FileKind kind, Connection& connection);

}  // namespace pourtocol::database
