#include "backend/database/sqlite.hpp"

#include <sqlite3.h>

#include "core/assert.hpp"

namespace pourtocol::database {

namespace {

constexpr std::size_t shown_max = 80;

[[noreturn]] void fail(sqlite3* connection, int result) {
  const int code = connection != nullptr ? sqlite3_extended_errcode(connection) : result;
  const char* text = connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(result);
  if ((code & 0xFF) == SQLITE_TOOBIG)
    text = "a row holds more than 1 MB: no program of ours wrote it";
  throw SqlError{code, harmless(text)};
}

/// The file as SQLite's URI for what nobody changes.
std::string unchanging(const std::filesystem::path& file) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '%' || c == '?' || c == '#') {
      uri += '%';
      uri += digits[byte >> 4];
      uri += digits[byte & 0xF];
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7F;
}

void append_escaped(std::string& shown, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  shown += "\\x";
  shown += digits[byte >> 4];
  shown += digits[byte & 0xF];
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown = "\"";
  for (const char c : text.substr(0, shown_max)) {
    if (is_plain(c) && c != '"' && c != '\\') {
      shown += c;
    } else {
      append_escaped(shown, c);
    }
  }
  return shown + (text.size() > shown_max ? "…\"" : "\"");
}

std::string legible(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:";
  const bool is_word = !text.empty() && text.size() <= shown_max &&
                       text.find_first_not_of(plain) == std::string_view::npos;
  return is_word ? std::string{text} : printable(text);
}

std::string harmless(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    if (is_plain(c)) {
      shown += c;
    } else if (c == '\n' || c == '\r') {
      shown += ' ';
    } else {
      append_escaped(shown, c);
    }
  }
  return shown;
}

std::string identifier(std::string_view name) {
  std::string sql = "\"";
  for (const char c : name) {
    if (c == '"') sql += '"';
    sql += c;
  }
  return sql + '"';
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

void Statement::expect_bound(int result) const {
  if (result == SQLITE_NOMEM || result == SQLITE_TOOBIG) {
    fail(sqlite3_db_handle(statement_.get()), result);
  }
  POURTOCOL_ASSERT(result == SQLITE_OK);
}

void Statement::bind_null(int parameter) {
  expect_bound(sqlite3_bind_null(statement_.get(), parameter));
}
void Statement::bind(int parameter, std::int64_t value) {
  expect_bound(sqlite3_bind_int64(statement_.get(), parameter, value));
}
void Statement::bind(int parameter, double value) {
  expect_bound(sqlite3_bind_double(statement_.get(), parameter, value));
}
void Statement::bind(int parameter, std::string_view text) {
  // An empty view may hold a null pointer, which SQLite would take for NULL.
  const char* bytes = text.empty() ? "" : text.data();
  expect_bound(sqlite3_bind_text64(statement_.get(), parameter, bytes, text.size(), SQLITE_STATIC,
                                   SQLITE_UTF8));
}
void Statement::bind_blob(int parameter, std::span<const unsigned char> bytes) {
  expect_bound(
      sqlite3_bind_blob64(statement_.get(), parameter, bytes.data(), bytes.size(), SQLITE_STATIC));
}

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  fail(sqlite3_db_handle(statement_.get()), result);
}

void Statement::reset() noexcept {
  sqlite3_reset(statement_.get());
}

void Statement::run() {
  const ResetAtEnd reset_at_end{*this};
  while (step()) {
  }
}

Statement::Type Statement::type(int column) const noexcept {
  switch (sqlite3_column_type(statement_.get(), column)) {
    case SQLITE_INTEGER:
      return Type::integer;
    case SQLITE_FLOAT:
      return Type::real;
    case SQLITE_TEXT:
      return Type::text;
    case SQLITE_BLOB:
      return Type::blob;
    default:
      return Type::null;
  }
}

std::int64_t Statement::integer(int column) const noexcept {
  return sqlite3_column_int64(statement_.get(), column);
}
double Statement::real(int column) const noexcept {
  return sqlite3_column_double(statement_.get(), column);
}
std::string_view Statement::text(int column) const noexcept {
  const auto* bytes = sqlite3_column_text(statement_.get(), column);
  if (bytes == nullptr) return {};
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}
std::span<const unsigned char> Statement::blob(int column) const noexcept {
  const auto* bytes =
      static_cast<const unsigned char*>(sqlite3_column_blob(statement_.get(), column));
  if (bytes == nullptr) return {};
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {bytes, static_cast<std::size_t>(size)};
}

void Connection::Close::operator()(sqlite3* connection) const noexcept {
  sqlite3_close_v2(connection);
}

Connection::Connection(const std::filesystem::path& file, Mode mode, const std::string& vfs) {
  const int access =
      mode == Mode::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  const int uri = mode == Mode::without_wal ? SQLITE_OPEN_URI : 0;
  // One thread at a time uses a connection: SQLite's own mutexes would be idle work.
  const int flags = access | uri | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const std::string name = mode == Mode::without_wal ? unchanging(file) : file.string();
  sqlite3* opened = nullptr;
  const int result =
      sqlite3_open_v2(name.c_str(), &opened, flags, vfs.empty() ? nullptr : vfs.c_str());
  connection_.reset(opened);
  if (result != SQLITE_OK) fail(opened, result);
  sqlite3_busy_timeout(opened, busy_timeout_ms);
  run("PRAGMA trusted_schema = OFF");
}

void Connection::refuse_long_rows() {
  sqlite3_limit(connection_.get(), SQLITE_LIMIT_LENGTH, row_bytes_max);
}

void Connection::run(const std::string& sql) {
  const int result = sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) fail(connection_.get(), result);
}

Statement Connection::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) fail(connection_.get(), result);
  return Statement{statement};
}

std::int64_t Connection::read_integer(std::string_view sql) {
  Statement query = prepare(sql);
  return query.step() ? query.integer(0) : 0;
}

std::string Connection::read_text(std::string_view sql) {
  Statement query = prepare(sql);
  return query.step() ? std::string{query.text(0)} : std::string{};
}

Transaction::Transaction(Connection& connection, Kind kind) : connection_{connection} {
  connection_.run(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  if (!open_) return;
  // After some errors SQLite has rolled back already; then this one's error means nothing.
  sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  connection_.run("COMMIT");
  open_ = false;
}

}  // namespace pourtocol::database
