#include "backend/database/seed.hpp"

#include <sqlite3.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "backend/database/chain.hpp"

namespace pourtocol::database {

namespace {

constexpr std::array<std::string_view, 6> columns{"id",        "timestamp", "user_token",
                                                  "amount_ml", "status",    "reason"};

/// The longest value of a row: a page of the log holds many rows, and each in memory.
constexpr std::int64_t bytes_max = 65'536;

[[noreturn]] void refuse(const std::string& why) {
  throw SqlError{SQLITE_MISMATCH, why + "; it was left as it is"};
}

void expect_no_other_columns(Connection& connection) {
  Statement others = connection.prepare(
      "SELECT name, hidden FROM pragma_table_xinfo('events') WHERE hidden <> 0 OR name NOT IN "
      "('id','timestamp','user_token','amount_ml','status','reason')");
  if (!others.step()) return;
  refuse(fmt::format(
      "has the column {} in events, which the original does not write: copy the six "
      "columns id, timestamp, user_token, amount_ml, status, reason into a new file and start "
      "with that",
      printable(others.text(0))));
}

void expect_no_triggers(Connection& connection) {
  Statement triggers =
      connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' ORDER BY name");
  if (!triggers.step()) return;
  refuse(
      fmt::format("has the trigger {}, which would act on rows of the log: remove it (DROP "
                  "TRIGGER) and start again",
                  printable(triggers.text(0))));
}

void expect_numbered_rows(Connection& connection) {
  Statement odd = connection.prepare(
      "SELECT typeof(id), count(*) FROM events WHERE typeof(id) <> 'integer' OR id < 1 LIMIT 1");
  if (odd.step() && odd.integer(1) > 0) {
    refuse(
        fmt::format("has {} rows in events whose id is no number from 1 on ({}): give each row "
                    "a number of its own and start again",
                    odd.integer(1), odd.text(0)));
  }
  Statement twice =
      connection.prepare("SELECT id FROM events GROUP BY id HAVING count(*) > 1 LIMIT 1");
  if (twice.step()) {
    refuse(
        fmt::format("has two rows in events with the id {}: give each row a number of its own "
                    "and start again",
                    twice.integer(0)));
  }
  const auto last = connection.read_integer("SELECT max(id) FROM events");
  if (last > row_number_max) {
    refuse(
        fmt::format("has a row in events with the id {}, after which there is no room for a "
                    "log: give it a lower one and start again",
                    last));
  }
}

void expect_bounded_values(Connection& connection) {
  for (const auto column : columns) {
    Statement huge = connection.prepare(
        fmt::format("SELECT id, octet FROM (SELECT id, length(CAST({} AS BLOB)) AS octet FROM "
                    "events) WHERE octet > {} LIMIT 1",
                    column, bytes_max));
    if (!huge.step()) continue;
    refuse(
        fmt::format("has a {} of {} bytes in row {} of events, and {} are the most: shorten it "
                    "and start again",
                    column, huge.integer(1), huge.integer(0), bytes_max));
  }
}

/// The types of our columns turn some values into others ('30' into 30): such a row would neither
/// be what it was nor fit its hash.
void expect_same_rows(Connection& connection) {
  for (const auto column : columns) {
    Statement changed = connection.prepare(
        fmt::format("SELECT s.id, typeof(s.{0}) FROM seed_events AS s LEFT JOIN events AS e ON "
                    "e.id = s.id WHERE typeof(s.{0}) IS NOT typeof(e.{0}) OR "
                    "(+s.{0} COLLATE BINARY) IS NOT (+e.{0} COLLATE BINARY) LIMIT 1",
                    column));
    if (!changed.step()) continue;
    refuse(
        fmt::format("keeps {} of row {} in events as {}, which the original does not and this "
                    "program would turn into something else: give the column the original's type "
                    "and start again",
                    column, changed.integer(0), changed.text(1)));
  }
}

std::vector<std::string> index_names(Connection& connection) {
  std::vector<std::string> names;
  Statement query =
      connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL");
  while (query.step()) names.emplace_back(query.text(0));
  return names;
}

}  // namespace

bool is_seed(Connection& connection) {
  Statement tables = connection.prepare(
      "SELECT count(*), max(lower(name)) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE "
      "'sqlite\\_%' ESCAPE '\\'");
  if (!tables.step() || tables.integer(0) != 1 || tables.text(1) != "events") return false;
  const auto known = connection.read_integer(
      "SELECT count(*) FROM pragma_table_info('events') WHERE name IN "
      "('id','timestamp','user_token','amount_ml','status','reason')");
  return known == static_cast<std::int64_t>(columns.size());
}

void expect_takeable(Connection& connection) {
  expect_no_other_columns(connection);
  expect_no_triggers(connection);
  expect_numbered_rows(connection);
  expect_bounded_values(connection);
}

void set_seed_aside(Connection& connection) {
  expect_takeable(connection);
  // They hold nothing but what the rows hold, and could have the names of ours.
  for (const std::string& name : index_names(connection)) {
    connection.run("DROP INDEX " + identifier(name));
  }
  connection.run("ALTER TABLE events RENAME TO seed_events");
}

void take_seed_rows_over(Connection& connection) {
  ChainedInsert insert{connection, first_events_table};
  Statement rows = connection.prepare(
      "SELECT id, timestamp, user_token, amount_ml, status, reason, "
      "CAST(strftime('%s', timestamp) AS INTEGER) * 1000 FROM seed_events ORDER BY id");
  constexpr int our_columns = 8;  // tap … basis
  std::int64_t copied = 0;
  for (; rows.step(); ++copied) {
    insert.begin_at(rows.integer(0));
    for (std::size_t column = 1; column < columns.size(); ++column) {
      insert.put_column(rows, static_cast<int>(column));
    }
    for (int column = 0; column < our_columns; ++column) insert.put_null();
    insert.put_column(rows, static_cast<int>(columns.size()));
    insert.finish();
  }
  expect_same_rows(connection);
  Statement origin = connection.prepare("INSERT INTO origin VALUES (?, ?)");
  origin.bind(1, copied);
  origin.bind(2, insert.head().number);
  origin.run();
  rows.reset();  // a table that is being read cannot go
  connection.run("DROP TABLE seed_events");
}

}  // namespace pourtocol::database
