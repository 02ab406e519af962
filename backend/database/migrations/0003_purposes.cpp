#include "backend/database/migrations/migrations.hpp"

#include <sqlite3.h>

namespace pourtocol::database {

namespace {

// Migration 3: what the pump ran for, and what was done to calibrations.
//
// `purpose` is NULL for a guest's pour, in `pours` and in `events`; of a row of `events` that
// belongs to no pour it is 'calibration', and `action` says what was done. A service run may give
// more than a guest's 60 ml, or go by time, so the check on `pours` changes; SQLite cannot change a
// check in place, so the table is written anew.
constexpr const char* third_schema = R"sql(
ALTER TABLE events ADD COLUMN purpose TEXT;
ALTER TABLE events ADD COLUMN action TEXT;
CREATE INDEX events_accepted ON events(tap, id)
  WHERE action = 'accept' AND status = 'success';

CREATE TABLE new_pours (
  number           INTEGER PRIMARY KEY,
  request_id       TEXT    NOT NULL UNIQUE,
  tap              TEXT    NOT NULL,
  user_token       TEXT    NOT NULL,
  amount_ml        INTEGER NOT NULL,
  purpose          TEXT    CHECK (purpose IN ('calibrate', 'prime', 'clean', 'empty_line')),
  run_ms           INTEGER NOT NULL,
  portions         INTEGER NOT NULL,
  state            TEXT    NOT NULL CHECK (state IN ('refused','sending','accepted','unclear',
                     'not_sent','rejected','done','partial','not_poured','unknown')),
  cause            TEXT    NOT NULL,
  detail           TEXT    NOT NULL,
  accepted         INTEGER NOT NULL CHECK (accepted IN (0, 1)),
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
  CHECK (state = 'refused' OR
    CASE WHEN purpose IS NULL THEN amount_ml BETWEEN 1 AND 60 AND run_ms = 0 AND portions = 1
         WHEN run_ms = 0 THEN amount_ml BETWEEN 1 AND 200 AND portions BETWEEN 1 AND 8
         ELSE run_ms BETWEEN 500 AND 60000 AND amount_ml = 0 AND portions = 1 END)
);
INSERT INTO new_pours
  SELECT number, request_id, tap, user_token, amount_ml, NULL, 0, 1, state, cause, detail, accepted,
    device_uptime_s, guard_boot_id, guard_expires_ms, pours_total, most_ul, delivered_ul,
    uncertainty_ul, min_ul, max_ul, basis, stop_reason, started_ms, updated_ms
  FROM pours ORDER BY number;
DROP TABLE pours;
ALTER TABLE new_pours RENAME TO pours;

CREATE UNIQUE INDEX pours_one_open_per_tap ON pours(tap)
  WHERE state IN ('sending', 'accepted', 'unclear');
CREATE INDEX pours_unknown ON pours(number) WHERE state = 'unknown';
CREATE INDEX pours_flowed ON pours(tap, number)
  WHERE state IN ('sending', 'accepted', 'unclear', 'done', 'partial', 'unknown');
CREATE INDEX pours_totalled
  ON pours(tap, started_ms, state, basis, amount_ml, delivered_ul, min_ul, max_ul)
  WHERE state IN ('done', 'partial', 'unknown') AND purpose IS NULL;
CREATE TRIGGER pours_never_go BEFORE DELETE ON pours
  BEGIN SELECT RAISE(ABORT, 'a pour is kept for ever'); END;
CREATE TRIGGER pours_keep_what_was_asked
  BEFORE UPDATE OF number, request_id, tap, user_token, amount_ml, purpose, run_ms, portions,
    started_ms ON pours
  BEGIN SELECT RAISE(ABORT, 'what was asked of a pour is fixed'); END;
)sql";

}  // namespace

void migrate_to_3(Connection& connection) {
  connection.run(third_schema);
  Statement orphans = connection.prepare("PRAGMA foreign_key_check");
  if (orphans.step()) {
    throw SqlError{SQLITE_CONSTRAINT, "names pours that are not there: check it first"};
  }
}

}  // namespace pourtocol::database
