// SQLite with owners and types: connections, statements, errors.
//
// Inside this room an error of SQLite is an exception; it is caught at the room's edge, where it
// becomes a `Failed`, a `ReadError` or a sentence. A misuse of SQLite (a wrong index, a wrong type)
// is a bug and fails an assertion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace pourtocol::database {

class SqlError : public std::runtime_error {
 public:
  SqlError(int code, const std::string& what) : std::runtime_error{what}, code_{code} {}
  /// SQLite's extended result code.
  [[nodiscard]] int code() const noexcept { return code_; }

 private:
  int code_;
};

/// A text of somebody's, fit for a sentence: between quotes, every byte but printable ASCII as
/// \xNN, and cut where it is long.
[[nodiscard]] std::string printable(std::string_view text);
/// The same, but a plain word (an id, a name of ours) stands as it is.
[[nodiscard]] std::string legible(std::string_view text);
/// A whole sentence or message that may hold texts of somebody's: every byte but printable ASCII as
/// \xNN, line breaks as blanks. A terminal that shows it does nothing else.
[[nodiscard]] std::string harmless(std::string_view text);
/// A name as SQL takes it, whatever it is.
[[nodiscard]] std::string identifier(std::string_view name);

/// One prepared statement. Parameters and columns count from 1 and from 0, as in SQLite.
class Statement {
 public:
  Statement() noexcept = default;
  explicit Statement(sqlite3_stmt* statement) noexcept : statement_{statement} {}

  void bind_null(int parameter);
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, double value);
  /// The text must stay where it is until the statement has run: it is not copied.
  void bind(int parameter, std::string_view text);
  void bind_blob(int parameter, std::span<const unsigned char> bytes);

  /// Goes to the next row; false after the last one.
  [[nodiscard]] bool step();
  /// Makes the statement ready to be bound and run again.
  void reset() noexcept;
  /// Runs a statement without rows, and resets it.
  void run();

  enum class Type : std::uint8_t { null, integer, real, text, blob };
  [[nodiscard]] Type type(int column) const noexcept;
  [[nodiscard]] bool is_null(int column) const noexcept { return type(column) == Type::null; }
  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  [[nodiscard]] double real(int column) const noexcept;
  /// Valid until the next step or reset.
  [[nodiscard]] std::string_view text(int column) const noexcept;
  [[nodiscard]] std::span<const unsigned char> blob(int column) const noexcept;

 private:
  void expect_bound(int result) const;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// Resets a statement at the end of a scope: an unfinished one would hold its snapshot open.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(Statement& statement) noexcept : statement_{statement} {}
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;
  ~ResetAtEnd() { statement_.reset(); }

 private:
  Statement& statement_;
};

/// One connection. Used by one thread at a time; outlives its statements.
class Connection {
 public:
  enum class Mode : std::uint8_t {
    read_only,
    read_write,
    without_wal,  ///< read the file itself, which nobody writes, and nothing beside it
  };

  /// `read_write` creates the file if there is none. `vfs` empty: the default one.
  Connection(const std::filesystem::path& file, Mode mode, const std::string& vfs = {});

  /// From now on a row of more than `row_bytes_max` is an error, not read into memory: ours have a
  /// few hundred bytes, so somebody else wrote it.
  void refuse_long_rows();

  /// Runs statements without parameters and without rows of interest.
  void run(const std::string& sql);
  [[nodiscard]] Statement prepare(std::string_view sql);
  /// The first column of the first row of a query; 0 and "" when there is no row.
  [[nodiscard]] std::int64_t read_integer(std::string_view sql);
  [[nodiscard]] std::string read_text(std::string_view sql);

  [[nodiscard]] sqlite3* handle() const noexcept { return connection_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* connection) const noexcept;
  };
  std::unique_ptr<sqlite3, Close> connection_;
};

/// BEGIN … COMMIT; what is not committed at the end of the scope is rolled back.
class Transaction {
 public:
  enum class Kind : std::uint8_t {
    read,   ///< one snapshot for several queries
    write,  ///< takes the write lock at once
  };
  Transaction(Connection& connection, Kind kind);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Connection& connection_;
  bool open_ = true;
};

inline constexpr int row_bytes_max = 1'000'000;

/// How long a connection waits for a lock that another program holds.
inline constexpr int busy_timeout_ms = 2'000;

}  // namespace pourtocol::database
