#include "backend/database/migrations/migrations.hpp"

namespace pourtocol::database {

namespace {

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

}  // namespace

void migrate_to_2(Connection& connection) {
  connection.run(second_schema);
}

}  // namespace pourtocol::database
