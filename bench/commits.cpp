// How fast this disk and SQLite can commit at all: rows like the log's, WAL, synchronous=FULL.
//
// pourtocol-bench-commits FILE SECONDS: prints single commits per second, the 99th percentile of
// one in microseconds, and rows per second when 64 share a commit.

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

class Database {
 public:
  explicit Database(const char* file) {
    require(sqlite3_open(file, &connection_));
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("CREATE TABLE rows (id INTEGER PRIMARY KEY AUTOINCREMENT, user_token TEXT,"
        " amount_ml INTEGER, status TEXT, reason TEXT, tap TEXT, request_id TEXT UNIQUE)");
    require(sqlite3_prepare_v2(connection_,
                               "INSERT INTO rows (user_token, amount_ml, status, tap, request_id)"
                               " VALUES ('ann', 30, 'started', 'main', ?)",
                               -1, &insert_, nullptr));
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    sqlite3_finalize(insert_);
    sqlite3_close(connection_);
  }

  void run(const char* statement) {
    require(sqlite3_exec(connection_, statement, nullptr, nullptr, nullptr));
  }

  void insert() {
    char id[32];
    const int length = std::snprintf(id, sizeof id, "wish-%llu", ++inserted_);
    require(sqlite3_bind_text(insert_, 1, id, length, SQLITE_TRANSIENT));
    if (sqlite3_step(insert_) != SQLITE_DONE) fail();
    require(sqlite3_reset(insert_));
  }

 private:
  void require(int result) {
    if (result != SQLITE_OK) fail();
  }
  [[noreturn]] void fail() {
    std::fprintf(stderr, "SQLite: %s\n", sqlite3_errmsg(connection_));
    std::exit(1);
  }

  sqlite3* connection_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  unsigned long long inserted_ = 0;
};

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: pourtocol-bench-commits FILE SECONDS\n");
    return 2;
  }
  Database database{argv[1]};
  const double seconds = std::atof(argv[2]);

  std::vector<double> times;
  const auto began = Clock::now();
  while (seconds_since(began) < seconds) {
    const auto one = Clock::now();
    database.insert();
    times.push_back(seconds_since(one));
  }
  const double singles = static_cast<double>(times.size()) / seconds_since(began);
  std::sort(times.begin(), times.end());

  std::size_t rows = 0;
  const auto batches_began = Clock::now();
  while (seconds_since(batches_began) < seconds) {
    database.run("BEGIN");
    for (int i = 0; i < 64; ++i, ++rows) database.insert();
    database.run("COMMIT");
  }
  std::printf("%.0f %.0f %.0f\n", singles, times[times.size() * 99 / 100] * 1e6,
              static_cast<double>(rows) / seconds_since(batches_began));
}
