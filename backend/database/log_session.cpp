#include "backend/database/log_session.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "backend/database/head.hpp"
#include "backend/database/rows.hpp"
#include "backend/database/schema.hpp"

namespace pourtocol::database {

namespace {

using control::LogQuery;
using control::LogRow;
using control::PourWithHistory;
using control::TapTotal;

// From the columns of one index alone, so that even all pours of all time are soon added up.
constexpr const char* totals_format = R"sql(
SELECT count(*), ifnull(sum(CASE
    WHEN basis IN ('meter', 'time') THEN delivered_ul
    WHEN state = 'done' THEN amount_ml * 1000
    ELSE (min_ul + max_ul) / 2 END), 0)
FROM pours INDEXED BY pours_totalled
WHERE {} AND purpose IS NULL
  AND tap = ? AND started_ms >= ? AND max_ul > 0)sql";

std::string log_sql(const LogQuery& query) {
  std::string sql = fmt::format(
      "SELECT {} FROM events AS e LEFT JOIN transitions AS t ON t.event_id = e.id WHERE true",
      log_row_columns);
  if (query.before_id) sql += " AND e.id < :before";
  if (query.after_id) sql += " AND e.id > :after";
  // One filter picks the index, the one that lets fewest rows through; a `+` keeps the planner,
  // which knows no statistics, from picking another. The rest is decided from the index's own
  // columns, but for the time, to which the ids were narrowed beforehand.
  if (query.user) sql += " AND e.user_token = :user";
  if (query.tap) sql += query.user ? " AND +e.tap = :tap" : " AND e.tap = :tap";
  if (query.status) {
    sql += query.user || query.tap ? " AND +e.status = :status" : " AND e.status = :status";
  }
  if (query.since) sql += " AND e.timestamp_ms >= :since";
  if (query.until) sql += " AND e.timestamp_ms < :until";
  return sql + " ORDER BY e.id DESC LIMIT :limit";
}

std::size_t filters_of(const LogQuery& query) {
  return (query.before_id ? 1U : 0U) | (query.after_id ? 2U : 0U) | (query.user ? 4U : 0U) |
         (query.tap ? 8U : 0U) | (query.status ? 16U : 0U) | (query.since ? 32U : 0U) |
         (query.until ? 64U : 0U);
}

std::int64_t ms_of(WallTime time) {
  return time.time_since_epoch().count();
}

}  // namespace

LogSession::LogSession(const std::filesystem::path& file)
    : connection_{file, Connection::Mode::read_only} {
  if (kind_of(connection_) != FileKind::ours ||
      connection_.read_integer("PRAGMA user_version") != schema_version) {
    throw SqlError{SQLITE_NOTADB, "is not a database of this version of this program"};
  }
  connection_.refuse_long_rows();
  connection_.run("PRAGMA cache_size = -1000");  // 1 MB: pages of a log are read once
  find_pour_ =
      connection_.prepare(fmt::format("SELECT {} FROM pours WHERE request_id = ?", pour_columns()));
  history_ = connection_.prepare(
      fmt::format("SELECT {} FROM transitions WHERE request_id = ? ORDER BY seq", history_columns));
  totals_ = connection_.prepare(fmt::format(totals_format, has_flowed_sql));
  clock_turns_ = connection_.prepare("SELECT event_id FROM clock_turns ORDER BY event_id");
  last_id_ = connection_.prepare("SELECT max(id) FROM events");
  time_at_ = connection_.prepare(
      "SELECT id, timestamp_ms FROM events WHERE id >= ? AND id < ? AND timestamp_ms IS NOT NULL "
      "ORDER BY id LIMIT 1");
}

Statement& LogSession::statement_for(const LogQuery& query) {
  auto& statement = log_[filters_of(query)];
  if (!statement) statement = connection_.prepare(log_sql(query));
  return *statement;
}

std::vector<LogRow> LogSession::read_log(LogQuery query) {
  const Transaction snapshot{connection_, Transaction::Kind::read};
  if (query.since || query.until) narrow_to_span(query);
  Statement& statement = statement_for(query);
  const ResetAtEnd reset{statement};
  // Parameters are numbered in the order of their first use in the SQL.
  int parameter = 0;
  if (query.before_id) statement.bind(++parameter, *query.before_id);
  if (query.after_id) statement.bind(++parameter, *query.after_id);
  if (query.user) statement.bind(++parameter, query.user->view());
  if (query.tap) statement.bind(++parameter, query.tap->view());
  if (query.status) statement.bind(++parameter, control::name_of(*query.status));
  if (query.since) statement.bind(++parameter, ms_of(*query.since));
  if (query.until) statement.bind(++parameter, ms_of(*query.until));
  statement.bind(++parameter, std::int64_t{query.limit});
  std::vector<LogRow> rows;
  while (statement.step()) rows.push_back(read_log_row(statement));
  return rows;
}

// ---- Rows by time

void LogSession::narrow_to_span(LogQuery& query) {
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  std::int64_t end = 0;
  for (const Ids& run : clock_runs()) {
    const std::int64_t from = query.since ? reached(run, *query.since) : run.first;
    const std::int64_t to = query.until ? reached(run, *query.until) : run.end;
    if (from >= to) continue;
    first = std::min(first, from);
    end = std::max(end, to);
  }
  if (first >= end) first = end = 1;  // no row can be meant
  query.after_id = std::max(query.after_id.value_or(0), first - 1);
  query.before_id = std::min(query.before_id.value_or(end), end);
}

std::vector<LogSession::Ids> LogSession::clock_runs() {
  std::vector<Ids> runs;
  std::int64_t first = 0;
  const ResetAtEnd reset_turns{clock_turns_};
  while (clock_turns_.step()) {
    runs.push_back({.first = first, .end = clock_turns_.integer(0)});
    first = clock_turns_.integer(0);
  }
  const ResetAtEnd reset_last{last_id_};
  const std::int64_t last = last_id_.step() ? last_id_.integer(0) : 0;
  runs.push_back({.first = first, .end = last + 1});
  return runs;
}

std::int64_t LogSession::reached(const Ids& run, WallTime time) {
  std::int64_t low = run.first;
  std::int64_t high = run.end;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    const ResetAtEnd reset{time_at_};
    time_at_.bind(1, middle);
    time_at_.bind(2, high);
    if (time_at_.step() && time_at_.integer(1) < ms_of(time)) {
      low = time_at_.integer(0) + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// ---- Pours

std::optional<PourWithHistory> LogSession::find_pour(const RequestId& id) {
  const Transaction snapshot{connection_, Transaction::Kind::read};
  const ResetAtEnd reset_pour{find_pour_};
  find_pour_.bind(1, id.view());
  if (!find_pour_.step()) return std::nullopt;
  PourWithHistory found{.pour = read_pour(find_pour_), .history = {}};
  const ResetAtEnd reset_history{history_};
  history_.bind(1, id.view());
  while (history_.step()) found.history.push_back(read_history_step(history_));
  return found;
}

std::vector<TapTotal> LogSession::read_totals(const std::vector<TapName>& taps, WallTime since) {
  const Transaction snapshot{connection_, Transaction::Kind::read};
  std::vector<TapTotal> totals;
  for (const TapName& tap : taps) {
    const ResetAtEnd reset{totals_};
    totals_.bind(1, tap.view());
    totals_.bind(2, ms_of(since));
    TapTotal total{.tap = tap, .pours = 0, .delivered = {}};
    if (totals_.step()) {
      total.pours = totals_.integer(0);
      total.delivered = Microlitres{totals_.integer(1)};
    }
    totals.push_back(total);
  }
  return totals;
}

std::string LogSession::read_head() {
  const Transaction snapshot{connection_, Transaction::Kind::read};
  return text_of(database::read_head(connection_));
}

}  // namespace pourtocol::database
