// A head that was kept elsewhere shows what a log cannot show by itself: that it was rewritten.
#include <sqlite3.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "backend/database/head.hpp"
#include "backend/database/restore.hpp"
#include "backend/database/tests/log_fixture.hpp"

namespace pourtocol::database::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Digest digest_of(unsigned char first, int step) {
  Digest digest;
  for (unsigned char& byte : digest) {
    byte = first;
    first = static_cast<unsigned char>(first + step);
  }
  return digest;
}

TEST(HeadText, IsTheSameForEver) {
  // Reckoned by hand from what head.hpp says: heads are kept for years.
  EXPECT_EQ(text_of(head_of(std::vector<ChainHead>(5))),
            "0-0-0-0-0:d6347c5aed8aeeeb89cd9f845bef8bb3");
  const std::vector<ChainHead> ends{{.number = 4711, .hash = digest_of(0xff, 0)},
                                    {.number = 7022, .hash = digest_of(0, 1)},
                                    {.number = 1, .hash = digest_of(1, 0)}};
  EXPECT_EQ(text_of(head_of(ends)), "4711-7022-1:618b94c40c7f72ad7df02c702bf3920b");
}

TEST(HeadText, IsReadAsItWasWritten) {
  const std::string text = "4711-7022-1:618b94c40c7f72ad7df02c702bf3920b";
  const auto head = parse_head(" " + text + "\n");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->numbers, (std::vector<std::int64_t>{4711, 7022, 1}));
  EXPECT_EQ(text_of(*head), text);
}

TEST(HeadText, IsRefusedInAnyOtherForm) {
  const std::string digits = "618b94c40c7f72ad7df02c702bf3920b";
  for (const std::string& text :
       {std::string{}, digits, ":" + digits, "1-2:" + digits, "1-2-3" + digits,
        "1-2-3:" + digits + "0", "1-2-3:" + digits.substr(1), "1-2--3:" + digits,
        "-1-2-3:" + digits, "1-02-3:" + digits, "1-+2-3:" + digits, "1-2-3-:" + digits,
        "1-2-99999999999999999999:" + digits, "1-2-3:" + digits.substr(2) + "g0",
        "1-2-3:" + digits.substr(2) + "-1", "1 -2-3:" + digits, "1-2-3:" + digits + " x"}) {
    EXPECT_FALSE(parse_head(text)) << text;
  }
}

class HeadOfLog : public LogFixture {
 protected:
  [[nodiscard]] Head head() {
    Connection connection{file_, Connection::Mode::read_only};
    const Transaction snapshot{connection, Transaction::Kind::read};
    return read_head(connection);
  }
  void make_log() {
    open_log();
    pour_out("a", "main");
    pour_out("b", "bar", "bob");
    write(control::HoldWrite{{TapName::parse("bar").value()}, true, WallTime{}});
    close_log();
  }
  /// What whoever can write the file can do: drop the triggers, change rows, reckon every hash
  /// anew, and put the triggers back.
  void rewrite(const std::filesystem::path& file, const std::string& sql) {
    const auto triggers = drop_triggers(file);
    Connection connection{file, Connection::Mode::read_write};
    connection.run("PRAGMA foreign_keys = OFF; " + sql);
    for (const ChainedTable& table : chains_at(schema_version)) reckon_anew(connection, table);
    connection.run(triggers);
  }
  void rewrite(const std::string& sql) { rewrite(file_, sql); }
  /// Of that file, against that head.
  [[nodiscard]] static std::vector<std::string> missing(const std::filesystem::path& file,
                                                        const Head& head) {
    const auto report = check(file, std::vector{head});
    if (!report) return {report.error()};
    EXPECT_TRUE(report->whole()) << report->problems.front();
    return report->missing_heads;
  }
  [[nodiscard]] std::vector<std::string> missing(const Head& head) { return missing(file_, head); }

 private:
  static std::string drop_triggers(const std::filesystem::path& file) {
    Connection connection{file, Connection::Mode::read_write};
    std::string drop;
    std::string create;
    {
      Statement triggers =
          connection.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'");
      while (triggers.step()) {
        drop += "DROP TRIGGER " + std::string{triggers.text(0)} + ";";
        create += std::string{triggers.text(1)} + ";";
      }
    }
    connection.run(drop);
    return create;
  }
  static void reckon_anew(Connection& connection, const ChainedTable& table) {
    const std::string name{table.name};
    const std::string number{table.number};
    Digest previous{};
    std::vector<std::pair<std::int64_t, Digest>> hashes;
    Statement rows = connection.prepare("SELECT " + std::string{table.chained_columns} + " FROM " +
                                        name + " ORDER BY " + number);
    while (rows.step()) {
      RowHasher hasher{table, previous};
      for (int i = 0; i < table.column_count; ++i) hasher.add_column(rows, i);
      previous = hasher.finish();
      hashes.emplace_back(rows.integer(0), previous);
    }
    rows.reset();
    Statement update =
        connection.prepare("UPDATE " + name + " SET hash = ? WHERE " + number + " = ?");
    for (const auto& [row, hash] : hashes) {
      update.bind_blob(1, hash);
      update.bind(2, row);
      update.run();
    }
  }
};

TEST_F(HeadOfLog, CountsTheRowsOfEachChain) {
  make_log();
  EXPECT_EQ(head().numbers, (std::vector<std::int64_t>{4, 6, 1, 0, 0, 0}));
}

TEST_F(HeadOfLog, ChangesWithEachChain) {
  open_log();
  std::vector<std::string> seen{text_of(head())};
  const auto expect_another = [&] {
    seen.push_back(text_of(head()));
    EXPECT_NE(seen.back(), seen[seen.size() - 2]);
  };
  pour_out("a", "main");
  expect_another();
  write(control::HoldWrite{{TapName::parse("main").value()}, true, WallTime{}});
  expect_another();
  write(control::MachineWrite{TapName::parse("main").value(), MachineId{7}, {}, {}, WallTime{}});
  expect_another();
  write(control::GiveUpWrite{RequestId::parse("late").value(), WallTime{}});
  expect_another();
}

TEST_F(HeadOfLog, IsHeldForEverByTheLogThatGrew) {
  open_log();
  std::vector<Head> heads{head()};
  for (const char* id : {"a", "b", "c"}) {
    pour_out(id, "main");
    heads.push_back(head());
  }
  const auto report = check(file_, heads);
  ASSERT_TRUE(report);
  EXPECT_THAT(report->missing_heads, IsEmpty());
  EXPECT_EQ(report->head, text_of(heads.back()));
}

TEST_F(HeadOfLog, ShowsALogThatWasRewrittenWhole) {
  make_log();
  const Head before = head();
  rewrite(
      "UPDATE pours SET user_token = 'eve' WHERE request_id = 'a';"
      "UPDATE events SET user_token = 'eve' WHERE request_id = 'a'");
  EXPECT_EQ(ask_text("SELECT user_token FROM events WHERE id = 1"), "eve");
  expect_whole();  // which is all that the log alone can say
  EXPECT_THAT(missing(before),
              ElementsAre(AllOf(HasSubstr(text_of(before)), HasSubstr("They were rewritten"))));
}

TEST_F(HeadOfLog, ShowsARewrittenRowOfTheShortestChain) {
  make_log();
  const Head before = head();
  rewrite("UPDATE holds SET held = 0");
  expect_whole();
  EXPECT_THAT(missing(before), ElementsAre(HasSubstr("They were rewritten")));
}

TEST_F(HeadOfLog, ShowsThatTheNewestRowsAreGone) {
  make_log();
  const Head before = head();
  rewrite(
      "DELETE FROM transitions WHERE request_id = 'b'; DELETE FROM events WHERE request_id = 'b';"
      "DELETE FROM pours WHERE request_id = 'b'; UPDATE sqlite_sequence SET seq = 2 WHERE "
      "name = 'events'; UPDATE sqlite_sequence SET seq = 3 WHERE name = 'transitions'");
  expect_whole();
  EXPECT_THAT(missing(before), ElementsAre(HasSubstr("its events end at row 2")));
}

TEST_F(HeadOfLog, ShowsThatItIsAnotherLogs) {
  make_log();
  Head other = head();
  other.digest[15] ^= 1;
  EXPECT_THAT(missing(other), ElementsAre(HasSubstr("it is another log's")));
}

TEST_F(HeadOfLog, OfANewerProgramIsNotHeldAgainstTheLog) {
  make_log();
  Head newer = head();
  newer.numbers.push_back(0);
  EXPECT_THAT(missing(newer), ElementsAre(HasSubstr("newer version of this program")));
}

TEST_F(HeadOfLog, OutlivesAMigration) {
  make_log();
  make_older(3);
  const Head before = head();
  EXPECT_EQ(before.numbers.size(), 3U);
  open_log();
  EXPECT_EQ(head().numbers.size(), 6U);
  EXPECT_THAT(missing(before), IsEmpty());
}

TEST_F(HeadOfLog, CountsTheOriginalsRows) {
  tamper(
      "CREATE TABLE events(id INTEGER PRIMARY KEY, timestamp, user_token, amount_ml, status, "
      "reason); INSERT INTO events(id, user_token) VALUES (3, 'ada'), (9, 'bob')");
  open_log();
  const Head before = head();
  EXPECT_EQ(before.numbers.front(), 9);
  pour_out("a", "main");
  EXPECT_THAT(missing(before), IsEmpty());
}

// ---- Who tells it

TEST_F(HeadOfLog, IsToldAtOpeningAndAtTheEnd) {
  make_log();
  const std::string before = text_of(head());
  open_log();
  EXPECT_EQ(log_->head_at_opening(), before);
  submit(control::StartWrite{wish("c", "main"), std::nullopt});
  const std::string last = log_->close();
  EXPECT_NE(last, before);
  EXPECT_EQ(last, text_of(head())) << "with what still waited";
}

TEST_F(HeadOfLog, IsNotToldAtTheEndOfALogThatBroke) {
  FaultyVfs disk{"head"};
  options_.vfs = disk.name();
  open_log();
  disk.fail_from(FaultyVfs::Operation::write, 1, SQLITE_IOERR_WRITE);
  EXPECT_TRUE(is<control::Failed>(start(wish("a", "main"))));
  EXPECT_EQ(log_->close(), "");
  disk.heal();
}

TEST_F(HeadOfLog, IsReadWhileTheServerWrites) {
  open_log();
  auto reader = SqliteLogReader::open(file_, mailbox_.post());
  ASSERT_TRUE(reader) << reader.error();
  std::vector<std::string> told;
  for (const char* id : {"a", "b"}) {
    pour_out(id, "main");
    (*reader)->read_head([&](const auto& answer) { told.push_back(answer.value()); });
    mailbox_.run_until([&, count = told.size()] { return told.size() > count; });
    EXPECT_EQ(told.back(), text_of(head()));
  }
  EXPECT_NE(told.front(), told.back());
}

// ---- Kept with a backup

class HeadOfBackup : public HeadOfLog {
 protected:
  void make_backup() {
    make_log();
    const auto told = backup(file_, backup_);
    ASSERT_TRUE(told) << told.error();
    told_ = *told;
  }
  [[nodiscard]] std::string kept_line() const {
    std::ifstream stream{head_file_of(backup_)};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }
  const std::filesystem::path backup_ = folder_ / "copy.db";
  std::string told_;
};

TEST_F(HeadOfBackup, IsToldAndKeptBesideIt) {
  make_backup();
  EXPECT_EQ(told_, text_of(head()));
  EXPECT_EQ(kept_line(), told_ + "\n");
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(head_file_of(backup_)).permissions(),
            perms::owner_read | perms::owner_write);
}

TEST_F(HeadOfBackup, IsNeverOverwritten) {
  make_log();
  std::ofstream{head_file_of(backup_)} << "mine\n";
  EXPECT_THAT(backup(file_, backup_).error(), HasSubstr("copy.db.head exists already"));
  EXPECT_FALSE(std::filesystem::exists(backup_));
  EXPECT_EQ(kept_line(), "mine\n");
}

TEST_F(HeadOfBackup, IsNotThereWhereTheBackupIsNot) {
  make_log();
  forge_unseen("UPDATE events SET amount_ml = 5 WHERE id = 1");
  EXPECT_FALSE(backup(file_, backup_));
  EXPECT_FALSE(std::filesystem::exists(head_file_of(backup_)));
}

TEST_F(HeadOfBackup, KeepsARewrittenBackupFromBeingRestored) {
  make_backup();
  rewrite(backup_, "UPDATE holds SET held = 0");
  expect_whole(backup_);
  EXPECT_THAT(restore(backup_, file_).error(),
              AllOf(HasSubstr("They were rewritten"), HasSubstr("is as it was")));
  std::filesystem::remove(head_file_of(backup_));
  EXPECT_TRUE(restore(backup_, file_)) << "without it nothing is known";
}

TEST_F(HeadOfBackup, IsToldByRestore) {
  make_backup();
  open_log();
  pour_out("later", "main");
  close_log();
  const auto restored = restore(backup_, file_);
  ASSERT_TRUE(restored) << restored.error();
  EXPECT_EQ(restored->head, told_);
  EXPECT_EQ(text_of(head()), told_);
}

TEST_F(HeadOfBackup, ThatCannotBeReadIsSaid) {
  make_backup();
  std::ofstream{head_file_of(backup_)} << "no head\n";
  EXPECT_THAT(restore(backup_, file_).error(), HasSubstr("copy.db.head holds no head"));
}

TEST_F(HeadOfBackup, OfTheLogThatStoodThereIsNotHeldAgainstTheOneRestored) {
  make_backup();
  const auto second = folder_ / "second.db";
  open_log();
  pour_out("later", "main");
  close_log();
  ASSERT_TRUE(backup(file_, second));
  // Somebody serves from the newer backup, and then puts the older one in its place.
  const auto restored = restore(backup_, second);
  ASSERT_TRUE(restored) << restored.error();
  EXPECT_FALSE(std::filesystem::exists(head_file_of(second)));
  ASSERT_TRUE(restored->kept);
  EXPECT_TRUE(std::filesystem::exists(head_file_of(*restored->kept)));
  EXPECT_TRUE(restore(*restored->kept, second)) << "back again, held against its own head";
}

TEST_F(HeadOfBackup, OfTheOriginalsDatabaseIsNone) {
  tamper(
      "CREATE TABLE events(id INTEGER PRIMARY KEY, timestamp, user_token, amount_ml, status, "
      "reason)");
  const auto told = backup(file_, backup_);
  ASSERT_TRUE(told) << told.error();
  EXPECT_EQ(*told, "");
  EXPECT_FALSE(std::filesystem::exists(head_file_of(backup_)));
}

}  // namespace
}  // namespace pourtocol::database::testing
