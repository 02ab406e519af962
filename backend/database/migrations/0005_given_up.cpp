#include "backend/database/migrations/migrations.hpp"

namespace pourtocol::database {

namespace {

// Migration 5: `given_up` has one row for every request id that was given up before an order came
// under it. Such an order, should it come after all, is refused: for ever.
constexpr const char* fifth_schema = R"sql(
CREATE TABLE given_up (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id TEXT    NOT NULL UNIQUE,
  at_ms      INTEGER NOT NULL,
  hash       BLOB    NOT NULL
);
CREATE TRIGGER given_up_never_change BEFORE UPDATE ON given_up
  BEGIN SELECT RAISE(ABORT, 'given_up is append-only'); END;
CREATE TRIGGER given_up_never_go BEFORE DELETE ON given_up
  BEGIN SELECT RAISE(ABORT, 'given_up is append-only'); END;
)sql";

}  // namespace

void migrate_to_5(Connection& connection) {
  connection.run(fifth_schema);
}

}  // namespace pourtocol::database
