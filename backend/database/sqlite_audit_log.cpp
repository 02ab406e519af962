#include "backend/database/sqlite_audit_log.hpp"

#include <sqlite3.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "backend/database/instance_lock.hpp"
#include "backend/database/left_log.hpp"
#include "backend/database/log_files.hpp"
#include "backend/database/sqlite.hpp"
#include "backend/database/sqlite_storage.hpp"
#include "backend/ledger/ledger.hpp"

namespace pourtocol::database {

namespace {

using control::RecoverResult;
using control::StoreWrite;
using control::WriteId;
using control::WriteReply;

/// What found the queue full. It waits its turn all the same, for replies keep their order.
struct TurnedAway {};
struct RecoverRequest {};

struct Waiting {
  WriteId id{};
  std::variant<StoreWrite, TurnedAway, RecoverRequest> what;
};

/// What guests ask for, as often as they like; all else is bounded by the number of taps.
bool is_wish(const StoreWrite& write) {
  return std::holds_alternative<control::StartWrite>(write) ||
         std::holds_alternative<control::GiveUpWrite>(write);
}

bool is_recovery(const Waiting& waiting) {
  return std::holds_alternative<RecoverRequest>(waiting.what);
}

bool is_about_a_lock(const SqlError& error) {
  const int code = error.code() & 0xff;  // without what extends it
  return code == SQLITE_BUSY || code == SQLITE_PROTOCOL || code == SQLITE_LOCKED;
}

LogKey key_of(const AuditLogOptions& options) {
  return {.key = options.key ? &*options.key : nullptr, .begin = false};
}

std::string sentence(const std::filesystem::path& file, std::string_view what) {
  return fmt::format("{}: {}.", file.string(), what);
}

}  // namespace

class SqliteAuditLog::Writer {
 public:
  Writer(InstanceLock lock, std::filesystem::path file, std::unique_ptr<SqliteStorage> storage,
         control::AuditLogListener& listener, Post post, AuditLogOptions options)
      : lock_{std::move(lock)},
        file_{std::move(file)},
        storage_{std::move(storage)},
        watch_{file_},
        listener_{listener},
        post_{std::move(post)},
        options_{std::move(options)},
        thread_{[this] { run(); }} {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  ~Writer() { end(); }

  /// Writes what waits and ends the thread. Returns where the log ends then; empty: unknown.
  std::string end() {
    if (!thread_.joinable()) return {};
    {
      const std::scoped_lock guard{mutex_};
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    return storage_ ? text_of(storage_->head()) : std::string{};
  }

  void submit(WriteId id, StoreWrite write) {
    {
      const std::scoped_lock guard{mutex_};
      const bool wish = is_wish(write);
      if (wish && wishes_waiting_ >= options_.starts_waiting_max) {
        waiting_.push_back({id, TurnedAway{}});
      } else {
        if (wish) ++wishes_waiting_;
        waiting_.push_back({id, std::move(write)});
      }
    }
    wake_.notify_one();
  }

  void pause_readers_while_reopening(Pause readers) {
    const std::scoped_lock guard{mutex_};
    readers_ = std::move(readers);
  }

  void recover() {
    {
      const std::scoped_lock guard{mutex_};
      waiting_.push_back({WriteId{}, RecoverRequest{}});
    }
    wake_.notify_one();
  }

 private:
  void run() {
    for (;;) {
      if (!wait_for_work()) {
        look_at_files();
        continue;
      }
      const std::vector<Waiting> batch = take_batch();
      if (batch.empty()) return;
      if (is_recovery(batch.front())) {
        post_recovered(reopen());
      } else {
        post_replies(write_batch(batch));
      }
    }
  }

  /// False: there was none for a while.
  bool wait_for_work() {
    std::unique_lock guard{mutex_};
    return wake_.wait_for(guard, options_.look_every,
                          [this] { return stopping_ || !waiting_.empty(); });
  }

  /// A file that was removed or replaced is noticed before anybody orders.
  void look_at_files() {
    if (!storage_ || watch_.loss().empty()) return;
    failure_ = {.what = sentence(file_, watch_.loss()), .file_lost = true};
    close_storage();
    post_recovered(control::RecoverFailed{.what = failure_.what, .file_lost = true});
  }

  /// All that waits, up to the bound and up to the next recovery, which comes alone. Empty: the
  /// end.
  std::vector<Waiting> take_batch() {
    const std::scoped_lock guard{mutex_};
    std::vector<Waiting> batch;
    while (!waiting_.empty() && batch.size() < options_.batch_max) {
      const bool recovery = is_recovery(waiting_.front());
      if (recovery && !batch.empty()) break;
      batch.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
      if (recovery) break;
      const auto* write = std::get_if<StoreWrite>(&batch.back().what);
      if (write != nullptr && is_wish(*write)) --wishes_waiting_;
    }
    return batch;
  }

  std::vector<WriteReply> write_batch(const std::vector<Waiting>& batch) {
    if (storage_) {
      try {
        return commit_batch(batch);
      } catch (const std::exception& error) {
        // What the file holds now is not known. Nothing is written until it has been read again.
        failure_ = {.what = sentence(file_, error.what()), .file_lost = is_lost()};
        close_storage();
      }
    }
    std::vector<WriteReply> replies;
    replies.reserve(batch.size());
    for (const Waiting& waiting : batch) {
      WriteReply reply{.id = waiting.id, .result = control::Overloaded{}, .row = std::nullopt};
      if (!std::holds_alternative<TurnedAway>(waiting.what)) {
        reply.result = failure_;
      }
      replies.push_back(std::move(reply));
    }
    return replies;
  }

  std::vector<WriteReply> commit_batch(const std::vector<Waiting>& batch) {
    std::vector<WriteReply> replies;
    replies.reserve(batch.size());
    expect_files();
    Transaction transaction{storage_->connection(), Transaction::Kind::write};
    for (const Waiting& waiting : batch) {
      if (const auto* write = std::get_if<StoreWrite>(&waiting.what)) {
        replies.push_back(ledger::apply(*storage_, waiting.id, *write));
      } else {
        replies.push_back({.id = waiting.id, .result = control::Overloaded{}, .row = std::nullopt});
      }
    }
    transaction.commit();
    expect_files();  // what went into a file without a name is durable nowhere
    return replies;
  }

  void expect_files() {
    if (const auto& loss = watch_.loss(); !loss.empty()) throw SqlError{SQLITE_IOERR, loss};
  }

  /// It was seen before: no look at what an error may have left.
  bool is_lost() const { return watch_.is_lost(); }

  /// Looks at the files while they are open: closing them may remove one in good order.
  void close_storage() {
    if (storage_) (void)watch_.loss();
    storage_.reset();
  }

  /// With the readers away only where a lock is in the way: whoever closes a file last on a full
  /// disk may not get it open again, and people want to see the log meanwhile.
  RecoverResult reopen() {
    close_storage();
    try {
      return read_anew();
    } catch (const SqlError& error) {
      if (!is_about_a_lock(error)) return recover_failed(error);
    } catch (const std::exception& error) {
      return recover_failed(error);
    }
    storage_.reset();
    const auto paused = pause_readers();
    try {
      return read_anew();
    } catch (const std::exception& error) {
      return recover_failed(error);
    }
  }

  RecoverResult read_anew() {
    // Never a new and empty log in the place of the one that served.
    if (const auto& loss = watch_.loss_while_closed(); !loss.empty()) {
      throw SqlError{SQLITE_IOERR, loss};
    }
    storage_ = std::make_unique<SqliteStorage>(file_, options_.vfs, key_of(options_));
    watch_ = FileWatch{file_};
    const Transaction snapshot{storage_->connection(), Transaction::Kind::read};
    return ledger::present_state(*storage_);
  }

  RecoverResult recover_failed(const std::exception& error) {
    failure_ = {.what = sentence(file_, error.what()), .file_lost = is_lost()};
    storage_.reset();
    return control::RecoverFailed{.what = failure_.what, .file_lost = failure_.file_lost};
  }

  std::shared_ptr<void> pause_readers() {
    Pause readers;
    {
      const std::scoped_lock guard{mutex_};
      readers = readers_;
    }
    return readers ? readers() : nullptr;
  }

  void post_replies(std::vector<WriteReply> replies) {
    post_([&listener = listener_, replies = std::move(replies)]() mutable {
      for (WriteReply& reply : replies) listener.on_reply(std::move(reply));
    });
  }

  void post_recovered(RecoverResult result) {
    post_([&listener = listener_, result = std::move(result)]() mutable {
      listener.on_recovered(std::move(result));
    });
  }

  // The lock comes first, and so goes last: nobody else opens the file before it is closed here.
  InstanceLock lock_;
  const std::filesystem::path file_;
  // Of the writer's thread alone.
  std::unique_ptr<SqliteStorage> storage_;  ///< null: broken, `failure_` says why
  FileWatch watch_;
  control::Failed failure_;
  control::AuditLogListener& listener_;
  const Post post_;
  const AuditLogOptions options_;

  std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by `mutex_`.
  std::deque<Waiting> waiting_;
  std::size_t wishes_waiting_ = 0;
  Pause readers_;
  bool stopping_ = false;

  std::thread thread_;  // the last member: it uses all others
};

std::expected<std::unique_ptr<SqliteAuditLog>, std::string> SqliteAuditLog::open(
    const std::filesystem::path& file, control::AuditLogListener& listener, Post post,
    AuditLogOptions options) {
  auto lock = InstanceLock::take(file);
  if (!lock) return std::unexpected{std::move(lock).error()};
  const bool is_new = !std::filesystem::exists(file);
  try {
    if (is_new) create_private(file);
    // Only here, before anybody has the file open: closing what this opens would drop the locks
    // that a reader of this process holds on it (POSIX), and so may no later opening do it.
    expect_own_wal(file, lock->noted());
    take_up_left_log(file, options.vfs, key_of(options));
    auto storage = std::make_unique<SqliteStorage>(file, options.vfs, key_of(options));
    make_private(file);
    lock->note(mark_of(storage->connection()));
    std::string head = text_of(storage->head());
    auto writer = std::make_unique<Writer>(std::move(*lock), file, std::move(storage), listener,
                                           std::move(post), std::move(options));
    return std::unique_ptr<SqliteAuditLog>{new SqliteAuditLog{std::move(writer), std::move(head)}};
  } catch (const std::exception& error) {
    if (lock->holds()) lock->leave_no_file();
    return std::unexpected{sentence(file, error.what())};
  }
}

SqliteAuditLog::SqliteAuditLog(std::unique_ptr<Writer> writer, std::string head) noexcept
    : writer_{std::move(writer)}, head_at_opening_{std::move(head)} {}
SqliteAuditLog::~SqliteAuditLog() = default;

std::string SqliteAuditLog::close() {
  if (!writer_) return {};
  std::string head = writer_->end();
  writer_.reset();
  return head;
}

void SqliteAuditLog::submit(WriteId id, StoreWrite write) {
  writer_->submit(id, std::move(write));
}
void SqliteAuditLog::pause_readers_while_reopening(Pause readers) {
  writer_->pause_readers_while_reopening(std::move(readers));
}
void SqliteAuditLog::recover() {
  writer_->recover();
}

}  // namespace pourtocol::database
