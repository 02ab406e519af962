#include "backend/database/migrations/migrations.hpp"

namespace pourtocol::database {

namespace {

// Migration 4: which machine is whose.
//
// `machines` has one row for every change: a tap's newest row names its machine, by the id that
// machine says; NULL: none is known. `machine_id` of a pour is the one its order was meant for;
// NULL: it did not say, or the pour is older than this column.
constexpr const char* fourth_schema = R"sql(
CREATE TABLE machines (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  tap        TEXT    NOT NULL,
  machine_id TEXT,
  at_ms      INTEGER NOT NULL,
  hash       BLOB    NOT NULL
);
CREATE INDEX machines_of_tap ON machines(tap, id);
CREATE TRIGGER machines_never_change BEFORE UPDATE ON machines
  BEGIN SELECT RAISE(ABORT, 'machines is append-only'); END;
CREATE TRIGGER machines_never_go BEFORE DELETE ON machines
  BEGIN SELECT RAISE(ABORT, 'machines is append-only'); END;

ALTER TABLE pours ADD COLUMN machine_id TEXT;
)sql";

}  // namespace

void migrate_to_4(Connection& connection) {
  connection.run(fourth_schema);
}

}  // namespace pourtocol::database
