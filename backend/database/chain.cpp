#include "backend/database/chain.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <bit>
#include <string>
#include <tuple>

#include <fmt/format.h>

#include "core/assert.hpp"

namespace pourtocol::database {

RowHasher::RowHasher(const ChainedTable& table, const Digest& previous, const ChainKey* key)
    : required_left_{table.column_count - table.optional_columns} {
  static_assert(crypto_auth_hmacsha256_BYTES == std::tuple_size_v<Digest>);
  if (key == nullptr) {
    crypto_hash_sha256_init(&state_.emplace<crypto_hash_sha256_state>());
  } else {
    crypto_auth_hmacsha256_init(&state_.emplace<crypto_auth_hmacsha256_state>(),
                                key->bytes().data(), key->bytes().size());
  }
  update(previous);
  const std::string title = "pourtocol." + std::string{table.name} + ".1";
  add_bytes('t', {reinterpret_cast<const unsigned char*>(title.data()), title.size()});
}

void RowHasher::begin_value() {
  const unsigned char null_tag = 'n';
  for (; nulls_held_ > 0; --nulls_held_) update({&null_tag, 1});
  --required_left_;
}

void RowHasher::add_null() {
  if (required_left_ <= 0) {
    ++nulls_held_;
    return;
  }
  begin_value();
  const unsigned char tag = 'n';
  update({&tag, 1});
}

void RowHasher::add(std::int64_t value) {
  begin_value();
  const unsigned char tag = 'i';
  update({&tag, 1});
  add_word(static_cast<std::uint64_t>(value));
}

void RowHasher::add(double value) {
  begin_value();
  const unsigned char tag = 'r';
  update({&tag, 1});
  add_word(std::bit_cast<std::uint64_t>(value));
}

void RowHasher::add(std::string_view text) {
  begin_value();
  add_bytes('t', {reinterpret_cast<const unsigned char*>(text.data()), text.size()});
}

void RowHasher::add_blob(std::span<const unsigned char> bytes) {
  begin_value();
  add_bytes('b', bytes);
}

void RowHasher::add_column(const Statement& statement, int column) {
  using enum Statement::Type;
  switch (statement.type(column)) {
    case null:
      return add_null();
    case integer:
      return add(statement.integer(column));
    case real:
      return add(statement.real(column));
    case text:
      return add(statement.text(column));
    case blob:
      return add_blob(statement.blob(column));
  }
}

Digest RowHasher::finish() {
  Digest digest;
  if (auto* keyed = std::get_if<crypto_auth_hmacsha256_state>(&state_)) {
    crypto_auth_hmacsha256_final(keyed, digest.data());
  } else {
    crypto_hash_sha256_final(&std::get<crypto_hash_sha256_state>(state_), digest.data());
  }
  return digest;
}

void RowHasher::update(std::span<const unsigned char> bytes) {
  if (auto* keyed = std::get_if<crypto_auth_hmacsha256_state>(&state_)) {
    crypto_auth_hmacsha256_update(keyed, bytes.data(), bytes.size());
  } else {
    crypto_hash_sha256_update(&std::get<crypto_hash_sha256_state>(state_), bytes.data(),
                              bytes.size());
  }
}

void RowHasher::add_bytes(char tag, std::span<const unsigned char> bytes) {
  const auto byte = static_cast<unsigned char>(tag);
  update({&byte, 1});
  add_word(bytes.size());
  update(bytes);
}

void RowHasher::add_word(std::uint64_t word) {
  std::array<unsigned char, 8> bytes;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte, word >>= 8) {
    *byte = static_cast<unsigned char>(word & 0xFF);
  }
  update(bytes);
}

namespace {

std::string insert_sql(const ChainedTable& table) {
  std::string sql = "INSERT INTO " + std::string{table.name} + "(" +
                    std::string{table.chained_columns} + ", hash) VALUES (?";
  for (int i = 0; i < table.column_count; ++i) sql += ",?";
  return sql + ")";
}

/// Up to here every program counts exactly, ours and a browser's.
constexpr std::int64_t number_max = 9'007'199'254'740'991;

}  // namespace

ChainHead read_chain_head(Connection& connection, const ChainedTable& table) {
  const std::string number{table.number};
  Statement last =
      connection.prepare("SELECT " + number + ", hash FROM " + std::string{table.name} +
                         " ORDER BY " + number + " DESC LIMIT 1");
  ChainHead head;
  if (!last.step()) return head;
  head.number = last.integer(0);
  if (head.number > number_max) {
    throw SqlError{SQLITE_CORRUPT,
                   fmt::format("{} counts to {}: no log is that long", table.name, head.number)};
  }
  const auto hash = last.blob(1);
  if (hash.size() != head.hash.size()) {
    throw SqlError{SQLITE_CORRUPT, "the last row of " + std::string{table.name} + " has no hash"};
  }
  std::ranges::copy(hash, head.hash.begin());
  return head;
}

ChainedInsert::ChainedInsert(Connection& connection, const ChainedTable& table, const ChainKey* key)
    : table_{table},
      key_{key},
      insert_{connection.prepare(insert_sql(table))},
      head_{read_chain_head(connection, table)},
      hasher_{table, head_.hash, key} {}

std::int64_t ChainedInsert::begin() {
  begin_at(head_.number + 1);
  return number_;
}

void ChainedInsert::begin_at(std::int64_t number) {
  POURTOCOL_ASSERT(parameter_ == 0 && number > head_.number);
  number_ = number;
  hasher_ = RowHasher{table_, head_.hash, key_};
  put(number);
}

void ChainedInsert::put_null() {
  insert_.bind_null(++parameter_);
  hasher_.add_null();
}

void ChainedInsert::put(std::int64_t value) {
  insert_.bind(++parameter_, value);
  hasher_.add(value);
}

void ChainedInsert::put(std::string_view text) {
  insert_.bind(++parameter_, text);
  hasher_.add(text);
}

void ChainedInsert::put_column(const Statement& statement, int column) {
  using enum Statement::Type;
  hasher_.add_column(statement, column);
  ++parameter_;
  switch (statement.type(column)) {
    case null:
      return insert_.bind_null(parameter_);
    case integer:
      return insert_.bind(parameter_, statement.integer(column));
    case real:
      return insert_.bind(parameter_, statement.real(column));
    case text:
      return insert_.bind(parameter_, statement.text(column));
    case blob:
      return insert_.bind_blob(parameter_, statement.blob(column));
  }
}

void ChainedInsert::finish() {
  POURTOCOL_ASSERT(parameter_ == table_.column_count);
  const Digest hash = hasher_.finish();
  insert_.bind_blob(++parameter_, hash);
  insert_.run();
  head_ = ChainHead{number_, hash};
  parameter_ = 0;
}

}  // namespace pourtocol::database
