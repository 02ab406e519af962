// The tables, and how an older file becomes one of today's.
#pragma once

#include <string>

#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

/// `PRAGMA user_version` of the files this program writes.
inline constexpr int schema_version = 6;

/// `PRAGMA application_id`: "Pour".
inline constexpr int application_id = 0x506f7572;

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
/// or not at all. Throws `SqlError` with a plain sentence for `newer` and `foreign`, and for what
/// cannot be taken over; the file then holds what it held.
void migrate(Connection& connection);

/// Why a file of that kind is refused: a sentence to follow the file's name.
[[nodiscard]] std::string refusal_of(FileKind kind, Connection& connection);

}  // namespace pourtocol::database
