#include "backend/database/migrations/migrations.hpp"

namespace pourtocol::database {

namespace {

// Migration 8: from which rows on the hashes are made with a key, and which.
//
// `chain_keys` has no row in a log without a key, and one in a log with one: `key_id` tells which
// key it is, `TABLE_from` is the number of that table's first row whose hash was made with it. The
// row's own hash is made with it too.
constexpr const char* eighth_schema = R"sql(
CREATE TABLE chain_keys (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  key_id           TEXT    NOT NULL,
  events_from      INTEGER NOT NULL,
  transitions_from INTEGER NOT NULL,
  holds_from       INTEGER NOT NULL,
  machines_from    INTEGER NOT NULL,
  given_up_from    INTEGER NOT NULL,
  hash             BLOB    NOT NULL
);
CREATE TRIGGER chain_keys_never_change BEFORE UPDATE ON chain_keys
  BEGIN SELECT RAISE(ABORT, 'chain_keys is append-only'); END;
CREATE TRIGGER chain_keys_never_go BEFORE DELETE ON chain_keys
  BEGIN SELECT RAISE(ABORT, 'chain_keys is append-only'); END;
)sql";

}  // namespace

void migrate_to_8(Connection& connection) {
  connection.run(eighth_schema);
}

}  // namespace pourtocol::database
