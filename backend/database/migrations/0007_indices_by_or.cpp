#include "backend/database/migrations/migrations.hpp"

namespace pourtocol::database {

namespace {

// Migration 7: the indices of `pours` name their states one after the other.
//
// For `state IN (…)` with more than two of them SQLite fills a table in memory, at each row that is
// written, for each such index, before and after: two thirds of what a pour cost the log. A query
// uses such an index only if it says the same in the same words (schema.hpp).
constexpr const char* seventh_schema = R"sql(
DROP INDEX pours_one_open_per_tap;
CREATE UNIQUE INDEX pours_one_open_per_tap ON pours(tap)
  WHERE state = 'sending' OR state = 'accepted' OR state = 'unclear';
DROP INDEX pours_flowed;
CREATE INDEX pours_flowed ON pours(tap, number)
  WHERE state = 'sending' OR state = 'accepted' OR state = 'unclear' OR state = 'done'
    OR state = 'partial' OR state = 'unknown';
DROP INDEX pours_totalled;
CREATE INDEX pours_totalled
  ON pours(tap, started_ms, state, basis, amount_ml, delivered_ul, min_ul, max_ul)
  WHERE (state = 'done' OR state = 'partial' OR state = 'unknown') AND purpose IS NULL;
)sql";

}  // namespace

void migrate_to_7(Connection& connection) {
  connection.run(seventh_schema);
}

}  // namespace pourtocol::database
