#include <algorithm>
#include <fstream>

#include "backend/database/pour_checks.hpp"
#include "backend/database/schema.hpp"
#include "backend/database/tests/log_fixture.hpp"

namespace pourtocol::database::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

class Check : public LogFixture {
 protected:
  /// Three pours and a hold; then what a forger does who knows SQL but not the chain.
  void forge(const std::string& sql) {
    open_log();
    pour_out("a", "main");
    pour_out("b", "main");
    start(wish("c", "side"));
    write(control::HoldWrite{{TapName::parse("side").value()}, true, WallTime{}});
    expect_whole();
    close_log();
    forge_unseen(sql);
  }
  void expect_problem(const std::string& text) {
    const auto report = check(file_);
    ASSERT_TRUE(report) << report.error();
    EXPECT_FALSE(report->whole());
    EXPECT_THAT(report->problems, Contains(HasSubstr(text)));
  }
};

TEST_F(Check, CountsWhatIsThere) {
  forge("");
  const auto report = check(file_);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->whole());
  EXPECT_EQ(report->schema_version, schema_version);
  EXPECT_EQ(report->events, 5);
  EXPECT_EQ(report->transitions, 7);
  EXPECT_EQ(report->pours, 3);
  EXPECT_EQ(report->open_pours, 1);
  EXPECT_EQ(report->holds, 1);
}

TEST_F(Check, FindsAChangedEvent) {
  forge("UPDATE events SET amount_ml = 15 WHERE id = 2");
  expect_problem("events: row 2 does not fit its hash");
}

TEST_F(Check, FindsAPourThatIsPassedOffAsAServiceRun) {
  forge("UPDATE events SET purpose = 'prime' WHERE id IN (1, 2)");
  expect_problem("events: row 1 does not fit its hash");
}

TEST_F(Check, FindsAServiceRunThatIsPassedOffAsAPour) {
  open_log();
  pour_out_service("cup", "main");
  close_log();
  forge(
      "UPDATE events SET purpose = NULL; UPDATE pours SET amount_ml = 60, portions = 1, "
      "purpose = NULL WHERE request_id = 'cup'");
  expect_problem("events: row 1 does not fit its hash");
}

TEST_F(Check, TakesARowThatBelongsToNoPourOnlyForADeed) {
  open_log();
  write(control::AuditWrite{.tap = TapName::parse("main").value(),
                            .user = {},
                            .status = control::EventStatus::success,
                            .action = "accept",
                            .reason = "Calibration accepted.",
                            .at = {}});
  expect_whole();
  close_log();
  forge("UPDATE events SET action = NULL WHERE id = 1");
  expect_problem("events: row 1 belongs to no step");
}

TEST_F(Check, NamesAChangedRowOnceAndNotItsFollowers) {
  forge("UPDATE events SET user_token = 'bob' WHERE id = 2");
  const auto report = check(file_);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->problem_count, 2) << "its hash, and its pour says otherwise";
}

TEST_F(Check, FindsARowTakenOut) {
  forge("DELETE FROM transitions WHERE event_id = 2; DELETE FROM events WHERE id = 2");
  expect_problem("events: between row 1 and row 3 rows are missing");
  expect_problem("events: row 3 does not fit its hash");
}

TEST_F(Check, FindsRowsCutOffTheEnd) {
  forge(
      "DELETE FROM transitions WHERE request_id = 'c'; DELETE FROM events WHERE request_id = 'c';"
      "DELETE FROM pours WHERE request_id = 'c'");
  expect_problem("events: the rows after 4 up to 5 are missing");
  expect_problem("transitions: the rows after 6 up to 7 are missing");
}

TEST_F(Check, FindsAnInsertedRow) {
  forge(
      "INSERT INTO events(user_token, amount_ml, status, hash) "
      "VALUES ('eve', 60, 'success', zeroblob(32))");
  expect_problem("events: row 6 does not fit its hash");
  expect_problem("events: row 6 belongs to no step");
}

TEST_F(Check, FindsAChangedTransition) {
  forge("UPDATE transitions SET cause = 'idle_again' WHERE seq = 3");
  expect_problem("transitions: row 3 does not fit its hash");
}

TEST_F(Check, FindsAChangedHold) {
  forge("UPDATE holds SET held = 0");
  expect_problem("holds: row 1 does not fit its hash");
}

TEST_F(Check, CountsTheIdsThatWereGivenUpAndFindsOneChanged) {
  open_log();
  write(control::GiveUpWrite{.request_id = RequestId::parse("late").value(), .at = WallTime{}});
  start(wish("late", "main"));
  expect_whole();
  close_log();
  EXPECT_EQ(check(file_)->given_up, 1);
  forge_unseen("UPDATE given_up SET request_id = 'other'");
  expect_problem("given_up: row 1 does not fit its hash");
}

TEST_F(Check, FindsAPourThatIsHeldToHaveBeenGivenUp) {
  open_log();
  pour_out("a", "main");
  close_log();
  tamper("INSERT INTO given_up(request_id, at_ms, hash) VALUES ('a', 0, x'00')");
  expect_problem("Pour a was given up before it came, and yet is done");
}

TEST_F(Check, FindsATurnOfTheClockThatIsNotNoted) {
  clock_ms_ += 1000;
  open_log();
  pour_out("early", "main");
  close_log();
  clock_ms_ -= 1000;
  forge("DELETE FROM clock_turns");
  expect_problem("at row 3 of events the clock was set back");
}

TEST_F(Check, FindsAPourThatItsStepsDoNotLeadTo) {
  forge("UPDATE pours SET state = 'not_poured' WHERE request_id = 'a'");
  expect_problem("Pour a is kept as not_poured, but its steps end in done");
}

TEST_F(Check, FindsAPourWhoseAmountWasChanged) {
  forge("UPDATE pours SET max_ul = max_ul + 1 WHERE request_id = 'a'");
  expect_problem("Pour a is kept as done, but its steps end in done with other particulars");
}

TEST_F(Check, FindsAPourWhoseOrderWasChanged) {
  forge("UPDATE pours SET amount_ml = 15 WHERE request_id = 'a'");
  expect_problem("Pour a: step 1 and its row of events do not say the same");
}

/// One column of `pours`, and what a forger writes into it.
struct Forged {
  const char* column;
  const char* value;
};
constexpr Forged forged_columns[] = {
    {"number", "7"},
    {"request_id", "'z'"},
    {"tap", "'side'"},
    {"user_token", "'eve'"},
    {"amount_ml", "15"},
    {"purpose", "'prime'"},
    {"run_ms", "500"},
    {"portions", "2"},
    {"started_ms", "started_ms - 1"},
    {"state", "'partial'"},
    {"cause", "'power_lost'"},
    {"detail", "'said so'"},
    {"delivered_ul", "delivered_ul + 1"},
    {"uncertainty_ul", "uncertainty_ul + 1"},
    {"min_ul", "min_ul - 1"},
    {"max_ul", "NULL"},
    {"basis", "'time'"},
    {"stop_reason", "NULL"},
    {"updated_ms", "updated_ms + 1"},
    {"accepted", "0"},
    {"device_uptime_s", "-1"},
    {"guard_boot_id", "'0123'"},
    {"guard_expires_ms", "5"},
    {"pours_total", "-1"},
    {"most_ul", "'much'"},
    {"machine_id", "'terrace'"},
    {"uptime_at_us", "'then'"},
    {"sent_at_us", "'then'"},
    {"clock_id", "''"},
};

class CheckColumn : public Check, public ::testing::WithParamInterface<Forged> {};

TEST_P(CheckColumn, IsHeldAgainstWhatTheStepsSay) {
  const auto [column, value] = GetParam();
  forge(std::string{"PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; "} +
        "UPDATE pours SET " + column + " = " + value + " WHERE request_id = 'a'");
  expect_problem(column);
}
INSTANTIATE_TEST_SUITE_P(Pours, CheckColumn, ::testing::ValuesIn(forged_columns),
                         [](const auto& forged) { return std::string{forged.param.column}; });

TEST_F(Check, KnowsEveryColumnOfPours) {
  open_log();
  Connection connection{file_, Connection::Mode::read_only};
  Statement names = connection.prepare("SELECT name FROM pragma_table_info('pours')");
  std::size_t count = 0;
  for (; names.step(); ++count) {
    const std::string name{names.text(0)};
    EXPECT_TRUE(std::ranges::any_of(pour_checks,
                                    [&](const PourCheck& check) { return check.column == name; }))
        << name << " needs a rule in pour_checks.hpp";
    EXPECT_TRUE(std::ranges::any_of(forged_columns,
                                    [&](const Forged& forged) { return forged.column == name; }))
        << name << " needs a forger above";
  }
  EXPECT_EQ(count, pour_checks.size());
}

TEST_F(Check, SaysNothingThatATerminalWouldObey) {
  forge(
      "PRAGMA foreign_keys = OFF; "
      "UPDATE pours SET request_id = CAST(X'1b5d303b781b07' AS TEXT) WHERE request_id = 'a'; "
      "UPDATE pours SET tap = CAST(X'1b5b324aff' AS TEXT), state = 'accepted' "
      "WHERE request_id = 'b'; "
      "UPDATE transitions SET to_state = CAST(X'0d9b31' AS TEXT) WHERE seq = 3; "
      "DROP INDEX pours_one_open_per_tap; "
      "UPDATE pours SET tap = CAST(X'1b5b324aff' AS TEXT) WHERE request_id = 'c'");
  const auto report = check(file_);
  ASSERT_TRUE(report) << report.error();
  EXPECT_FALSE(report->whole());
  for (const std::string& problem : report->problems) {
    EXPECT_TRUE(std::ranges::all_of(problem, [](char c) { return c >= ' ' && c <= '~'; }))
        << printable(problem);
  }
  EXPECT_THAT(report->problems, Contains(HasSubstr(R"(Pour "\x1b]0;x\x1b\x07" is kept)")));
  EXPECT_THAT(report->problems, Contains(HasSubstr(R"(Tap "\x1b[2J\xff" has 2 open pours)")));
}

TEST_F(Check, SaysNothingThatATerminalWouldObeyOfAFileItCannotRead) {
  open_log();
  close_log();
  tamper(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE x(' || "
      "CAST(X'1b5b324a' AS TEXT), name = CAST(X'1b5b324a' AS TEXT) WHERE name = 'holds'");
  const auto report = check(file_);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().find('\x1b'), std::string::npos) << printable(report.error());
}

TEST_F(Check, FindsAPourWithoutASingleStep) {
  forge(
      "DELETE FROM transitions WHERE request_id = 'c'; "
      "UPDATE sqlite_sequence SET seq = 6 WHERE name = 'transitions'");
  expect_problem("Pour c is kept as sending, but no step led to it");
}

TEST_F(Check, FindsAnIllegalStep) {
  forge(
      "UPDATE transitions SET to_state = 'rejected' WHERE seq = 2;"
      "UPDATE transitions SET from_state = 'rejected' WHERE seq = 3");
  expect_problem("Pour a: step 3 goes from rejected to done");
}

TEST_F(Check, FindsTwoOpenPoursOfOneTap) {
  forge(
      "DROP INDEX pours_one_open_per_tap;"
      "UPDATE pours SET state = 'accepted' WHERE request_id IN ('a', 'b')");
  expect_problem("Tap main has 2 open pours");
}

TEST_F(Check, FindsAnEventThatWasUnlinked) {
  forge("UPDATE transitions SET event_id = NULL WHERE seq = 3");
  expect_problem("events: row 2 belongs to no step");
  expect_problem("Pour a: step 3 and its row of events do not say the same");
}

TEST_F(Check, FindsADamagedFile) {
  forge("");
  std::fstream file{file_, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(3 * 4096);
  file << std::string(4096, '\x5a');
  file.close();
  const auto report = check(file_);
  EXPECT_TRUE(!report || !report->whole());
}

TEST_F(Check, LooksWhileTheServerWrites) {
  open_log();
  for (int i = 0; i < 300; ++i) {
    const auto tap = "t" + std::to_string(i);
    submit(control::StartWrite{wish("k" + std::to_string(i), tap), std::nullopt});
    if (i % 60 == 0) expect_whole();
  }
  mailbox_.run_until([this] { return replies_.size() == 300; });
  expect_whole();
}

TEST_F(Check, SaysWhenThereIsNothingToCheck) {
  EXPECT_THAT(check(folder_ / "none.db").error(), HasSubstr("none.db"));
  tamper(
      "CREATE TABLE events(id INTEGER PRIMARY KEY, timestamp, user_token, amount_ml, status, "
      "reason)");
  EXPECT_THAT(check(file_).error(), HasSubstr("start the server on it once"));
}

}  // namespace
}  // namespace pourtocol::database::testing
