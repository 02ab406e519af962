#include "backend/database/schema.hpp"

#include <sqlite3.h>

#include <array>
#include <string>

#include "backend/database/chain.hpp"

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

/// Takes the original's rows over as they are, in their order and under their ids, and chains them.
void copy_seed_rows(Connection& connection) {
  ChainedInsert insert{connection, first_events_table};
  Statement rows = connection.prepare(
      "SELECT id, timestamp, user_token, amount_ml, status, reason, "
      "CAST(strftime('%s', timestamp) AS INTEGER) * 1000 FROM seed_events ORDER BY id");
  constexpr int seed_columns = 6;
  constexpr int our_columns = 8;  // tap … basis
  std::int64_t copied = 0;
  for (; rows.step(); ++copied) {
    insert.begin_at(rows.integer(0));
    for (int column = 1; column < seed_columns; ++column) insert.put_column(rows, column);
    for (int column = 0; column < our_columns; ++column) insert.put_null();
    insert.put_column(rows, seed_columns);
    insert.finish();
  }
  Statement origin = connection.prepare("INSERT INTO origin VALUES (?, ?)");
  origin.bind(1, copied);
  origin.bind(2, insert.head().number);
  origin.run();
}

void migrate_to_1(Connection& connection) {
  const bool from_seed = kind_of(connection) == FileKind::seed;
  if (from_seed) connection.run("ALTER TABLE events RENAME TO seed_events");
  connection.run(first_schema);
  if (from_seed) {
    copy_seed_rows(connection);
    connection.run("DROP TABLE seed_events");
  } else {
    connection.run("INSERT INTO origin VALUES (0, 0)");
  }
  connection.run(first_schema_guards);
}

// Migration 2: what finds rows by time, and adds up a tap's pours.
//
// Ids follow the order in which rows were written, which is the order of time but for a clock that
// was set back. `clock_turns` names the rows where that happened: between two of them time only
// goes on, so a moment is found by halving. A trigger keeps it, whoever writes.
constexpr const char* second_schema = R"sql(
CREATE TABLE clock_turns (
  event_id INTEGER PRIMARY KEY REFERENCES events(id)
);
INSERT INTO clock_turns SELECT id FROM (
  SELECT id, timestamp_ms < lag(timestamp_ms) OVER (ORDER BY id) AS turned
  FROM events WHERE timestamp_ms IS NOT NULL) WHERE turned;
CREATE TRIGGER events_note_clock_turns AFTER INSERT ON events
  WHEN NEW.timestamp_ms < (SELECT timestamp_ms FROM events
    WHERE id < NEW.id AND timestamp_ms IS NOT NULL ORDER BY id DESC LIMIT 1)
  BEGIN INSERT INTO clock_turns VALUES (NEW.id); END;

CREATE INDEX pours_totalled
  ON pours(tap, started_ms, state, basis, amount_ml, delivered_ul, min_ul, max_ul)
  WHERE state IN ('done', 'partial', 'unknown');
)sql";

void migrate_to_2(Connection& connection) {
  connection.run(second_schema);
}

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

void migrate_to_3(Connection& connection) {
  connection.run(third_schema);
  Statement orphans = connection.prepare("PRAGMA foreign_key_check");
  if (orphans.step()) {
    throw SqlError{SQLITE_CONSTRAINT, "names pours that are not there: check it first"};
  }
}

/// `migrations[i]` leads from version i to i + 1.
using Migration = void (*)(Connection&);
constexpr std::array<Migration, schema_version> migrations{migrate_to_1, migrate_to_2,
                                                           migrate_to_3};

int version_of(Connection& connection) {
  return static_cast<int>(connection.read_integer("PRAGMA user_version"));
}

}  // namespace

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
  const std::int64_t seed_columns = connection.read_integer(
      "SELECT count(*) FROM pragma_table_info('events') WHERE name IN "
      "('id','timestamp','user_token','amount_ml','status','reason')");
  return tables == 1 && seed_columns == 6 ? FileKind::seed : FileKind::foreign;
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
  if (version_of(connection) == schema_version) return;
  // A table that others name cannot be written anew while every row of theirs is held to it. The
  // migration that does so checks them all before it commits.
  const bool held = connection.read_integer("PRAGMA foreign_keys") != 0;
  connection.run("PRAGMA foreign_keys = OFF");
  for (int version = version_of(connection); version < schema_version; ++version) {
    Transaction transaction{connection, Transaction::Kind::write};
    migrations[static_cast<std::size_t>(version)](connection);
    connection.run("PRAGMA application_id = " + std::to_string(application_id));
    connection.run("PRAGMA user_version = " + std::to_string(version + 1));
    transaction.commit();
  }
  if (held) connection.run("PRAGMA foreign_keys = ON");
}

}  // namespace pourtocol::database
