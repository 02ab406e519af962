// The hash chain over the append-only tables: what is hashed, byte by byte.
//
// A row's hash is the SHA-256, or in a log with a key (keyed_log.hpp) the HMAC-SHA256, of
//   the hash of the row before it (32 bytes; zeros for the first row),
//   the text "pourtocol.TABLE.1", and
//   every column but `hash`, in the order of `chained_columns`; of the last `optional_columns`,
//   which came with a later schema, NULLs at the end are left out, so that rows written before hash
//   as they did,
// where each value is written as
//   'n'                                      NULL
//   'i', 8 bytes                             an integer, two's complement, big-endian
//   'r', 8 bytes                             a real, IEEE 754 binary64, big-endian
//   't', length as 8 bytes big-endian, bytes a text in UTF-8
//   'b', length as 8 bytes big-endian, bytes a blob
// and "pourtocol.TABLE.1" is written as a text. The encoding is injective: two different rows never
// give the same bytes. Whoever changes, removes or inserts a row has to change every hash after it,
// and a copy of any later hash kept elsewhere (a backup, a receipt) shows it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include <sodium/crypto_auth_hmacsha256.h>
#include <sodium/crypto_hash_sha256.h>

#include "backend/database/chain_key.hpp"
#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

using Digest = std::array<unsigned char, crypto_hash_sha256_BYTES>;

/// The highest number a row may have. No log comes near it; above it, numbers run out, and a reader
/// of JSON no longer tells them apart.
inline constexpr std::int64_t row_number_max = 1'000'000'000'000'000;

/// A table whose rows are numbered without gaps and chained.
struct ChainedTable {
  std::string_view name;
  std::string_view number;           ///< the column that counts: `id` or `seq`
  std::string_view chained_columns;  ///< all but `hash`, the number first; for SELECT and INSERT
  int column_count;
  int optional_columns = 0;  ///< at the end: left out of the hash while they and all after are NULL
};

inline constexpr ChainedTable events_table{
    "events", "id",
    "id, timestamp, user_token, amount_ml, status, reason, tap, request_id, outcome, "
    "delivered_ul, uncertainty_ul, min_ul, max_ul, basis, timestamp_ms, purpose, action",
    17, 2};
/// The same before schema 3.
inline constexpr ChainedTable first_events_table{
    "events", "id",
    "id, timestamp, user_token, amount_ml, status, reason, tap, request_id, outcome, "
    "delivered_ul, uncertainty_ul, min_ul, max_ul, basis, timestamp_ms",
    15};
inline constexpr ChainedTable transitions_table{
    "transitions", "seq",
    "seq, request_id, event_id, from_state, to_state, cause, detail, at_ms, "
    "delivered_ul, uncertainty_ul, min_ul, max_ul, basis, stop_reason",
    14};
inline constexpr ChainedTable holds_table{"holds", "id", "id, tap, held, at_ms", 4};
inline constexpr ChainedTable machines_table{"machines", "id", "id, tap, machine_id, at_ms", 4};
/// Since schema 5.
inline constexpr ChainedTable given_up_table{"given_up", "id", "id, request_id, at_ms", 3};
/// Since schema 8.
inline constexpr ChainedTable chain_keys_table{
    "chain_keys", "id",
    "id, key_id, events_from, transitions_from, holds_from, machines_from, given_up_from", 7};
inline constexpr int chain_keys_since = 8;

/// Encodes and hashes one row.
class RowHasher {
 public:
  /// `key` null: without one.
  RowHasher(const ChainedTable& table, const Digest& previous, const ChainKey* key = nullptr);
  void add_null();
  void add(std::int64_t value);
  void add(double value);
  void add(std::string_view text);
  void add_blob(std::span<const unsigned char> bytes);
  /// Column `column` of the row `statement` stands at, as it is stored.
  void add_column(const Statement& statement, int column);
  [[nodiscard]] Digest finish();

 private:
  /// The next value begins: NULLs held back come before it.
  void begin_value();
  void add_bytes(char tag, std::span<const unsigned char> bytes);
  void add_word(std::uint64_t word);
  void update(std::span<const unsigned char> bytes);
  std::variant<crypto_hash_sha256_state, crypto_auth_hmacsha256_state> state_;
  int required_left_;   ///< values that are hashed whatever they are
  int nulls_held_ = 0;  ///< optional NULLs that are hashed only if something follows
};

/// The end of a chain: what the next row follows.
struct ChainHead {
  std::int64_t number = 0;
  Digest hash{};
};

/// Of the last row of `table`; of an empty one, number 0 and zeros. Throws `SqlError`.
[[nodiscard]] ChainHead read_chain_head(Connection& connection, const ChainedTable& table);

/// Appends rows to one chained table, within whatever transaction is open.
class ChainedInsert {
 public:
  /// Starts where the table ends now. `key`, if there is one, must outlive this.
  ChainedInsert(Connection& connection, const ChainedTable& table, const ChainKey* key = nullptr);

  /// Begins the next row and returns its number. Then come the values of the other columns in their
  /// order, then `finish`. Texts must stay where they are until then.
  std::int64_t begin();
  /// As above, leaving out numbers up to `number`.
  void begin_at(std::int64_t number);
  void put_null();
  void put(std::int64_t value);
  void put(std::string_view text);
  void put_or_null(std::string_view text) { text.empty() ? put_null() : put(text); }
  /// A value of any type, from another table.
  void put_column(const Statement& statement, int column);
  void finish();

  [[nodiscard]] const ChainHead& head() const noexcept { return head_; }

 private:
  ChainedTable table_;
  const ChainKey* key_;
  Statement insert_;
  ChainHead head_;
  std::int64_t number_ = 0;
  int parameter_ = 0;
  RowHasher hasher_;
};

}  // namespace pourtocol::database
