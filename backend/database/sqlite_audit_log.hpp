// The durable log in an SQLite file: control::AuditLog with one writer thread and group commit.
//
// The writer takes all that waits, up to a bound, into one transaction, and posts the replies back
// only after COMMIT has returned with the write-ahead log on the disk (synchronous=FULL). Under
// load many pours so share one fsync.
//
// After a failed COMMIT, or any other error of the file, nobody knows what is on the disk. From
// then on everything is answered `Failed` until `recover` has reopened the file, made what it holds
// durable, and read it.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "backend/control/audit_log.hpp"
#include "backend/database/chain_key.hpp"
#include "backend/database/post.hpp"

namespace pourtocol::database {

struct AuditLogOptions {
  /// How many starts may wait for the writer. Beyond it a start is answered `Overloaded`.
  std::size_t starts_waiting_max = 1024;
  /// How many writes share one transaction at most.
  std::size_t batch_max = 512;
  /// How often a log with nothing to write looks whether its file is still there.
  std::chrono::milliseconds look_every{1000};
  /// The log's key; none: its chain is not keyed (keyed_log.hpp).
  std::optional<ChainKey> key{};
  /// The SQLite VFS to open the file with; empty: the default one. For fault injection.
  std::string vfs;
};

class SqliteAuditLog final : public control::AuditLog {
 public:
  /// Locks the database against other processes, creates or migrates it, and starts the writer.
  /// On failure one plain sentence that names the file.
  ///
  /// `listener` hears the replies, by way of `post`. It outlives the log and every task posted.
  [[nodiscard]] static std::expected<std::unique_ptr<SqliteAuditLog>, std::string> open(
      const std::filesystem::path& file, control::AuditLogListener& listener, Post post,
      AuditLogOptions options = {});

  /// Where the log ended when it was opened, as `text_of` writes it (head.hpp).
  [[nodiscard]] const std::string& head_at_opening() const noexcept { return head_at_opening_; }
  /// Writes all that was submitted, posts the replies, closes the file, and gives the lock back, as
  /// the destructor does; nothing may be submitted from then on. Returns where the log ends now;
  /// empty: it is broken, and nobody knows.
  std::string close();

  /// Who else in this process reads the file. Where a lock is in the way, `recover` has them close
  /// it: a lock that SQLite could not give back is forgotten only when nobody in the process has
  /// the file open.
  void pause_readers_while_reopening(Pause readers);

  SqliteAuditLog(const SqliteAuditLog&) = delete;
  SqliteAuditLog& operator=(const SqliteAuditLog&) = delete;
  /// Writes all that was submitted, posts the replies, closes the file, and gives the lock back.
  /// Takes as long as the disk does.
  ~SqliteAuditLog() override;

  void submit(control::WriteId id, control::StoreWrite write) override;
  void recover() override;

 private:
  class Writer;
  SqliteAuditLog(std::unique_ptr<Writer> writer, std::string head) noexcept;
  std::unique_ptr<Writer> writer_;  ///< null: closed
  std::string head_at_opening_;
};

}  // namespace pourtocol::database
