// A full disk, failing reads and syncs, and a lock somebody else holds.

#include "backend/database/tests/log_fixture.hpp"

namespace pourtocol::database::testing {
namespace {

using control::Failed;
using control::PourState;
using control::Started;
using Operation = FaultyVfs::Operation;
using ::testing::HasSubstr;

class FailingDisk : public LogFixture {
 protected:
  FailingDisk() { options_.vfs = disk_.name(); }

  /// What recovery says is what the file holds, now and after the power was cut.
  void expect_truthful_recovery() {
    const auto result = recover();
    const auto* recovered = std::get_if<control::Recovered>(&result);
    ASSERT_NE(recovered, nullptr) << std::get<control::RecoverFailed>(result).what;
    EXPECT_EQ(recovered->last_log_id, ask("SELECT max(id) FROM events"));
    disk_.cut_power();
    close_log();
    mailbox_.clear();
    disk_.restore_power();
    EXPECT_EQ(recovered->last_log_id, ask("SELECT max(id) FROM events"))
        << "what was told as the truth did not survive the power";
    expect_whole();
  }

  FaultyVfs disk_{"failing"};
};

TEST_F(FailingDisk, AFullDiskFailsTheWriteAndAllThatFollowUntilRecovery) {
  open_log();
  pour_out("before", "main");
  disk_.fail_from(Operation::write, 1, SQLITE_FULL);
  const auto& reply = start(wish("a", "main"));
  ASSERT_TRUE(is<Failed>(reply));
  EXPECT_THAT(std::get<Failed>(reply.result).what,
              ::testing::AllOf(HasSubstr("pourtocol.db"), HasSubstr("full")));
  EXPECT_FALSE(reply.row);

  EXPECT_TRUE(std::holds_alternative<control::RecoverFailed>(recover()));
  disk_.heal();
  EXPECT_TRUE(is<Failed>(start(wish("b", "main")))) << "healed, but not yet read again";
  EXPECT_TRUE(std::holds_alternative<control::Recovered>(recover()));
  EXPECT_TRUE(is<Started>(start(wish("c", "main"))));
  expect_whole();
}

TEST_F(FailingDisk, WhateverQueuedBehindAFailureFailsToo) {
  open_log();
  disk_.fail_from(Operation::sync, 1, SQLITE_IOERR_FSYNC);
  for (int i = 0; i < 40; ++i) {
    const auto key = std::to_string(i);
    submit(control::StartWrite{wish("k" + key, "t" + key), std::nullopt});
  }
  mailbox_.run_until([this] { return replies_.size() == 40; });
  for (const auto& reply : replies_) EXPECT_TRUE(is<Failed>(reply));
}

TEST_F(FailingDisk, ALockThatCouldNotBeGivenBackIsForgottenAtRecovery) {
  open_log();
  auto reader = SqliteLogReader::open(file_, mailbox_.post());
  ASSERT_TRUE(reader) << reader.error();
  log_->pause_readers_while_reopening((*reader)->pause());
  pour_out("before", "main");

  disk_.fail_from(Operation::unlock, 1, SQLITE_IOERR_LOCK);
  start(wish("a", "main"));
  disk_.heal();
  EXPECT_TRUE(is<Failed>(start(wish("b", "bar")))) << "the lock is taken for held";

  EXPECT_TRUE(std::holds_alternative<control::Recovered>(recover()));
  EXPECT_TRUE(is<Started>(start(wish("c", "bar"))));
  std::optional<std::size_t> rows;
  (*reader)->read_log({}, [&rows](auto result) { rows = result.value().size(); });
  mailbox_.run_until([&rows] { return rows.has_value(); });
  EXPECT_GE(*rows, 3U) << "and who reads reads on";
  (*reader).reset();
  expect_whole();
}

class FailingAt : public FailingDisk, public ::testing::WithParamInterface<Operation> {};

TEST_P(FailingAt, EveryCallRecoveryTellsTheTruth) {
  int failures = 0;
  for (int nth = 1; nth <= 12; ++nth) {
    std::filesystem::remove(file_);
    std::filesystem::remove(file_.string() + "-wal");
    replies_.clear();
    last_id_ = 0;
    open_log();
    pour_out("first", "main");
    disk_.fail_from(GetParam(), nth,
                    GetParam() == Operation::write ? SQLITE_FULL : SQLITE_IOERR_FSYNC);
    std::int64_t acknowledged = 2;
    for (int i = 0; i < 6; ++i) {
      const auto key = std::to_string(i);
      const auto& reply = start(wish("k" + key, "t" + key));
      if (is<Started>(reply)) acknowledged = reply.row->id;
      if (is<Failed>(reply)) ++failures;
    }
    disk_.heal();
    expect_truthful_recovery();
    EXPECT_GE(ask("SELECT max(id) FROM events"), acknowledged);
  }
  EXPECT_GT(failures, 6);
}

TEST_P(FailingAt, EveryCallWithAReaderOpenRecoveryTellsTheTruth) {
  for (int nth = 1; nth <= 4; ++nth) {
    std::filesystem::remove(file_);
    std::filesystem::remove(file_.string() + "-wal");
    replies_.clear();
    last_id_ = 0;
    open_log();
    pour_out("first", "main");
    auto reader = std::make_unique<Connection>(file_, Connection::Mode::read_only, disk_.name());
    EXPECT_EQ(reader->read_integer("SELECT count(*) FROM events"), 2);
    disk_.fail_from(GetParam(), nth, SQLITE_IOERR);
    start(wish("a", "main"));
    disk_.heal();
    const auto result = recover();
    ASSERT_TRUE(std::holds_alternative<control::Recovered>(result));
    const auto told = std::get<control::Recovered>(result).last_log_id;
    disk_.cut_power();
    reader.reset();
    close_log();
    mailbox_.clear();
    disk_.restore_power();
    EXPECT_EQ(ask("SELECT max(id) FROM events"), told);
    expect_whole();
  }
}

INSTANTIATE_TEST_SUITE_P(Calls, FailingAt, ::testing::Values(Operation::write, Operation::sync),
                         [](const auto& operation) {
                           return operation.param == Operation::write ? "Write" : "Sync";
                         });

TEST_F(FailingDisk, ALockHeldElsewhereFailsTheWrite) {
  open_log();
  Connection rude{file_, Connection::Mode::read_write};
  rude.run("BEGIN IMMEDIATE");
  const auto& reply = start(wish("a", "main"));
  ASSERT_TRUE(is<Failed>(reply));
  EXPECT_THAT(std::get<Failed>(reply.result).what, HasSubstr("locked"));
  rude.run("ROLLBACK");
  EXPECT_TRUE(std::holds_alternative<control::Recovered>(recover()));
  EXPECT_TRUE(is<Started>(start(wish("a", "main"))));
}

TEST_F(FailingDisk, ManyWaitingWritesShareOneSync) {
  open_log();
  pour_out("warm", "up");
  const int before = disk_.calls(Operation::sync);
  constexpr int writes = 500;
  for (int i = 0; i < writes; ++i) {
    const auto key = std::to_string(i);
    submit(control::StartWrite{wish("k" + key, "t" + key), std::nullopt});
  }
  const std::size_t all = last_id_;
  mailbox_.run_until([this, all] { return replies_.size() == all; });
  EXPECT_LT(disk_.calls(Operation::sync) - before, writes / 4);
}

TEST_F(FailingDisk, TheWriteAheadLogStaysBounded) {
  open_log();
  constexpr int writes = 12'000;
  for (int i = 0; i < writes; ++i) {
    const auto key = std::to_string(i);
    submit(control::StartWrite{wish("k" + key, "t" + key), std::nullopt});
    if (i % 500 == 0) mailbox_.run_until([this, i] { return replies_.size() >= std::size_t(i); });
  }
  mailbox_.run_until([this] { return replies_.size() == writes; });
  EXPECT_LT(std::filesystem::file_size(file_.string() + "-wal"), 16U << 20);
}

}  // namespace
}  // namespace pourtocol::database::testing
