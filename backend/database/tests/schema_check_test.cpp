// A log whose tables, triggers and indices somebody has changed is named so, and not gone on with.
#include <fstream>
#include <iterator>
#include <string>

#include "backend/database/schema.hpp"
#include "backend/database/schema_check.hpp"
#include "backend/database/tests/log_fixture.hpp"

namespace pourtocol::database::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class SchemaCheck : public LogFixture {
 protected:
  void make_log() {
    open_log();
    pour_out("a", "main");
    write(control::HoldWrite{{TapName::parse("main").value()}, true, WallTime{}});
    close_log();
  }
  [[nodiscard]] std::vector<std::string> problems() {
    const auto report = check(file_);
    return report ? report->problems : std::vector{report.error()};
  }
  [[nodiscard]] std::string bytes() const {
    std::ifstream stream{file_, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }
  void expect_refused_and_untouched(const std::string& name) {
    const auto before = bytes();
    EXPECT_THAT(open_error(), AllOf(StartsWith(file_.string() + ": the "), HasSubstr(name),
                                    HasSubstr("pourtocol check"), HasSubstr("left as it is")));
    EXPECT_EQ(bytes(), before) << name;
  }
};

// ---- Logs of every version

class SchemaOfVersion : public SchemaCheck, public ::testing::WithParamInterface<int> {};

TEST_P(SchemaOfVersion, IsTheOneItsMigrationsMadeBeforeAndAfterIts) {
  make_log();
  make_older(GetParam());
  EXPECT_EQ(check(file_)->schema_version, GetParam());
  expect_whole();
  open_log();
  expect_whole();
  EXPECT_EQ(check(file_)->schema_version, schema_version);
}

TEST_P(SchemaOfVersion, IsLookedAtBeforeItIsMigrated) {
  make_log();
  make_older(GetParam());
  tamper("DROP TRIGGER transitions_never_go");
  expect_refused_and_untouched("transitions_never_go");
  EXPECT_EQ(check(file_)->schema_version, GetParam());
}
INSTANTIATE_TEST_SUITE_P(Each, SchemaOfVersion, ::testing::Range(1, schema_version + 1));

TEST_F(SchemaCheck, PassesALogThatAnOlderProgramWrote) {
  std::ifstream dump{TEST_DATA "/schema_2.sql"};
  tamper({std::istreambuf_iterator<char>{dump}, {}});
  EXPECT_THAT(problems(), IsEmpty());
  open_log();
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(SchemaCheck, FindsALogThatSaysItIsOfAnotherVersion) {
  make_log();
  tamper("PRAGMA user_version = 4");
  EXPECT_THAT(problems(), Contains(HasSubstr("the table pours is not as this program makes it")));
  expect_refused_and_untouched("table pours");
}

// ---- What is missing, other, or a stranger's

TEST_F(SchemaCheck, FindsEveryTriggerAndIndexThatIsMissing) {
  make_log();
  Connection connection{file_, Connection::Mode::read_write};
  std::vector<std::pair<std::string, std::string>> all;
  {
    Statement query = connection.prepare(
        "SELECT type, name, sql FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL");
    while (query.step()) {
      all.emplace_back(std::string{query.text(0)} + " " + std::string{query.text(1)},
                       query.text(2));
    }
  }
  ASSERT_GT(all.size(), 20U);
  for (const auto& [object, sql] : all) {
    connection.run("DROP " + object);
    EXPECT_THAT(problems(), ElementsAre(HasSubstr("the " + object + " is missing: what it guards")))
        << object;
    connection.run(sql);
    EXPECT_THAT(problems(), IsEmpty()) << object;
  }
}

TEST_F(SchemaCheck, RefusesALogWithoutATriggerAndLeavesItAsItIs) {
  make_log();
  tamper("DROP TRIGGER events_never_change");
  expect_refused_and_untouched("the trigger events_never_change is missing");
}

TEST_F(SchemaCheck, FindsATriggerThatGuardsNothingAnyMore) {
  make_log();
  tamper(
      "DROP TRIGGER events_never_go; CREATE TRIGGER events_never_go BEFORE DELETE ON events "
      "WHEN 0 BEGIN SELECT RAISE(ABORT, 'events is append-only'); END");
  EXPECT_THAT(
      problems(),
      ElementsAre(HasSubstr("the trigger events_never_go is not as this program makes it")));
  expect_refused_and_untouched("events_never_go");
}

TEST_F(SchemaCheck, FindsATriggerThatGuardsAnotherTable) {
  make_log();
  tamper(
      "CREATE TABLE decoy(x); DROP TRIGGER events_never_go; CREATE TRIGGER events_never_go BEFORE "
      "DELETE ON decoy BEGIN SELECT RAISE(ABORT, 'events is append-only'); END");
  EXPECT_THAT(
      problems(),
      ElementsAre(HasSubstr("the trigger events_never_go is not as this program makes it")));
}

TEST_F(SchemaCheck, FindsATriggerOfAStrangers) {
  make_log();
  tamper(
      "CREATE TRIGGER \"quiet\x1b one\" AFTER INSERT ON holds "
      "BEGIN UPDATE pours SET max_ul = 0; END");
  EXPECT_THAT(problems(),
              ElementsAre(AllOf(HasSubstr(R"(the trigger "quiet\x1b one" on holds is none)"),
                                HasSubstr("DROP TRIGGER"))));
  expect_refused_and_untouched("quiet");
}

TEST_F(SchemaCheck, FindsATriggerThatHidesBehindSqlitesOwnNames) {
  make_log();
  tamper(
      "CREATE TRIGGER t AFTER INSERT ON holds BEGIN UPDATE pours SET max_ul = 0; END; "
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET name = 'sqlite_t', sql = "
      "replace(sql, 'TRIGGER t ', 'TRIGGER sqlite_t ') WHERE name = 't'");
  EXPECT_THAT(problems(), Contains(HasSubstr("sqlite_t")));
}

TEST_F(SchemaCheck, FindsAnIndexOfAStrangersOnOurTables) {
  make_log();
  tamper("CREATE UNIQUE INDEX one_each ON events(user_token, status)");
  EXPECT_THAT(problems(), ElementsAre(AllOf(HasSubstr("the index one_each on events is none"),
                                            HasSubstr("DROP INDEX"))));
}

TEST_F(SchemaCheck, FindsAColumnThatWasAddedAndACheckThatWasTakenOut) {
  make_log();
  tamper("ALTER TABLE holds ADD COLUMN why TEXT");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("the table holds is not as this program makes")));
  tamper(
      "ALTER TABLE holds DROP COLUMN why; PRAGMA writable_schema = ON; UPDATE sqlite_schema SET "
      "sql = replace(sql, 'CHECK (held IN (0, 1))', '') WHERE name = 'holds'");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("the table holds is not as this program makes")));
}

TEST_F(SchemaCheck, ReportsATableThatIsGoneInsteadOfFailing) {
  make_log();
  tamper("DROP TABLE given_up");
  EXPECT_THAT(problems(), AllOf(Contains(HasSubstr("the table given_up is missing")),
                                Contains(HasSubstr("The rest cannot be checked"))));
}

// ---- What is no change

TEST_F(SchemaCheck, LeavesTablesAndViewsOfOthersAlone) {
  make_log();
  tamper(
      "CREATE TABLE notes(id INTEGER PRIMARY KEY, about INTEGER); CREATE INDEX notes_about ON "
      "notes(about); CREATE VIEW mine AS SELECT id FROM events; ANALYZE");
  EXPECT_THAT(problems(), IsEmpty());
  open_log();
}

TEST_F(SchemaCheck, KnowsAnObjectHoweverItIsSpacedAndQuoted) {
  make_log();
  tamper(
      "DROP TRIGGER events_never_go; create trigger \"events_never_go\" -- as ever\n before\n\t"
      "delete ON [events] BEGIN /* no */ SELECT raise(ABORT,'events is append-only') ; END; "
      "DROP INDEX holds_of_tap; CREATE INDEX `holds_of_tap` ON holds ( tap,id )");
  EXPECT_THAT(problems(), IsEmpty());
  open_log();
}

TEST_F(SchemaCheck, TellsTextsApartByEveryLetter) {
  make_log();
  tamper(
      "DROP INDEX pours_unknown; "
      "CREATE INDEX pours_unknown ON pours(number) WHERE state = 'Unknown'");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("the index pours_unknown is not as")));
}

}  // namespace
}  // namespace pourtocol::database::testing
