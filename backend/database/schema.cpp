#include "backend/database/schema.hpp"

#include <sqlite3.h>

#include <array>
#include <string>
#include <vector>

#include "backend/database/migrations/migrations.hpp"
#include "backend/database/schema_check.hpp"
#include "backend/database/seed.hpp"
#include "core/assert.hpp"

namespace pourtocol::database {

namespace {

/// `migrations[i]` leads from version i to i + 1.
using Migration = void (*)(Connection&);
constexpr std::array<Migration, schema_version> migrations{migrate_to_1, migrate_to_2, migrate_to_3,
                                                           migrate_to_4, migrate_to_5, migrate_to_6,
                                                           migrate_to_7, migrate_to_8};

int version_of(Connection& connection) {
  return static_cast<int>(connection.read_integer("PRAGMA user_version"));
}

void run_migrations(Connection& connection, int up_to) {
  for (int version = version_of(connection); version < up_to; ++version) {
    migrations[static_cast<std::size_t>(version)](connection);
    connection.run("PRAGMA application_id = " + std::to_string(application_id));
    connection.run("PRAGMA user_version = " + std::to_string(version + 1));
  }
}

/// A view of somebody who looks at the log with a tool of his own.
struct View {
  std::string name;
  std::string sql;
};

/// SQLite rewrites views when a table they name is renamed, and refuses to where it cannot.
std::vector<View> put_views_aside(Connection& connection) {
  std::vector<View> views;
  Statement query =
      connection.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY rowid");
  while (query.step()) {
    views.push_back({.name = std::string{query.text(0)}, .sql = std::string{query.text(1)}});
  }
  query.reset();
  for (const View& view : views) connection.run("DROP VIEW " + identifier(view.name));
  return views;
}

/// As they were. One that shows nothing any more (it names what is gone) is no reason to refuse.
void put_views_back(Connection& connection, const std::vector<View>& views) {
  Statement taken =
      connection.prepare("SELECT count(*) FROM sqlite_schema WHERE lower(name) = lower(?)");
  for (const View& view : views) {
    const ResetAtEnd reset{taken};
    taken.bind(1, std::string_view{view.name});
    if (taken.step() && taken.integer(0) > 0) {
      throw SqlError{SQLITE_MISMATCH,
                     "has a view named " + printable(view.name) +
                         ", which is the name of a table of this program: drop or rename the view "
                         "and start again; it was left as it is"};
    }
    taken.reset();
    connection.run(view.sql);
  }
}

}  // namespace

void build_schema(Connection& connection, int version) {
  POURTOCOL_ASSERT(version >= 1 && version <= schema_version);
  connection.run("PRAGMA foreign_keys = OFF");
  run_migrations(connection, version);
}

FileKind kind_of(Connection& connection) {
  const int version = version_of(connection);
  const auto owner = connection.read_integer("PRAGMA application_id");
  if (version > 0 && owner == application_id) {
    return version <= schema_version ? FileKind::ours : FileKind::newer;
  }
  if (version != 0 || owner != 0) return FileKind::foreign;
  const std::int64_t tables = connection.read_integer(
      "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' "
      "ESCAPE '\\'");
  if (tables == 0) return FileKind::empty;
  return is_seed(connection) ? FileKind::seed : FileKind::foreign;
}

std::string refusal_of(FileKind kind, Connection& connection) {
  if (kind == FileKind::newer) {
    return "was written by a newer version of this program (its schema is " +
           std::to_string(version_of(connection)) + ", this program knows up to " +
           std::to_string(schema_version) + "): use that version";
  }
  return "is not a database of this program: give it a file of its own";
}

void migrate(Connection& connection) {
  const FileKind kind = kind_of(connection);
  if (kind == FileKind::newer || kind == FileKind::foreign) {
    throw SqlError{SQLITE_NOTADB, refusal_of(kind, connection)};
  }
  if (kind == FileKind::ours) expect_own_schema(connection);
  if (version_of(connection) == schema_version) return;
  // A table that others name cannot be written anew while every row of theirs is held to it. The
  // migration that does so checks them all before it commits.
  const bool held = connection.read_integer("PRAGMA foreign_keys") != 0;
  connection.run("PRAGMA foreign_keys = OFF");
  {
    Transaction transaction{connection, Transaction::Kind::write};
    const std::vector<View> views = put_views_aside(connection);
    run_migrations(connection, schema_version);
    put_views_back(connection, views);
    transaction.commit();
  }
  if (held) connection.run("PRAGMA foreign_keys = ON");
}

}  // namespace pourtocol::database
