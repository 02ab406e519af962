#include "backend/database/migrations/migrations.hpp"

#include <sqlite3.h>

namespace pourtocol::database {

namespace {

// Migration 7: the checks and indices of `pours` name their states one after the other.
//
// For `state IN (…)` with more than two of them SQLite fills a table in memory, at each row that is
// written, for each check and each such index, before and after: three quarters of what a pour cost
// the log. A query uses such an index only if it says the same in the same words (schema.hpp).
// SQLite cannot change a check in place, so the table is written anew.
constexpr const char* seventh_schema = R"sql(
CREATE TABLE new_pours (
  number           INTEGER PRIMARY KEY,
  request_id       TEXT    NOT NULL UNIQUE,
  tap              TEXT    NOT NULL,
  user_token       TEXT    NOT NULL,
  amount_ml        INTEGER NOT NULL,
  purpose          TEXT    CHECK (purpose = 'calibrate' OR purpose = 'prime'
                     OR purpose = 'clean' OR purpose = 'empty_line'),
  run_ms           INTEGER NOT NULL,
  portions         INTEGER NOT NULL,
  state            TEXT    NOT NULL CHECK (state = 'refused' OR state = 'sending'
                     OR state = 'accepted' OR state = 'unclear' OR state = 'not_sent'
                     OR state = 'rejected' OR state = 'done' OR state = 'partial'
                     OR state = 'not_poured' OR state = 'unknown'),
  cause            TEXT    NOT NULL,
  detail           TEXT    NOT NULL,
  accepted         INTEGER NOT NULL CHECK (accepted = 0 OR accepted = 1),
  device_uptime_s  INTEGER NOT NULL,
  guard_boot_id    TEXT,
  guard_expires_ms INTEGER,
  pours_total      INTEGER NOT NULL,
  most_ul          INTEGER NOT NULL,
  delivered_ul     INTEGER,
  uncertainty_ul   INTEGER,
  min_ul           INTEGER,
  max_ul           INTEGER,
  basis            TEXT,
  stop_reason      TEXT,
  started_ms       INTEGER NOT NULL,
  updated_ms       INTEGER NOT NULL,
  machine_id       TEXT,
  uptime_at_us     INTEGER,
  sent_at_us       INTEGER,
  clock_id         TEXT,
  CHECK (state = 'refused' OR
    CASE WHEN purpose IS NULL THEN amount_ml BETWEEN 1 AND 60 AND run_ms = 0 AND portions = 1
         WHEN run_ms = 0 THEN amount_ml BETWEEN 1 AND 200 AND portions BETWEEN 1 AND 8
         ELSE run_ms BETWEEN 500 AND 60000 AND amount_ml = 0 AND portions = 1 END)
);
INSERT INTO new_pours
  SELECT number, request_id, tap, user_token, amount_ml, purpose, run_ms, portions, state, cause,
    detail, accepted, device_uptime_s, guard_boot_id, guard_expires_ms, pours_total, most_ul,
    delivered_ul, uncertainty_ul, min_ul, max_ul, basis, stop_reason, started_ms, updated_ms,
    machine_id, uptime_at_us, sent_at_us, clock_id
  FROM pours ORDER BY number;
DROP TABLE pours;
ALTER TABLE new_pours RENAME TO pours;

CREATE UNIQUE INDEX pours_one_open_per_tap ON pours(tap)
  WHERE state = 'sending' OR state = 'accepted' OR state = 'unclear';
CREATE INDEX pours_unknown ON pours(number) WHERE state = 'unknown';
CREATE INDEX pours_flowed ON pours(tap, number)
  WHERE state = 'sending' OR state = 'accepted' OR state = 'unclear' OR state = 'done'
    OR state = 'partial' OR state = 'unknown';
CREATE INDEX pours_totalled
  ON pours(tap, started_ms, state, basis, amount_ml, delivered_ul, min_ul, max_ul)
  WHERE (state = 'done' OR state = 'partial' OR state = 'unknown') AND purpose IS NULL;
CREATE TRIGGER pours_never_go BEFORE DELETE ON pours
  BEGIN SELECT RAISE(ABORT, 'a pour is kept for ever'); END;
CREATE TRIGGER pours_keep_what_was_asked
  BEFORE UPDATE OF number, request_id, tap, user_token, amount_ml, purpose, run_ms, portions,
    started_ms ON pours
  BEGIN SELECT RAISE(ABORT, 'what was asked of a pour is fixed'); END;
)sql";

}  // namespace

void migrate_to_7(Connection& connection) {
  connection.run(seventh_schema);
  Statement orphans = connection.prepare("PRAGMA foreign_key_check");
  if (orphans.step()) {
    throw SqlError{SQLITE_CONSTRAINT, "names pours that are not there: check it first"};
  }
}

}  // namespace pourtocol::database
