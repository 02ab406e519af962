#include "backend/database/sqlite_log_reader.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "backend/database/log_session.hpp"

namespace pourtocol::database {

namespace {

using control::LogQuery;
using control::LogRow;
using control::PourWithHistory;
using control::ReadError;
using control::TapTotal;
using Session = LogSession;

}  // namespace

class SqliteLogReader::Worker : public std::enable_shared_from_this<Worker> {
 public:
  Worker(std::filesystem::path file, std::unique_ptr<Session> session, Post post,
         LogReaderOptions options)
      : file_{std::move(file)},
        session_{std::move(session)},
        post_{std::move(post)},
        options_{options},
        thread_{[this] { run(); }} {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Ends the thread. Nothing is submitted from then on.
  void end() {
    {
      const std::scoped_lock guard{mutex_};
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    for (Task& task : waiting_) task(std::unexpected{ReadError::failed});
    waiting_.clear();
  }

  std::shared_ptr<void> pause() {
    std::unique_lock guard{mutex_};
    ++pauses_;
    wake_.notify_one();
    closed_.wait(guard, [this] { return !open_; });
    return {nullptr, [self = shared_from_this()](void*) { self->go_on(); }};
  }

  /// `read` is called with the session, on the reader's thread; `done` gets what it returns, on the
  /// event loop.
  template <class T, class Read>
  void submit(Read read, control::ReadCallback<T> done) {
    Task task = [this, read = std::move(read), done = std::move(done)](Way way) mutable {
      const bool was_read = way || way.error() != ReadError::overloaded;
      std::expected<T, ReadError> result = std::unexpected{ReadError::failed};
      if (way) {
        try {
          result = read(**way);
        } catch (const std::exception&) {
          session_.reset();
        }
      } else {
        result = std::unexpected{way.error()};
      }
      post_([this, self = weak_from_this(), was_read, done = std::move(done),
             result = std::move(result)]() mutable {
        done(std::move(result));
        if (const auto alive = was_read ? self.lock() : nullptr) taken();
      });
    };
    if (!enqueue(task)) task(std::unexpected{ReadError::overloaded});
  }

 private:
  /// A session to read with, or why there is none.
  using Way = std::expected<Session*, ReadError>;
  using Task = std::move_only_function<void(Way)>;

  /// False, and `task` untouched, if too many wait.
  bool enqueue(Task& task) {
    {
      const std::scoped_lock guard{mutex_};
      if (waiting_.size() >= options_.reads_waiting_max) return false;
      waiting_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
  }

  /// The event loop has taken what was read last, and whatever it does of it is done.
  void taken() {
    {
      const std::scoped_lock guard{mutex_};
      on_its_way_ = false;
    }
    wake_.notify_one();
  }

  void go_on() {
    {
      const std::scoped_lock guard{mutex_};
      --pauses_;
    }
    wake_.notify_one();
  }

  void run() {
    while (wait_for_work()) {
      if (auto task = next_task()) {
        (*task)(session());
      } else {
        close();
      }
    }
    close();
  }

  /// False: the end.
  bool wait_for_work() {
    std::unique_lock guard{mutex_};
    // What the loop has to do for one read stands in the way of nothing else for long; results that
    // queued up for it would.
    wake_.wait(guard, [this] {
      return stopping_ || (pauses_ > 0 ? open_ : !waiting_.empty() && !on_its_way_);
    });
    return !stopping_;
  }

  /// None: the file is to be closed first.
  std::optional<Task> next_task() {
    const std::scoped_lock guard{mutex_};
    if (pauses_ > 0 || waiting_.empty()) return std::nullopt;
    open_ = true;
    on_its_way_ = true;
    std::optional<Task> task{std::move(waiting_.front())};
    waiting_.pop_front();
    return task;
  }

  void close() {
    session_.reset();
    {
      const std::scoped_lock guard{mutex_};
      open_ = false;
    }
    closed_.notify_all();
  }

  /// The session, opened anew if the last one broke.
  Way session() {
    if (!session_) {
      try {
        session_ = std::make_unique<Session>(file_);
      } catch (const std::exception&) {
        return std::unexpected{ReadError::failed};
      }
    }
    return session_.get();
  }

  const std::filesystem::path file_;
  std::unique_ptr<Session> session_;  ///< of the reader's thread; null: broken
  const Post post_;
  const LogReaderOptions options_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> waiting_;  ///< guarded by `mutex_`
  bool stopping_ = false;     ///< guarded by `mutex_`
  int pauses_ = 0;            ///< guarded by `mutex_`
  bool on_its_way_ = false;   ///< guarded by `mutex_`: a result that the loop has not taken yet
  bool open_ = true;          ///< guarded by `mutex_`: there is, or may soon be, a session
  std::condition_variable closed_;

  std::thread thread_;  // the last member: it uses all others
};

std::expected<std::unique_ptr<SqliteLogReader>, std::string> SqliteLogReader::open(
    const std::filesystem::path& file, Post post, LogReaderOptions options) {
  try {
    auto session = std::make_unique<Session>(file);
    auto worker = std::make_shared<Worker>(file, std::move(session), std::move(post), options);
    return std::unique_ptr<SqliteLogReader>{new SqliteLogReader{std::move(worker)}};
  } catch (const std::exception& error) {
    return std::unexpected{fmt::format("{}: {}.", file.string(), error.what())};
  }
}

SqliteLogReader::SqliteLogReader(std::shared_ptr<Worker> worker) noexcept
    : worker_{std::move(worker)} {}
SqliteLogReader::~SqliteLogReader() {
  worker_->end();
}

Pause SqliteLogReader::pause() {
  return [worker = worker_] { return worker->pause(); };
}

void SqliteLogReader::read_log(const LogQuery& query,
                               control::ReadCallback<std::vector<LogRow>> done) {
  worker_->submit<std::vector<LogRow>>(
      [query](Session& session) { return session.read_log(query); }, std::move(done));
}

void SqliteLogReader::find_pour(const RequestId& id,
                                control::ReadCallback<std::optional<PourWithHistory>> done) {
  worker_->submit<std::optional<PourWithHistory>>(
      [id](Session& session) { return session.find_pour(id); }, std::move(done));
}

void SqliteLogReader::read_totals(std::vector<TapName> taps, WallTime since,
                                  control::ReadCallback<std::vector<TapTotal>> done) {
  worker_->submit<std::vector<TapTotal>>(
      [taps = std::move(taps), since](Session& session) {
        return session.read_totals(taps, since);
      },
      std::move(done));
}

void SqliteLogReader::read_head(control::ReadCallback<std::string> done) {
  worker_->submit<std::string>([](Session& session) { return session.read_head(); },
                               std::move(done));
}

}  // namespace pourtocol::database
