#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "backend/database/rows.hpp"
#include "backend/database/schema.hpp"
#include "backend/database/tests/log_fixture.hpp"
#include "backend/database/tests/sql_error.hpp"

namespace pourtocol::database::testing {
namespace {

using ::testing::HasSubstr;

class Schema : public LogFixture {
 protected:
  void make_seed_database() {
    tamper(R"sql(
      CREATE TABLE events (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        timestamp DATETIME DEFAULT CURRENT_TIMESTAMP,
        user_token TEXT, amount_ml INTEGER, status TEXT, reason TEXT);
      INSERT INTO events(timestamp, user_token, amount_ml, status, reason) VALUES
        ('2025-01-31 22:15:00', 'ada', 30, 'started', NULL),
        ('2025-01-31 22:15:09', 'ada', 30, 'failed', 'timeout');
      INSERT INTO events(id, timestamp, user_token, amount_ml, status, reason) VALUES
        (7, 'yesterday', NULL, 30.5, 'odd', X'00ff');
      INSERT INTO events(user_token, amount_ml, status) VALUES ('bob', 15, 'success'))sql");
  }

  std::vector<control::LogRow> read_log(const control::LogQuery& query) {
    auto reader = SqliteLogReader::open(file_, mailbox_.post()).value();
    std::optional<std::vector<control::LogRow>> rows;
    reader->read_log(query, [&rows](auto result) { rows = std::move(result).value(); });
    mailbox_.run_until([&rows] { return rows.has_value(); });
    return *rows;
  }

  [[nodiscard]] std::string bytes() const {
    std::ifstream file{file_, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
};

TEST_F(Schema, ANewFileBecomesADatabaseOfOurs) {
  open_log();
  EXPECT_EQ(ask("PRAGMA user_version"), schema_version);
  EXPECT_EQ(ask("PRAGMA application_id"), application_id);
  EXPECT_EQ(ask_text("PRAGMA journal_mode"), "wal");
  expect_whole();
}

TEST_F(Schema, EventsBeginsWithTheOriginalsColumns) {
  open_log();
  EXPECT_EQ(ask_text("SELECT group_concat(name) FROM (SELECT name FROM "
                     "pragma_table_info('events') ORDER BY cid LIMIT 6)"),
            "id,timestamp,user_token,amount_ml,status,reason");
}

TEST_F(Schema, AReaderOfTheOriginalsColumnsFindsItsOwnWords) {
  open_log();
  pour_out("a", "main");
  EXPECT_EQ(ask_text("SELECT group_concat(status || ' ' || user_token || ' ' || amount_ml || ' ' "
                     "|| ifnull(reason, '-')) FROM events"),
            "started ada 30 -,success ada 30 -");
  EXPECT_EQ(ask("SELECT count(*) FROM events WHERE timestamp = "
                "strftime('%Y-%m-%d %H:%M:%S', timestamp_ms / 1000, 'unixepoch')"),
            2);
}

TEST_F(Schema, ADatabaseOfTheOriginalIsMigratedWithItsRows) {
  make_seed_database();
  open_log();
  EXPECT_EQ(ask("SELECT count(*) FROM events"), 4);
  EXPECT_EQ(ask_text("SELECT group_concat(id) FROM (SELECT id FROM events ORDER BY id)"),
            "1,2,7,8");
  EXPECT_EQ(ask_text("SELECT reason FROM events WHERE id = 2"), "timeout");
  EXPECT_EQ(ask_text("SELECT timestamp FROM events WHERE id = 1"), "2025-01-31 22:15:00");
  EXPECT_EQ(ask("SELECT timestamp_ms FROM events WHERE id = 1"), 1'738'361'700'000);
  EXPECT_EQ(ask_text("SELECT typeof(amount_ml) || typeof(reason) FROM events WHERE id = 7"),
            "realblob");
  expect_whole();
  EXPECT_EQ(check(file_)->seed_events, 4);
}

TEST_F(Schema, OurRowsFollowTheOriginalsWithoutAGap) {
  make_seed_database();
  open_log();
  EXPECT_EQ(start(wish("a", "main")).row->id, 9);
  expect_whole();
}

TEST_F(Schema, TheIndicesOfPoursHoldTheStatesThatTheRulesMean) {
  open_log();
  Connection connection{file_, Connection::Mode::read_only};
  const auto holds = [&](std::string_view condition, control::PourState state) {
    return connection.read_integer(fmt::format("SELECT {} FROM (SELECT '{}' AS state)", condition,
                                               control::name_of(state))) == 1;
  };
  for (std::size_t i = 0; i < control::pour_state_count; ++i) {
    const auto state = static_cast<control::PourState>(i);
    EXPECT_EQ(holds(is_open_sql, state), is_open(state)) << control::name_of(state);
    EXPECT_EQ(holds(may_have_flowed_sql, state), may_have_flowed(state)) << control::name_of(state);
    EXPECT_EQ(holds(has_flowed_sql, state), may_have_flowed(state) && is_final(state))
        << control::name_of(state);
  }
}

TEST_F(Schema, TheIndicesOfPoursServeTheQueriesThatAreMeantForThem) {
  open_log();
  const auto plan_of = [&](std::string_view query) {
    Connection connection{file_, Connection::Mode::read_only};
    Statement plan = connection.prepare("EXPLAIN QUERY PLAN " + std::string{query});
    std::string steps;
    while (plan.step()) steps.append(plan.text(3)).append("; ");
    return steps;
  };
  EXPECT_EQ(plan_of(fmt::format("SELECT * FROM pours WHERE tap = ? AND {}", is_open_sql)),
            "SEARCH pours USING INDEX pours_one_open_per_tap (tap=?); ");
  EXPECT_EQ(plan_of(fmt::format("SELECT * FROM pours INDEXED BY pours_one_open_per_tap WHERE {} "
                                "ORDER BY tap",
                                is_open_sql)),
            "SCAN pours USING INDEX pours_one_open_per_tap; ");
  EXPECT_EQ(plan_of(fmt::format("SELECT 1 FROM pours WHERE tap = ? AND number > ? AND {}",
                                may_have_flowed_sql)),
            "SEARCH pours USING INDEX pours_flowed (tap=? AND number>?); ");
  EXPECT_EQ(plan_of(fmt::format("SELECT min(tap) FROM pours INDEXED BY pours_flowed WHERE {} AND "
                                "tap > ?",
                                may_have_flowed_sql)),
            "SEARCH pours USING INDEX pours_flowed (tap>?); ");
  EXPECT_EQ(plan_of(fmt::format("SELECT max(number) FROM pours INDEXED BY pours_flowed WHERE {} "
                                "AND tap = ?",
                                may_have_flowed_sql)),
            "SEARCH pours USING INDEX pours_flowed (tap=?); ");
  EXPECT_EQ(plan_of(fmt::format("SELECT max_ul FROM pours WHERE {} AND purpose IS NULL AND tap = ? "
                                "AND started_ms >= ?",
                                has_flowed_sql)),
            "SEARCH pours USING INDEX pours_totalled (tap=? AND started_ms>?); ");
}

TEST_F(Schema, NoWriteOfAPourFillsATableInMemory) {
  // SQLite does for each list of more than two in a check or an index.
  open_log();
  EXPECT_EQ(ask("SELECT count(*) FROM sqlite_schema WHERE tbl_name = 'pours' AND "
                "sql LIKE '% IN (%'"),
            0);
}

TEST_F(Schema, TheOriginalsRowsAreReadAsTheyAre) {
  make_seed_database();
  open_log();
  control::LogQuery query;
  const auto rows = read_log(query);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].status, control::EventStatus::success);
  EXPECT_EQ(rows[0].user.view(), "bob");
  EXPECT_TRUE(rows[0].tap.empty());
  EXPECT_TRUE(rows[0].request_id.empty());
  EXPECT_FALSE(rows[0].delivery);
  EXPECT_EQ(rows[1].status, control::EventStatus::failed) << "no word of the three";
  EXPECT_FALSE(rows[0].cause);
  EXPECT_FALSE(rows[0].stop_reason);
  EXPECT_EQ(rows[2].reason, "timeout");
  EXPECT_EQ(rows[3].timestamp, WallTime{std::chrono::milliseconds{1'738'361'700'000}});
}

TEST_F(Schema, AFileOfTheFirstVersionIsMigrated) {
  open_log();
  const std::int64_t later = clock_ms_;
  pour_out("a", "main");
  clock_ms_ = later - 1000;
  pour_out("b", "main");
  close_log();
  make_older(1);
  expect_whole();
  EXPECT_FALSE(SqliteLogReader::open(file_, mailbox_.post())) << "a reader does not migrate";
  open_log();
  EXPECT_EQ(ask("PRAGMA user_version"), schema_version);
  EXPECT_EQ(ask_text("SELECT group_concat(event_id) FROM clock_turns"), "3");
  control::LogQuery query;
  query.since = WallTime{std::chrono::milliseconds{later}};
  const auto rows = read_log(query);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].id, 2);
  clock_ms_ = later - 2000;
  pour_out("c", "main");
  EXPECT_EQ(ask_text("SELECT group_concat(event_id) FROM clock_turns"), "3,5");
  expect_whole();
}

TEST_F(Schema, AFileOfTheSecondVersionKeepsItsPoursAndItsHashes) {
  std::ifstream dump{TEST_DATA "/schema_2.sql"};
  tamper({std::istreambuf_iterator<char>{dump}, {}});
  expect_whole();
  const auto last_hash = "SELECT hex(hash) FROM events WHERE id = 6";
  const std::string before = ask_text(last_hash);
  open_log();
  EXPECT_EQ(ask("PRAGMA user_version"), schema_version);
  EXPECT_EQ(ask_text(last_hash), before);
  EXPECT_EQ(ask("SELECT count(*) FROM pours WHERE purpose IS NULL AND portions = 1"), 4);
  EXPECT_EQ(ask("SELECT count(*) FROM pragma_foreign_key_check"), 0);
  expect_whole();
  control::LogQuery query;
  const auto rows = read_log(query);
  ASSERT_EQ(rows.size(), 6U);
  EXPECT_EQ(rows[0].reason, "Partial: stopped after 11.2 of 60 ml.");
  EXPECT_EQ(rows[0].purpose, protocol::Purpose::pour);

  clock_ms_ = 1'800'000'000'000;
  pour_out("later", "bar");
  pour_out_service("cup", "bar");
  expect_whole();
}

TEST_F(Schema, AFileOfTheSixthVersionKeepsEveryColumnOfItsPours) {
  open_log();
  auto pour = wish("a", "main");
  pour.context.machine = MachineId::parse("0123456789abcdef");
  pour.context.uptime_at = Instant{std::chrono::seconds{11}};
  pour.context.sent_at = Instant{std::chrono::seconds{12}};
  pour.context.clock = *ClockId::from("a boot");
  start(pour);
  pour_out("b", "bar");
  pour_out_service("cup", "bar");
  close_log();
  make_older(6);
  tamper("CREATE TABLE kept AS SELECT * FROM pours");
  open_log();
  EXPECT_EQ(ask("PRAGMA user_version"), schema_version);
  EXPECT_EQ(ask("SELECT count(*) FROM (SELECT * FROM kept INTERSECT SELECT * FROM pours)"), 3);
  EXPECT_EQ(ask("SELECT count(*) FROM pours"), 3);
  EXPECT_EQ(ask_text("SELECT machine_id || ' ' || uptime_at_us || ' ' || sent_at_us || ' ' || "
                     "clock_id FROM pours WHERE request_id = 'a'"),
            "0123456789abcdef 11000000 12000000 a boot");
  expect_whole();
}

TEST_F(Schema, InAFileOfTheFourthVersionNothingWasGivenUp) {
  open_log();
  pour_out("a", "main");
  close_log();
  make_older(4);
  expect_whole();
  open_log();
  EXPECT_EQ(ask("PRAGMA user_version"), schema_version);
  EXPECT_EQ(ask("SELECT count(*) FROM given_up"), 0);
  write(control::GiveUpWrite{RequestId::parse("b").value(), WallTime{}});
  expect_whole();
}

TEST_F(Schema, AMigratedFileIsNotMigratedAgain) {
  make_seed_database();
  open_log();
  close_log();
  open_log();
  EXPECT_EQ(ask("SELECT count(*) FROM events"), 4);
  expect_whole();
}

TEST_F(Schema, ANewerFileIsRefusedAndLeftAsItIs) {
  open_log();
  close_log();
  tamper("PRAGMA user_version = 99");
  const auto before = bytes();
  EXPECT_THAT(open_error(),
              ::testing::AllOf(HasSubstr("pourtocol.db"), HasSubstr("newer"), HasSubstr("99")));
  EXPECT_EQ(bytes(), before);
}

TEST_F(Schema, SomebodyElsesDatabaseIsRefusedAndLeftAsItIs) {
  tamper("CREATE TABLE recipes(name TEXT); CREATE TABLE events(day TEXT)");
  const auto before = bytes();
  EXPECT_THAT(open_error(), HasSubstr("is not a database of this program"));
  EXPECT_EQ(bytes(), before);
}

TEST_F(Schema, AFileThatIsNoDatabaseIsRefused) {
  std::ofstream{file_} << std::string(5000, 'x');
  EXPECT_THAT(open_error(), HasSubstr("not a database"));
}

TEST_F(Schema, AMigrationThatFailsLeavesTheOriginalsFile) {
  make_seed_database();
  FaultyVfs disk{"migration"};
  options_.vfs = disk.name();
  // Whatever write it is that fails, the rows are there afterwards and the next start succeeds.
  int failures = 0;
  for (int nth = 1; nth < 200; ++nth) {
    disk.fail_from(FaultyVfs::Operation::write, nth, SQLITE_FULL);
    const bool failed = !open_error().empty();
    close_log();
    disk.heal();
    if (!failed) break;
    ++failures;
    ASSERT_EQ(ask("SELECT count(*) FROM events"), 4) << nth;
  }
  EXPECT_GT(failures, 3);
  open_log();
  expect_whole();
  close_log();
}

TEST_F(Schema, ADatabaseOfTheOriginalKeepsItsViews) {
  make_seed_database();
  tamper(
      "CREATE VIEW who AS SELECT user_token, count(*) AS n FROM events GROUP BY user_token;"
      "CREATE VIEW broken AS SELECT gone FROM nowhere;"
      "CREATE UNIQUE INDEX events_by_user ON events(user_token, id)");
  open_log();
  EXPECT_EQ(ask("SELECT n FROM who WHERE user_token = 'ada'"), 2);
  EXPECT_EQ(ask("SELECT count(*) FROM sqlite_schema WHERE name = 'broken'"), 1);
  pour_out("a", "main");
  expect_whole();
}

TEST_F(Schema, TheViewsOfALookerOnOutliveAMigrationOfOurs) {
  std::ifstream dump{TEST_DATA "/schema_2.sql"};
  tamper({std::istreambuf_iterator<char>{dump}, {}});
  tamper("CREATE VIEW flowed AS SELECT sum(delivered_ul) AS ul FROM pours");
  const auto before = ask("SELECT ul FROM flowed");
  open_log();
  EXPECT_EQ(ask("SELECT ul FROM flowed"), before);
  expect_whole();
}

struct Odd {
  const char* title;
  const char* sql;
  const char* sentence;
};

class OddSeed : public Schema, public ::testing::WithParamInterface<Odd> {
 protected:
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator{file_.parent_path()}) {
      found.push_back(entry.path().filename().string());
    }
    return found;
  }
};

TEST_P(OddSeed, IsRefusedWithASentenceAndLeftByteForByte) {
  tamper(GetParam().sql);
  const auto before = bytes();
  EXPECT_THAT(open_error(), ::testing::AllOf(HasSubstr("pourtocol.db"),
                                             HasSubstr(GetParam().sentence), HasSubstr("start")));
  EXPECT_EQ(bytes(), before);
  EXPECT_THAT(names(), ::testing::ElementsAre("pourtocol.db"));
}

#define SEED(id_column, amount_column)                                                     \
  "CREATE TABLE events(" id_column ", timestamp DATETIME, user_token TEXT, " amount_column \
  ", status TEXT, reason TEXT);"

constexpr Odd odd_seeds[] = {
    {"Trigger",
     SEED("id INTEGER PRIMARY KEY",
          "amount_ml INTEGER") "CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM events; "
                               "END",
     "the trigger \"t\""},
    {"NullId", SEED("id INT", "amount_ml INTEGER") "INSERT INTO events(status) VALUES ('failed')",
     "whose id is no number"},
    {"TextId", SEED("id TEXT", "amount_ml INTEGER") "INSERT INTO events(id) VALUES ('one')",
     "whose id is no number"},
    {"NegativeId",
     SEED("id INTEGER PRIMARY KEY", "amount_ml INTEGER") "INSERT INTO events(id) VALUES (-5)",
     "whose id is no number"},
    {"SameId", SEED("id INT", "amount_ml INTEGER") "INSERT INTO events(id) VALUES (3), (3)",
     "two rows in events with the id 3"},
    {"LastId",
     SEED("id INTEGER PRIMARY KEY",
          "amount_ml INTEGER") "INSERT INTO events(id) VALUES (9223372036854775807)",
     "the id 9223372036854775807"},
    {"TextAmount",
     SEED("id INTEGER PRIMARY KEY",
          "amount_ml TEXT") "INSERT INTO events(id, amount_ml) VALUES (1, '30')",
     "amount_ml of row 1 in events as text"},
    {"HugeText",
     SEED("id INTEGER PRIMARY KEY",
          "amount_ml INTEGER") "INSERT INTO events(id, reason) VALUES (1, zeroblob(5000000))",
     "reason of 5000000 bytes in row 1"},
    {"Generated", SEED("id INTEGER PRIMARY KEY", "amount_ml INTEGER, cl AS (amount_ml / 10.0)"),
     "the column \"cl\""},
    {"ViewOfOurName",
     SEED("id INTEGER PRIMARY KEY",
          "amount_ml INTEGER") "CREATE VIEW pours AS SELECT * FROM events",
     "a view named \"pours\""},
};
INSTANTIATE_TEST_SUITE_P(Kinds, OddSeed, ::testing::ValuesIn(odd_seeds),
                         [](const auto& odd) { return std::string{odd.param.title}; });

TEST_F(Schema, RowsOfTheOriginalThatAreNoUtf8AreTakenOverAsTheyAre) {
  make_seed_database();
  tamper("INSERT INTO events(id, user_token) VALUES (20, CAST(X'ff00fe' AS TEXT))");
  open_log();
  EXPECT_EQ(ask_text("SELECT hex(CAST(user_token AS BLOB)) FROM events WHERE id = 20"), "FF00FE");
  expect_whole();
}

TEST_F(Schema, AFileOfAnOlderVersionThatCannotBeMigratedStaysWhole) {
  std::ifstream dump{TEST_DATA "/schema_2.sql"};
  tamper({std::istreambuf_iterator<char>{dump}, {}});
  tamper("CREATE TABLE new_pours(x)");
  EXPECT_NE(open_error(), "");
  EXPECT_EQ(ask("PRAGMA user_version"), 2);
  EXPECT_EQ(ask("SELECT count(*) FROM pragma_table_info('events') WHERE name = 'action'"), 0);
}

TEST_F(Schema, RowsAreNeverChangedOrRemoved) {
  open_log();
  pour_out("a", "main");
  write(control::HoldWrite{{TapName::parse("main").value()}, true, WallTime{}});
  write(control::MachineWrite{TapName::parse("main").value(), MachineId{7}, {}, {}, WallTime{}});
  write(control::GiveUpWrite{RequestId::parse("b").value(), WallTime{}});
  const std::pair<const char*, const char*> refused[] = {
      {"UPDATE events SET amount_ml = 1", "events is append-only"},
      {"DELETE FROM events", "events is append-only"},
      {"UPDATE transitions SET seq = 9", "transitions is append-only"},
      {"DELETE FROM transitions", "transitions is append-only"},
      {"UPDATE holds SET held = 0", "holds is append-only"},
      {"DELETE FROM holds", "holds is append-only"},
      {"UPDATE machines SET machine_id = NULL", "machines is append-only"},
      {"DELETE FROM machines", "machines is append-only"},
      {"UPDATE given_up SET at_ms = 0", "given_up is append-only"},
      {"DELETE FROM given_up", "given_up is append-only"},
      {"DELETE FROM pours", "a pour is kept for ever"},
      {"UPDATE pours SET amount_ml = 1", "what was asked of a pour is fixed"},
      {"UPDATE origin SET seed_rows = 5", "origin is fixed"},
      {"DELETE FROM origin", "origin is fixed"},
  };
  for (const auto& [sql, words] : refused) {
    EXPECT_THAT([&] { tamper(sql); }, is_refused_by_trigger(words)) << sql;
  }
}

TEST_F(Schema, TheFileItselfHoldsTheBoundsOfServiceRuns) {
  open_log();
  pour_out_service("cup", "main");
  int number = 100;
  const auto add = [&](const std::string& amount, const std::string& purpose,
                       const std::string& run_ms, const std::string& portions) {
    const std::string id = std::to_string(++number);
    tamper("INSERT INTO pours SELECT " + id + ", 'run" + id + "', tap, user_token, " + amount +
           ", " + purpose + ", " + run_ms + ", " + portions +
           ", state, cause, detail, accepted, device_uptime_s, guard_boot_id, guard_expires_ms, "
           "pours_total, most_ul, delivered_ul, uncertainty_ul, min_ul, max_ul, basis, "
           "stop_reason, started_ms, updated_ms, machine_id, uptime_at_us, sent_at_us, clock_id "
           "FROM pours WHERE number = 1");
  };
  EXPECT_NO_THROW(add("200", "'calibrate'", "0", "8"));
  EXPECT_NO_THROW(add("0", "'clean'", "60000", "1"));
  const auto bounds = is_refused_by_check("state = 'refused' OR");
  EXPECT_THAT([&] { add("201", "'calibrate'", "0", "1"); }, bounds);
  EXPECT_THAT([&] { add("100", "'calibrate'", "0", "9"); }, bounds);
  EXPECT_THAT([&] { add("100", "'calibrate'", "500", "1"); }, bounds);
  EXPECT_THAT([&] { add("0", "'clean'", "60001", "1"); }, bounds);
  EXPECT_THAT([&] { add("0", "'calibrate'", "0", "1"); }, bounds);
  EXPECT_THAT([&] { add("61", "NULL", "0", "1"); }, bounds);
  EXPECT_THAT([&] { add("30", "'drink'", "0", "1"); },
              is_refused_by_check("purpose = 'calibrate'"));
}

TEST_F(Schema, TheFileItselfHoldsTheCapAndOneOpenPourPerTap) {
  open_log();
  start(wish("a", "main"));
  const auto add = [&](const std::string& tap, const std::string& amount) {
    tamper("INSERT INTO pours SELECT number + 1, request_id || number, " + tap + ", user_token, " +
           amount +
           ", purpose, run_ms, portions, state, cause, detail, accepted, device_uptime_s, "
           "guard_boot_id, guard_expires_ms, pours_total, most_ul, delivered_ul, uncertainty_ul, "
           "min_ul, max_ul, basis, stop_reason, started_ms, updated_ms, machine_id, uptime_at_us, "
           "sent_at_us, clock_id FROM pours ORDER BY number DESC LIMIT 1");
  };
  EXPECT_NO_THROW(add("'side'", "60"));
  EXPECT_THAT([&] { add("tap", "30"); },
              is_refused(SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: pours.tap"));
  EXPECT_THAT([&] { add("'third'", "61"); }, is_refused_by_check("state = 'refused' OR"));
}

TEST(Timestamp, IsWhatTheDatabaseItselfWouldWrite) {
  Connection memory{":memory:", Connection::Mode::read_write};
  for (const std::int64_t ms : {0LL, 1'780'000'000'999LL, -1LL, 951'782'400'000LL,
                                4'102'444'799'000LL, -315'619'200'000LL}) {
    const auto seconds = ms >= 0 ? ms / 1000 : (ms - 999) / 1000;
    EXPECT_EQ(timestamp_text(WallTime{std::chrono::milliseconds{ms}}),
              memory.read_text("SELECT datetime(" + std::to_string(seconds) + ", 'unixepoch')"));
  }
}

}  // namespace
}  // namespace pourtocol::database::testing
