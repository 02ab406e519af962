// A log of each older schema, kept as a file in data/ (schema_N.sql): whatever becomes of the
// migrations, what was written then is taken over.
//
// Who brings a new schema writes the file of the one before, once, and never again:
//   POURTOCOL_WRITE_OLDER_LOGS=1 build/release/bin/database_test --gtest_filter='*OlderLog*'
// writes those that are missing and touches no other.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "backend/database/schema.hpp"
#include "backend/database/tests/log_fixture.hpp"

namespace pourtocol::database::testing {
namespace {

using control::Cause;
using control::PourState;

/// The rows of a table as statements that insert them.
std::string rows_of(Connection& connection, const std::string& table) {
  const std::string values = connection.read_text(
      "SELECT group_concat('quote(' || name || ')', ' || '','' || ') FROM "
      "pragma_table_info('" +
      table + "')");
  Statement rows = connection.prepare("SELECT " + values + " FROM " + table + " ORDER BY rowid");
  std::string sql;
  while (rows.step()) sql += fmt::format("INSERT INTO {} VALUES({});\n", table, rows.text(0));
  return sql;
}

/// A whole database as SQL: first its tables with their rows, then what watches over them.
std::string sql_of(Connection& connection) {
  std::string tables;
  std::string rest;
  Statement objects = connection.prepare(
      "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' "
      "ORDER BY rowid");
  while (objects.step()) {
    const std::string sql = std::string{objects.text(2)} + ";\n";
    if (objects.text(0) == "table") {
      tables += sql + rows_of(connection, std::string{objects.text(1)});
    } else {
      rest += sql;
    }
  }
  return "PRAGMA foreign_keys = OFF;\nBEGIN TRANSACTION;\n" + tables +
         "DELETE FROM sqlite_sequence;\n" + rows_of(connection, "sqlite_sequence") + rest +
         fmt::format("COMMIT;\nPRAGMA application_id = {};\nPRAGMA user_version = {};\n",
                     application_id, connection.read_integer("PRAGMA user_version"));
}

class OlderLog : public LogFixture, public ::testing::WithParamInterface<int> {
 protected:
  [[nodiscard]] static std::filesystem::path stored() {
    return fmt::format(TEST_DATA "/schema_{}.sql", GetParam());
  }

  /// A log with something in every table that the schema has.
  void write_log() {
    open_log();
    const auto bar = TapName::parse("bar").value();
    pour_out("first", "bar", "ann");
    write(control::StartWrite{wish("second", "bar", "ann"), Cause::busy});
    auto open = wish("third", "terrace", "bob");
    start(open);
    open.state = PourState::sending;
    step(open, PourState::unclear, Cause::answer_timed_out);
    write(control::HoldWrite{{bar}, true, WallTime{std::chrono::milliseconds{++clock_ms_}}});
    clock_ms_ -= 60'000;  // somebody set the clock
    pour_out("fourth", "kitchen", "bob");
    if (GetParam() >= 3) pour_out_service("cup", "cellar");
    if (GetParam() >= 4) write(control::MachineWrite{bar, MachineId{7}, {}, {}, WallTime{}});
    if (GetParam() >= 5) {
      write(control::GiveUpWrite{RequestId::parse("given-up").value(), WallTime{}});
    }
    close_log();
    make_older(GetParam());
    Connection connection{file_, Connection::Mode::read_write};
    std::ofstream{stored()} << "-- A log of schema " << GetParam()
                            << ", as older_logs_test.cpp had it written.\n"
                            << sql_of(connection);
  }
};

TEST_P(OlderLog, IsTakenOverWithItsPoursAndItsHashes) {
  if (!std::filesystem::exists(stored()) && std::getenv("POURTOCOL_WRITE_OLDER_LOGS") != nullptr) {
    write_log();
    std::filesystem::remove(file_);
  }
  std::ifstream dump{stored()};
  ASSERT_TRUE(dump.is_open()) << stored() << " is missing: older_logs_test.cpp says how it is made";
  tamper({std::istreambuf_iterator<char>{dump}, {}});
  EXPECT_EQ(ask("PRAGMA user_version"), GetParam());
  expect_whole();
  const char* events =
      "SELECT group_concat(id || hex(hash)) FROM (SELECT * FROM events ORDER BY id)";
  const char* steps =
      "SELECT group_concat(seq || hex(hash)) FROM (SELECT * FROM transitions ORDER BY seq)";
  const char* pours =
      "SELECT group_concat(number || request_id || tap || user_token || amount_ml || state || "
      "cause "
      "|| ifnull(stop_reason, '-') || ifnull(min_ul || '-' || max_ul || basis, '-') || started_ms) "
      "FROM (SELECT * FROM pours ORDER BY number)";
  const std::string before[] = {ask_text(events), ask_text(steps), ask_text(pours)};
  for (const std::string& text : before) EXPECT_NE(text, "");

  open_log();
  EXPECT_EQ(ask("PRAGMA user_version"), schema_version);
  EXPECT_EQ(ask_text(events), before[0]);
  EXPECT_EQ(ask_text(steps), before[1]);
  EXPECT_EQ(ask_text(pours), before[2]);
  EXPECT_EQ(ask("SELECT count(*) FROM pragma_foreign_key_check"), 0);
  EXPECT_TRUE(std::holds_alternative<control::Recovered>(recover()));
  expect_whole();

  clock_ms_ = 1'800'000'000'000;
  pour_out("later", "new-tap");
  pour_out_service("later-cup", "new-tap");
  expect_whole();
}
INSTANTIATE_TEST_SUITE_P(OfSchema, OlderLog, ::testing::Range(1, schema_version),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace pourtocol::database::testing
