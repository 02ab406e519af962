#include "backend/database/migrations/migrations.hpp"

#include "backend/database/seed.hpp"

namespace pourtocol::database {

namespace {

// Migration 1: from nothing, or from the original's file, to the first schema of ours.
//
// `events` begins with the original's columns, by their names and meanings. Rows the original wrote
// have NULL in all others but `timestamp_ms` (where its text is a time) and `hash`. `transitions`
// has one row for every step of every pour; `event_id` names the row of `events` it made. `pours`
// is where each pour stands now: the only table whose rows change. `holds` has one row for every
// stop and resume of a tap; a tap's newest row says whether it is held.
constexpr const char* first_schema = R"sql(
CREATE TABLE origin (
  seed_rows    INTEGER NOT NULL,
  seed_last_id INTEGER NOT NULL
);

CREATE TABLE pours (
  number           INTEGER PRIMARY KEY,
  request_id       TEXT    NOT NULL UNIQUE,
  tap              TEXT    NOT NULL,
  user_token       TEXT    NOT NULL,
  amount_ml        INTEGER NOT NULL,
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
  CHECK (state = 'refused' OR amount_ml BETWEEN 1 AND 60)
);
CREATE UNIQUE INDEX pours_one_open_per_tap ON pours(tap)
  WHERE state IN ('sending', 'accepted', 'unclear');
CREATE INDEX pours_unknown ON pours(number) WHERE state = 'unknown';
CREATE INDEX pours_flowed ON pours(tap, number)
  WHERE state IN ('sending', 'accepted', 'unclear', 'done', 'partial', 'unknown');

CREATE TABLE events (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  timestamp      DATETIME DEFAULT CURRENT_TIMESTAMP,
  user_token     TEXT,
  amount_ml      INTEGER,
  status         TEXT,
  reason         TEXT,
  tap            TEXT,
  request_id     TEXT REFERENCES pours(request_id),
  outcome        TEXT,
  delivered_ul   INTEGER,
  uncertainty_ul INTEGER,
  min_ul         INTEGER,
  max_ul         INTEGER,
  basis          TEXT,
  timestamp_ms   INTEGER,
  hash           BLOB NOT NULL
);

CREATE TABLE transitions (
  seq            INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id     TEXT    NOT NULL REFERENCES pours(request_id),
  event_id       INTEGER UNIQUE REFERENCES events(id),
  from_state     TEXT    NOT NULL,
  to_state       TEXT    NOT NULL,
  cause          TEXT    NOT NULL,
  detail         TEXT    NOT NULL,
  at_ms          INTEGER NOT NULL,
  delivered_ul   INTEGER,
  uncertainty_ul INTEGER,
  min_ul         INTEGER,
  max_ul         INTEGER,
  basis          TEXT,
  stop_reason    TEXT,
  hash           BLOB NOT NULL
);
CREATE INDEX transitions_of_pour ON transitions(request_id, seq);

CREATE TABLE holds (
  id    INTEGER PRIMARY KEY AUTOINCREMENT,
  tap   TEXT    NOT NULL,
  held  INTEGER NOT NULL CHECK (held IN (0, 1)),
  at_ms INTEGER NOT NULL,
  hash  BLOB    NOT NULL
);
CREATE INDEX holds_of_tap ON holds(tap, id);
)sql";

// Made after the original's rows are in. The indices carry what a filter needs besides the id, so
// that a page is found without touching rows that do not belong to it.
constexpr const char* first_schema_guards = R"sql(
CREATE INDEX events_by_user ON events(user_token, id, tap, status);
CREATE INDEX events_by_tap ON events(tap, id, status);
CREATE INDEX events_by_status ON events(status, id);

CREATE TRIGGER events_never_change BEFORE UPDATE ON events
  BEGIN SELECT RAISE(ABORT, 'events is append-only'); END;
CREATE TRIGGER events_never_go BEFORE DELETE ON events
  BEGIN SELECT RAISE(ABORT, 'events is append-only'); END;
CREATE TRIGGER transitions_never_change BEFORE UPDATE ON transitions
  BEGIN SELECT RAISE(ABORT, 'transitions is append-only'); END;
CREATE TRIGGER transitions_never_go BEFORE DELETE ON transitions
  BEGIN SELECT RAISE(ABORT, 'transitions is append-only'); END;
CREATE TRIGGER holds_never_change BEFORE UPDATE ON holds
  BEGIN SELECT RAISE(ABORT, 'holds is append-only'); END;
CREATE TRIGGER holds_never_go BEFORE DELETE ON holds
  BEGIN SELECT RAISE(ABORT, 'holds is append-only'); END;
CREATE TRIGGER origin_never_changes BEFORE UPDATE ON origin
  BEGIN SELECT RAISE(ABORT, 'origin is fixed'); END;
CREATE TRIGGER origin_never_goes BEFORE DELETE ON origin
  BEGIN SELECT RAISE(ABORT, 'origin is fixed'); END;
CREATE TRIGGER pours_never_go BEFORE DELETE ON pours
  BEGIN SELECT RAISE(ABORT, 'a pour is kept for ever'); END;
CREATE TRIGGER pours_keep_what_was_asked
  BEFORE UPDATE OF number, request_id, tap, user_token, amount_ml, started_ms ON pours
  BEGIN SELECT RAISE(ABORT, 'what was asked of a pour is fixed'); END;
)sql";

}  // namespace

void migrate_to_1(Connection& connection) {
  const bool from_seed = is_seed(connection);
  if (from_seed) set_seed_aside(connection);
  connection.run(first_schema);
  if (from_seed) {
    take_seed_rows_over(connection);
  } else {
    connection.run("INSERT INTO origin VALUES (0, 0)");
  }
  connection.run(first_schema_guards);
}

}  // namespace pourtocol::database
