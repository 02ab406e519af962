#include "backend/database/sqlite_log_reader.hpp"

#include <sqlite3.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "backend/database/rows.hpp"
#include "backend/database/schema.hpp"

namespace pourtocol::database {

namespace {

using control::LogQuery;
using control::LogRow;
using control::PourWithHistory;
using control::ReadError;

/// The statements of one read-only connection. Of the reader's thread alone.
class Session {
 public:
  explicit Session(const std::filesystem::path& file)
      : connection_{file, Connection::Mode::read_only} {
    if (kind_of(connection_) != FileKind::ours) {
      throw SqlError{SQLITE_NOTADB, "is not a database of this program"};
    }
    connection_.run("PRAGMA cache_size = -1000");  // 1 MB: pages of a log are read once
    find_pour_ =
        connection_.prepare(fmt::format("SELECT {} FROM pours WHERE request_id = ?", pour_columns));
    history_ = connection_.prepare(fmt::format(
        "SELECT {} FROM transitions WHERE request_id = ? ORDER BY seq", history_columns));
  }

  std::vector<LogRow> read_log(const LogQuery& query);
  std::optional<PourWithHistory> find_pour(const RequestId& id);

 private:
  Statement& statement_for(const LogQuery& query);

  Connection connection_;
  std::array<std::optional<Statement>, 32> log_;  ///< one for each set of filters
  Statement find_pour_;
  Statement history_;
};

std::string log_sql(const LogQuery& query) {
  std::string sql = fmt::format("SELECT {} FROM events WHERE true", log_row_columns);
  if (query.before_id) sql += " AND id < :before";
  if (query.after_id) sql += " AND id > :after";
  // One filter picks the index, the one that lets fewest rows through; a `+` keeps the planner,
  // which knows no statistics, from picking another. The rest is decided from the index's own
  // columns.
  if (query.user) sql += " AND user_token = :user";
  if (query.tap) sql += query.user ? " AND +tap = :tap" : " AND tap = :tap";
  if (query.status) {
    sql += query.user || query.tap ? " AND +status = :status" : " AND status = :status";
  }
  return sql + " ORDER BY id DESC LIMIT :limit";
}

std::size_t filters_of(const LogQuery& query) {
  return (query.before_id ? 1U : 0U) | (query.after_id ? 2U : 0U) | (query.user ? 4U : 0U) |
         (query.tap ? 8U : 0U) | (query.status ? 16U : 0U);
}

Statement& Session::statement_for(const LogQuery& query) {
  auto& statement = log_[filters_of(query)];
  if (!statement) statement = connection_.prepare(log_sql(query));
  return *statement;
}

std::vector<LogRow> Session::read_log(const LogQuery& query) {
  Statement& statement = statement_for(query);
  const ResetAtEnd reset{statement};
  // Parameters are numbered in the order of their first use in the SQL.
  int parameter = 0;
  if (query.before_id) statement.bind(++parameter, *query.before_id);
  if (query.after_id) statement.bind(++parameter, *query.after_id);
  if (query.user) statement.bind(++parameter, query.user->view());
  if (query.tap) statement.bind(++parameter, query.tap->view());
  if (query.status) statement.bind(++parameter, control::name_of(*query.status));
  statement.bind(++parameter, std::int64_t{query.limit});
  std::vector<LogRow> rows;
  while (statement.step()) rows.push_back(read_log_row(statement));
  return rows;
}

std::optional<PourWithHistory> Session::find_pour(const RequestId& id) {
  const Transaction snapshot{connection_, Transaction::Kind::read};
  const ResetAtEnd reset_pour{find_pour_};
  find_pour_.bind(1, id.view());
  if (!find_pour_.step()) return std::nullopt;
  PourWithHistory found{.pour = read_pour(find_pour_), .history = {}};
  const ResetAtEnd reset_history{history_};
  history_.bind(1, id.view());
  while (history_.step()) found.history.push_back(read_history_step(history_));
  return found;
}

}  // namespace

class SqliteLogReader::Worker {
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

  ~Worker() {
    {
      const std::scoped_lock guard{mutex_};
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    for (Task& task : waiting_) task(std::unexpected{ReadError::failed});
  }

  /// `read` is called with the session, on the reader's thread; `done` gets what it returns, on the
  /// event loop.
  template <class T, class Read>
  void submit(Read read, control::ReadCallback<T> done) {
    Task task = [this, read = std::move(read), done = std::move(done)](Way way) mutable {
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
      post_([done = std::move(done), result = std::move(result)]() mutable {
        done(std::move(result));
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

  void run() {
    for (;;) {
      Task task;
      {
        std::unique_lock guard{mutex_};
        wake_.wait(guard, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) return;
        task = std::move(waiting_.front());
        waiting_.pop_front();
      }
      task(session());
    }
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

  std::thread thread_;  // the last member: it uses all others
};

std::expected<std::unique_ptr<SqliteLogReader>, std::string> SqliteLogReader::open(
    const std::filesystem::path& file, Post post, LogReaderOptions options) {
  try {
    auto session = std::make_unique<Session>(file);
    auto worker = std::make_unique<Worker>(file, std::move(session), std::move(post), options);
    return std::unique_ptr<SqliteLogReader>{new SqliteLogReader{std::move(worker)}};
  } catch (const std::exception& error) {
    return std::unexpected{fmt::format("{}: {}.", file.string(), error.what())};
  }
}

SqliteLogReader::SqliteLogReader(std::unique_ptr<Worker> worker) noexcept
    : worker_{std::move(worker)} {}
SqliteLogReader::~SqliteLogReader() = default;

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

}  // namespace pourtocol::database
