// More than one process: the lock, and what a kill leaves behind.

#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <sstream>

#include "backend/database/tests/log_fixture.hpp"

namespace pourtocol::database::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// The program killed_writer, at work on `file`.
class KilledWriter {
 public:
  KilledWriter(const std::filesystem::path& file, const std::string& run) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error{"no pipe"};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    std::string program = KILLED_WRITER;
    std::string path = file.string();
    std::string name = run;
    char* arguments[] = {program.data(), path.data(), name.data(), nullptr};
    const int result =
        ::posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    output_ = ends[0];
    if (result != 0) throw std::runtime_error{"killed_writer does not start"};
  }
  KilledWriter(const KilledWriter&) = delete;
  KilledWriter& operator=(const KilledWriter&) = delete;
  ~KilledWriter() { kill(); }

  /// Reads what it reports until that is so much.
  void read_until(std::size_t bytes) {
    while (reported_.size() < bytes && read_some()) {
    }
  }

  void kill() {
    if (process_ < 0) return;
    ::kill(process_, SIGKILL);
    while (read_some()) {
    }
    ::waitpid(process_, nullptr, 0);
    ::close(output_);
    process_ = -1;
  }

  /// Row ids and keys in whole lines.
  [[nodiscard]] std::map<std::int64_t, std::string> reported() const {
    std::map<std::int64_t, std::string> rows;
    std::istringstream lines{reported_.substr(0, reported_.rfind('\n') + 1)};
    std::int64_t id = 0;
    std::string key;
    while (lines >> id >> key) rows[id] = key;
    return rows;
  }

 private:
  bool read_some() {
    char buffer[4096];
    const auto size = ::read(output_, buffer, sizeof buffer);
    if (size > 0) reported_.append(buffer, static_cast<std::size_t>(size));
    return size > 0;
  }

  pid_t process_ = -1;
  int output_ = -1;
  std::string reported_;
};

class Processes : public LogFixture {};

TEST_F(Processes, ASecondServerOnTheSameDatabaseIsRefused) {
  KilledWriter other{file_, "first"};
  other.read_until(100);
  EXPECT_THAT(open_error(),
              AllOf(HasSubstr(file_.string()), HasSubstr("in use"), HasSubstr("process ")));
}

TEST_F(Processes, ASecondNameForTheSameDatabaseIsSeenThrough) {
  open_log();
  const auto first = std::move(log_);
  const auto real = file_;
  file_ = folder_ / "alias.db";
  std::filesystem::create_symlink(real, file_);
  EXPECT_THAT(open_error(), HasSubstr("in use"));
}

TEST_F(Processes, TheLockGoesWithItsOwner) {
  open_log();
  close_log();
  open_log();
}

TEST_F(Processes, EveryReportedRowIsThereAfterAKill) {
  std::int64_t most_reported = 0;
  for (int round = 0; round < 12; ++round) {
    KilledWriter writer{file_, "run" + std::to_string(round)};
    writer.read_until(200 + 797 * static_cast<std::size_t>(round));
    writer.kill();
    const auto reported = writer.reported();
    ASSERT_FALSE(reported.empty());

    open_log();  // the lock is free
    expect_whole();
    Connection connection{file_, Connection::Mode::read_only};
    Statement key = connection.prepare("SELECT request_id FROM events WHERE id = ?");
    for (const auto& [id, request_id] : reported) {
      key.bind(1, id);
      ASSERT_TRUE(key.step()) << "row " << id << " was reported and is gone";
      EXPECT_EQ(key.text(0), request_id);
      key.reset();
      most_reported = std::max(most_reported, id);
    }
    close_log();
  }
  EXPECT_GT(most_reported, 500);
}

class Backup : public LogFixture {};

TEST_F(Backup, IsWholeAndStandsAloneWhileTheServerWrites) {
  KilledWriter writer{file_, "busy"};
  writer.read_until(20'000);
  const auto before = writer.reported();
  for (int i = 0; i < 5; ++i) {
    const auto copy = folder_ / ("copy" + std::to_string(i) + ".db");
    const auto result = backup(file_, copy);
    ASSERT_TRUE(result) << result.error();
    EXPECT_FALSE(std::filesystem::exists(copy.string() + "-wal"));
    expect_whole(copy);
    Connection connection{copy, Connection::Mode::read_only};
    EXPECT_GE(connection.read_integer("SELECT max(id) FROM events"), before.rbegin()->first);
  }
  writer.kill();
  open_log();
  expect_whole();
}

TEST_F(Backup, OpensAsADatabaseOfItsOwn) {
  open_log();
  pour_out("a", "main");
  const auto copy = folder_ / "copy.db";
  ASSERT_TRUE(backup(file_, copy));
  close_log();
  file_ = copy;
  open_log();
  EXPECT_TRUE(is<control::AlreadyKnown>(start(wish("a", "main"))));
}

TEST_F(Backup, NeverOverwritesAFile) {
  open_log();
  const auto copy = folder_ / "copy.db";
  ASSERT_TRUE(backup(file_, copy));
  pour_out("a", "main");
  const auto again = backup(file_, copy);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error(), HasSubstr("exists already"));
}

TEST_F(Backup, RefusesWhatIsNoWholeLogAndLeavesNothingBehind) {
  open_log();
  pour_out("a", "main");
  close_log();
  forge_unseen("UPDATE events SET amount_ml = 5");
  const auto copy = folder_ / "copy.db";
  const auto result = backup(file_, copy);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error(), HasSubstr("events: row 1"));
  EXPECT_FALSE(std::filesystem::exists(copy));
  EXPECT_THAT(backup(folder_ / "none.db", copy).error(), HasSubstr("no such file"));
}

TEST_F(Backup, TakesTheOriginalsDatabaseAsItIs) {
  tamper(
      "CREATE TABLE events(id INTEGER PRIMARY KEY, timestamp, user_token, amount_ml, status, "
      "reason); INSERT INTO events(user_token) VALUES ('ada')");
  const auto copy = folder_ / "copy.db";
  const auto result = backup(file_, copy);
  ASSERT_TRUE(result) << result.error();
  Connection connection{copy, Connection::Mode::read_only};
  EXPECT_EQ(connection.read_text("SELECT user_token FROM events"), "ada");
}

TEST_F(LogFixture, NobodyElseMayOpenWhatBelongsToTheLog) {
  const auto before = ::umask(0);
  open_log();
  pour_out("a", "main");
  const auto copied = backup(file_, folder_ / "copy.db");
  ::umask(before);
  ASSERT_TRUE(copied) << copied.error();
  for (const auto& entry : std::filesystem::directory_iterator{file_.parent_path()}) {
    EXPECT_EQ(entry.status().permissions() & std::filesystem::perms{0077},
              std::filesystem::perms::none)
        << entry.path();
  }
}

TEST_F(LogFixture, ALogThatIsRemovedWhileItServesTakesNoOrder) {
  for (const char* suffix : {"", "-wal"}) {
    open_log();
    pour_out("a" + std::string{suffix}, "main");
    auto gone = file_;
    gone += suffix;
    const auto aside = folder_ / "aside";
    std::filesystem::rename(gone, aside);
    const auto& reply = start(wish("b" + std::string{suffix}, "main"));
    ASSERT_TRUE(is<control::Failed>(reply));
    EXPECT_THAT(std::get<control::Failed>(reply.result).what,
                HasSubstr(gone.filename().string() + " was removed"));
    EXPECT_TRUE(std::holds_alternative<control::RecoverFailed>(recover()));
    EXPECT_FALSE(std::filesystem::exists(gone)) << "no new log in its place";
    close_log();
    std::filesystem::rename(aside, gone);
    expect_whole();
  }
}

TEST_F(LogFixture, ALogThatIsLostIsNoticedWithNothingToWrite) {
  options_.look_every = std::chrono::milliseconds{5};
  for (const char* suffix : {"", "-wal"}) {
    open_log();
    pour_out("a" + std::string{suffix}, "main");
    auto gone = file_;
    gone += suffix;
    const auto aside = folder_ / "aside";
    const std::size_t told = recoveries_.size();
    std::filesystem::rename(gone, aside);
    mailbox_.run_until([&] { return recoveries_.size() > told; });
    const auto* failed = std::get_if<control::RecoverFailed>(&recoveries_.back());
    ASSERT_NE(failed, nullptr);
    EXPECT_TRUE(failed->file_lost);
    EXPECT_THAT(failed->what, HasSubstr(gone.filename().string() + " was removed"));
    const auto& reply = start(wish("b" + std::string{suffix}, "main"));
    ASSERT_TRUE(is<control::Failed>(reply));
    EXPECT_TRUE(std::get<control::Failed>(reply.result).file_lost);
    EXPECT_EQ(recoveries_.size(), told + 1) << "told once";
    close_log();
    std::filesystem::rename(aside, gone);
    expect_whole();
  }
}

TEST_F(LogFixture, ALogThatIsReplacedOrCutShortTakesNoOrder) {
  open_log();
  pour_out("a", "main");
  ASSERT_TRUE(backup(file_, folder_ / "copy.db"));
  std::filesystem::rename(folder_ / "copy.db", file_);
  EXPECT_THAT(std::get<control::Failed>(start(wish("b", "main")).result).what,
              HasSubstr("was replaced"));
  close_log();
  std::filesystem::remove(file_.string() + "-wal");
  std::filesystem::remove(file_.string() + "-shm");
  open_log();
  std::filesystem::resize_file(file_, 4096);
  EXPECT_THAT(std::get<control::Failed>(start(wish("c", "main")).result).what,
              HasSubstr("was cut short"));
}

TEST_F(LogFixture, ACopyBesideTheWriteAheadLogOfAnotherIsRefused) {
  open_log();
  pour_out("a", "main");
  ASSERT_TRUE(backup(file_, folder_ / "copy.db"));
  pour_out("b", "main");
  std::filesystem::copy_file(file_.string() + "-wal", folder_ / "left-wal");
  close_log();
  std::filesystem::rename(folder_ / "copy.db", file_);
  std::filesystem::rename(folder_ / "left-wal", file_.string() + "-wal");
  for (const auto& sentence :
       {open_error(), check(file_).error(), backup(file_, folder_ / "again.db").error()}) {
    EXPECT_THAT(sentence, ::testing::AllOf(HasSubstr("of another database"),
                                           HasSubstr("move pourtocol.db-wal")));
  }
  std::filesystem::remove(file_.string() + "-wal");
  open_log();
  expect_whole();
}

}  // namespace
}  // namespace pourtocol::database::testing
