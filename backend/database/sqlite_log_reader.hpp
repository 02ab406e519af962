// Reads the log from an SQLite file: control::LogReader on a thread and a read-only connection of
// its own. In WAL mode a reader sees the last committed state and neither waits for the writer nor
// makes it wait. The next read begins when the event loop has taken the result of the one before.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "backend/control/log_reader.hpp"
#include "backend/database/post.hpp"

namespace pourtocol::database {

struct LogReaderOptions {
  /// How many reads may wait. Beyond it a read is answered `ReadError::overloaded`.
  std::size_t reads_waiting_max = 256;
};

class SqliteLogReader final : public control::LogReader {
 public:
  /// Opens a file that `SqliteAuditLog::open` has created or migrated. On failure one plain
  /// sentence.
  [[nodiscard]] static std::expected<std::unique_ptr<SqliteLogReader>, std::string> open(
      const std::filesystem::path& file, Post post, LogReaderOptions options = {});

  /// For `SqliteAuditLog::pause_readers_while_reopening`: has this reader close the file after the
  /// read at hand, and open it again only when what was returned is gone; reads wait meanwhile. Any
  /// thread but the event loop may call it, also after the reader is gone.
  [[nodiscard]] Pause pause();

  SqliteLogReader(const SqliteLogReader&) = delete;
  SqliteLogReader& operator=(const SqliteLogReader&) = delete;
  /// Answers what still waits with `ReadError::failed`, by way of `post`, and ends the thread.
  ~SqliteLogReader() override;

  void read_log(const control::LogQuery& query,
                control::ReadCallback<std::vector<control::LogRow>> done) override;
  void find_pour(const RequestId& id,
                 control::ReadCallback<std::optional<control::PourWithHistory>> done) override;
  void read_totals(std::vector<TapName> taps, WallTime since,
                   control::ReadCallback<std::vector<control::TapTotal>> done) override;
  void read_head(control::ReadCallback<std::string> done) override;

 private:
  class Worker;
  explicit SqliteLogReader(std::shared_ptr<Worker> worker) noexcept;
  std::shared_ptr<Worker> worker_;
};

}  // namespace pourtocol::database
