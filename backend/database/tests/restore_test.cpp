// A backup put in the place of the log, and what is kept of the log that stood there.
#include <sqlite3.h>

#include <fstream>
#include <iterator>
#include <map>

#include "backend/database/restore.hpp"
#include "backend/database/tests/log_fixture.hpp"

namespace pourtocol::database::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Restore : public LogFixture {
 protected:
  /// A backup with one pour, and a log that went on and was killed: its last pour is in its -wal.
  void make_backup_and_killed_log() {
    open_log();
    pour_out("early", "main");
    ASSERT_TRUE(backup(file_, backup_));
    pour_out("late", "main");
    kill();
  }
  /// As a kill leaves the files, while the process that wrote them goes on elsewhere.
  void kill() {
    for (const char* suffix : {"", "-wal"}) {
      fs::copy_file(file_.string() + suffix, folder_ / "left" += suffix);
    }
    close_log();
    for (const char* suffix : {"", "-wal"}) {
      fs::rename(folder_ / "left" += suffix, file_.string() + suffix);
    }
  }
  [[nodiscard]] static std::string bytes(const fs::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }
  [[nodiscard]] std::map<std::string, std::string> everything() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator{file_.parent_path()}) {
      files[entry.path().filename().string()] = bytes(entry.path());
    }
    return files;
  }
  [[nodiscard]] static std::int64_t pours_in(const fs::path& file) {
    Connection connection{file, Connection::Mode::read_only};
    return connection.read_integer("SELECT count(*) FROM pours");
  }

  fs::path backup_ = folder_ / "backup.db";
};

TEST_F(Restore, PutsTheBackupInPlaceAndKeepsWhatWasThereWithItsWriteAheadLog) {
  make_backup_and_killed_log();
  const auto before = everything();
  const auto restored = restore(backup_, file_);
  ASSERT_TRUE(restored) << restored.error();
  EXPECT_EQ(pours_in(file_), 1);
  EXPECT_FALSE(fs::exists(file_.string() + "-wal"));
  ASSERT_TRUE(restored->kept);
  EXPECT_EQ(bytes(*restored->kept), before.at("pourtocol.db"));
  EXPECT_EQ(bytes(restored->kept->string() + "-wal"), before.at("pourtocol.db-wal"));
  EXPECT_EQ(bytes(backup_), before.at("backup.db"));
  EXPECT_EQ(pours_in(*restored->kept), 2) << "nothing of it is lost";
  open_log();
  EXPECT_TRUE(is<control::AlreadyKnown>(start(wish("early", "main"))));
  pour_out("anew", "main");
  expect_whole();
}

TEST_F(Restore, GoesBackAgainByRestoringWhatWasKept) {
  make_backup_and_killed_log();
  const auto restored = restore(backup_, file_);
  ASSERT_TRUE(restored) << restored.error();
  const auto again = restore(*restored->kept, file_);
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(pours_in(file_), 2);
  EXPECT_NE(restored->kept, again->kept) << "two within one second have two names";
}

TEST_F(Restore, ReplacesACopyThatSomebodyPutBesideAnothersLog) {
  make_backup_and_killed_log();
  fs::copy_file(backup_, file_, fs::copy_options::overwrite_existing);
  EXPECT_THAT(open_error(), HasSubstr("'pourtocol restore'"));
  const auto restored = restore(backup_, file_);
  ASSERT_TRUE(restored) << restored.error();
  EXPECT_TRUE(fs::exists(restored->kept->string() + "-wal")) << "even that is kept";
  open_log();
  expect_whole();
}

TEST_F(Restore, IsRefusedWhileAServerHasTheLog) {
  open_log();
  pour_out("a", "main");
  ASSERT_TRUE(backup(file_, backup_));
  pour_out("b", "main");
  EXPECT_THAT(restore(backup_, file_).error(),
              AllOf(HasSubstr("in use by another pourtocol"), HasSubstr("end the server first")));
  pour_out("c", "main");
  close_log();
  EXPECT_EQ(pours_in(file_), 3);
}

TEST_F(Restore, RefusesWhatIsNoWholeBackupAndChangesNothing) {
  make_backup_and_killed_log();
  std::ofstream{folder_ / "letter.txt"} << std::string(9'000, 'x');
  fs::copy_file(backup_, folder_ / "forged.db");
  forge_unseen(folder_ / "forged.db", "UPDATE events SET amount_ml = 1");
  const auto before = everything();
  const std::pair<const char*, const char*> no_backups[] = {{"letter.txt", "not a database"},
                                                            {"forged.db", "events: row 1"},
                                                            {"none.db", "no such file"},
                                                            {"pourtocol.db", "the log itself"}};
  for (const auto& [name, why] : no_backups) {
    EXPECT_THAT(restore(folder_ / name, file_).error(),
                AllOf(HasSubstr(name), HasSubstr(why), HasSubstr("is as it was")));
    auto after = everything();
    after.erase("pourtocol.db.lock");
    auto expected = before;
    expected.erase("pourtocol.db.lock");
    EXPECT_EQ(after, expected) << name;
  }
}

TEST_F(Restore, PutsALogWhereThereIsNone) {
  make_backup_and_killed_log();
  const auto elsewhere = folder_ / "new.db";
  const auto restored = restore(backup_, elsewhere);
  ASSERT_TRUE(restored) << restored.error();
  EXPECT_FALSE(restored->kept);
  EXPECT_EQ(pours_in(elsewhere), 1);
}

TEST_F(Restore, ReplacesTheFileAndNotTheLinkToIt) {
  make_backup_and_killed_log();
  const auto link = folder_ / "link.db";
  fs::create_symlink(file_, link);
  ASSERT_TRUE(restore(backup_, link));
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(pours_in(file_), 1);
}

TEST_F(Restore, LeavesNoJournalOfTheOldFileForTheNewOne) {
  make_backup_and_killed_log();
  std::ofstream{file_.string() + "-journal"} << "of the old file";
  const auto restored = restore(backup_, file_);
  ASSERT_TRUE(restored) << restored.error();
  EXPECT_FALSE(fs::exists(file_.string() + "-journal"));
  EXPECT_EQ(bytes(restored->kept->string() + "-journal"), "of the old file");
}

class LeftLog : public Restore {
 protected:
  [[nodiscard]] std::map<std::string, std::string> everything_but_the_lock() const {
    auto files = everything();
    files.erase("pourtocol.db.lock");
    return files;
  }
  /// Writes into the log as it is left, and leaves it so.
  void write_and_leave(const std::string& sql) {
    Connection stranger{file_, Connection::Mode::read_write};
    sqlite3_db_config(stranger.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    stranger.run("PRAGMA locking_mode = EXCLUSIVE; " + sql);
  }
  void expect_refused_and_untouched(const std::string& why) {
    const auto before = everything_but_the_lock();
    for (int i = 0; i < 2; ++i) {
      EXPECT_THAT(open_error(), HasSubstr(why));
      EXPECT_EQ(everything_but_the_lock(), before);
    }
  }
};

TEST_F(LeftLog, IsTakenUpByItsOwnDatabase) {
  make_backup_and_killed_log();
  open_log();
  EXPECT_TRUE(is<control::AlreadyKnown>(start(wish("late", "main"))));
  expect_whole();
}

TEST_F(LeftLog, OfALaterTimeIsNotPlayedIntoAnOldCopyMadeByHand) {
  open_log();
  pour_out("early", "main");
  close_log();
  fs::copy_file(file_, folder_ / "by-hand.db");  // in WAL mode: its header tells nothing
  open_log();
  pour_out("between", "main");
  close_log();
  open_log();
  pour_out("late", "main");
  kill();
  fs::copy_file(folder_ / "by-hand.db", file_, fs::copy_options::overwrite_existing);
  expect_refused_and_untouched("'pourtocol restore'");
  EXPECT_THAT(check(file_).error(), HasSubstr("of another database"));
  EXPECT_THAT(backup(file_, backup_).error(), HasSubstr("of another database"));

  const auto restored = restore(folder_ / "by-hand.db", file_);
  ASSERT_TRUE(restored) << restored.error();
  open_log();
  EXPECT_TRUE(is<control::AlreadyKnown>(start(wish("early", "main"))));
  EXPECT_TRUE(is<control::Started>(start(wish("between", "main"))));
  expect_whole();
}

TEST_F(LeftLog, OfAnotherDatabaseIsSeenWithoutANote) {
  make_backup_and_killed_log();
  fs::rename(file_.string() + "-wal", folder_ / "left-wal");
  fs::remove(file_);
  fs::remove(file_.string() + ".lock");
  open_log();
  for (int i = 0; i < 40; ++i) pour_out("other" + std::to_string(i), "main");
  close_log();
  fs::remove(file_.string() + ".lock");
  fs::rename(folder_ / "left-wal", file_.string() + "-wal");
  expect_refused_and_untouched("of another database");
}

TEST_F(LeftLog, StaysAsItIsBesideADatabaseThatIsRefused) {
  make_backup_and_killed_log();
  write_and_leave("PRAGMA user_version = 99");
  expect_refused_and_untouched("newer version");
  write_and_leave("PRAGMA application_id = 7");
  expect_refused_and_untouched("is not a database of this program");
}

TEST_F(LeftLog, OfTheOriginalStaysAsItIsWhereItCannotBeTakenOver) {
  write_and_leave(
      "PRAGMA journal_mode = WAL; CREATE TABLE events(id INTEGER PRIMARY KEY, timestamp DATETIME, "
      "user_token TEXT, amount_ml INTEGER, status TEXT, reason TEXT); "
      "INSERT INTO events(id) VALUES (-5)");
  ASSERT_GT(fs::file_size(file_.string() + "-wal"), 0U);
  expect_refused_and_untouched("whose id is no number");
  write_and_leave("UPDATE events SET id = 1");
  open_log();
  EXPECT_EQ(ask("SELECT count(*) FROM events"), 1);
  expect_whole();
}

}  // namespace
}  // namespace pourtocol::database::testing
