#include "backend/database/left_log.hpp"

#include <sqlite3.h>

#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "backend/database/schema.hpp"

namespace pourtocol::database {

namespace {

std::filesystem::path beside(std::filesystem::path file, const char* suffix) {
  return file += suffix;
}

bool has_left_wal(const std::filesystem::path& file) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(beside(file, "-wal"), missing);
  return !missing && size > 0;
}

/// Whether the header says that changes stand in the file itself.
bool keeps_no_wal(const std::filesystem::path& file) {
  constexpr std::size_t write_version = 18;  // SQLite's file format: 1 a journal, 2 a WAL
  std::array<char, write_version + 1> header{};
  std::ifstream stream{file, std::ios::binary};
  return stream.read(header.data(), header.size()) && header[write_version] == 1;
}

/// Whether the row of `mark` is there, and is that very row.
bool holds(Connection& connection, std::string_view mark) {
  std::int64_t id = 0;
  const auto end = std::from_chars(mark.data(), mark.data() + mark.size(), id).ptr;
  Statement row = connection.prepare("SELECT id || ' ' || hex(hash) FROM events WHERE id = ?");
  row.bind(1, id);
  return end != mark.data() && row.step() && row.text(0) == mark;
}

/// The same of a file and a log that may not belong together, and then make no sense.
bool still_holds(Connection& both, std::string_view mark) {
  try {
    return holds(both, mark);
  } catch (const SqlError& error) {
    const int code = error.code() & 0xff;
    if (code != SQLITE_CORRUPT && code != SQLITE_ERROR && code != SQLITE_NOTADB) throw;
    return false;
  }
}

/// What the file holds without its write-ahead log, asked by `ask`. Nothing: it cannot be read so,
/// as where a crash came while that log was being moved into it.
template <class Ask>
auto ask_file_alone(const std::filesystem::path& file, Ask ask)
    -> std::optional<decltype(ask(std::declval<Connection&>()))> {
  try {
    Connection alone{file, Connection::Mode::without_wal};
    return ask(alone);
  } catch (const SqlError&) {
    return std::nullopt;
  }
}

[[noreturn]] void refuse_others_wal(const std::filesystem::path& file) {
  throw SqlError{
      SQLITE_NOTADB,
      fmt::format("has the write-ahead log of another database beside it ({0}), as is left where a "
                  "copy was put in the place of a log whose server was not ended in good order: "
                  "to go on with the copy, run 'pourtocol restore' with the backup it was made of, "
                  "or move {0} and {1} away; else put the other database back; nothing was "
                  "changed",
                  beside(file, "-wal").filename().string(),
                  beside(file, "-shm").filename().string())};
}

/// A connection that leaves both files as they are, and no other beside them, unless something is
/// committed. `alone`: nobody else may have the file open.
Connection open_to_look(const std::filesystem::path& file, const std::string& vfs, bool alone) {
  Connection connection{file, Connection::Mode::read_write, vfs};
  sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (alone) connection.run("PRAGMA locking_mode = EXCLUSIVE");  // its index in memory: no -shm
  (void)connection.read_integer("PRAGMA user_version");
  return connection;
}

Connection open_to_look(const std::filesystem::path& file, const std::string& vfs) {
  try {
    return open_to_look(file, vfs, /*alone=*/true);
  } catch (const SqlError& error) {
    if ((error.code() & 0xff) != SQLITE_BUSY) throw;
  }
  return open_to_look(file, vfs, /*alone=*/false);  // somebody looks at it; the -shm is theirs
}

/// `last`: the newest row of the file alone, which the log beside it can only add to.
void take_up_together(const std::filesystem::path& file, const std::string& vfs, const LogKey& key,
                      const std::string& last) {
  Connection both = open_to_look(file, vfs);
  if (!last.empty() && !still_holds(both, last)) refuse_others_wal(file);
  const FileKind kind = kind_of(both);
  if (kind == FileKind::newer || kind == FileKind::foreign) {
    throw SqlError{SQLITE_NOTADB, refusal_of(kind, both)};
  }
  expect_own_key(both, kind, key);
  both.run("PRAGMA synchronous = FULL");
  migrate(both);
}

}  // namespace

std::string mark_of(Connection& connection) {
  return connection.read_text("SELECT id || ' ' || hex(hash) FROM events ORDER BY id DESC LIMIT 1");
}

void expect_own_wal(const std::filesystem::path& file, const std::string& mark) {
  if (!has_left_wal(file)) return;
  if (keeps_no_wal(file)) refuse_others_wal(file);
  if (mark.empty()) return;
  const auto fits = ask_file_alone(file, [&](Connection& alone) { return holds(alone, mark); });
  if (fits && !*fits) refuse_others_wal(file);
}

void take_up_left_log(const std::filesystem::path& file, const std::string& vfs,
                      const LogKey& key) {
  if (!has_left_wal(file)) return;
  const auto last = ask_file_alone(file, [](Connection& alone) { return mark_of(alone); });
  try {
    take_up_together(file, vfs, key, last.value_or(std::string{}));
  } catch (const SqlError& error) {
    // The file is in order, and is not any more with what lies beside it.
    if (last && (error.code() & 0xff) == SQLITE_CORRUPT) refuse_others_wal(file);
    throw;
  }
}

}  // namespace pourtocol::database
