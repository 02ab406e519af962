#include "backend/database/keyed_log.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "backend/database/head.hpp"
#include "backend/database/schema.hpp"
#include "core/assert.hpp"

namespace pourtocol::database {

namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw SqlError{SQLITE_AUTH, why + "; nothing was changed"};
}

/// Of the row before `number`; of the first, zeros.
Digest hash_before(Connection& connection, const ChainedTable& table, std::int64_t number) {
  Statement row = connection.prepare(fmt::format(
      "SELECT hash FROM {0} WHERE {1} < ? ORDER BY {1} DESC LIMIT 1", table.name, table.number));
  row.bind(1, number);
  Digest hash{};
  if (row.step() && row.blob(0).size() == hash.size()) {
    std::ranges::copy(row.blob(0), hash.begin());
  }
  return hash;
}

/// Whoever writes on in a log without its key leaves a newest row that does not fit it.
void expect_last_row(Connection& connection, const ChainedTable& table, std::int64_t from,
                     const ChainKey& key) {
  const ChainHead last = read_chain_head(connection, table);
  if (last.number < from) return;
  Statement row = connection.prepare(fmt::format("SELECT {} FROM {} WHERE {} = ?",
                                                 table.chained_columns, table.name, table.number));
  row.bind(1, last.number);
  POURTOCOL_ASSERT(row.step());
  RowHasher hasher{table, hash_before(connection, table, last.number), &key};
  for (int i = 0; i < table.column_count; ++i) hasher.add_column(row, i);
  if (hasher.finish() == last.hash) return;
  refuse(
      fmt::format("row {} of {} was not written with the log's key: somebody changed it; run "
                  "pourtocol check, and go on with a backup (pourtocol restore)",
                  last.number, table.name));
}

std::span<const ChainedTable> chains_of(Connection& connection) {
  return chains_at(static_cast<int>(connection.read_integer("PRAGMA user_version")));
}

bool has_rows(Connection& connection) {
  return std::ranges::any_of(chains_of(connection), [&](const ChainedTable& table) {
    return read_chain_head(connection, table).number > 0;
  });
}

[[noreturn]] void refuse_without_keying(std::string_view what) {
  refuse(fmt::format(
      "{}, though a key is named ([log] key_file): where it never was, 'pourtocol key' keys it "
      "from "
      "here on; else somebody rewrote it without the key: go on with a backup (pourtocol restore)",
      what));
}

void begin_keying(Connection& connection, const ChainKey& key) {
  ChainedInsert keys{connection, chain_keys_table, &key};
  (void)keys.begin();
  keys.put(std::string_view{key.id()});
  for (const ChainedTable& table : chains_at(schema_version)) {
    if (table.name == chain_keys_table.name) continue;
    keys.put(read_chain_head(connection, table).number + 1);
  }
  keys.finish();
}

}  // namespace

std::optional<Keying> read_keying(Connection& connection) {
  if (connection.read_integer("PRAGMA user_version") < chain_keys_since) return std::nullopt;
  Statement rows = connection.prepare(
      "SELECT key_id, events_from, transitions_from, holds_from, machines_from, given_up_from, id "
      "FROM chain_keys ORDER BY id");
  if (!rows.step()) return std::nullopt;
  Keying keying{.key_id = legible(rows.text(0)), .from = {}};
  for (int column = 1; column <= 6; ++column) keying.from.push_back(rows.integer(column));
  if (rows.step()) {
    throw SqlError{SQLITE_CORRUPT,
                   "says twice from where on it is keyed: this program writes that "
                   "once"};
  }
  return keying;
}

void expect_own_key(Connection& connection, const LogKey& key) {
  const auto keying = read_keying(connection);
  if (!keying) {
    if (key.key != nullptr && !key.begin && has_rows(connection)) {
      refuse_without_keying("has rows and is not keyed");
    }
    return;
  }
  if (key.key == nullptr) {
    refuse(fmt::format("is keyed (key {}): name its key file in the configuration ([log] key_file)",
                       keying->key_id));
  }
  if (keying->key_id != key.key->id()) {
    refuse(fmt::format("is keyed with the key {}, and the key file that is named holds {}",
                       keying->key_id, key.key->id()));
  }
  const auto chains = chains_of(connection);
  for (std::size_t i = 0; i < chains.size(); ++i) {
    expect_last_row(connection, chains[i], keying->from[i], *key.key);
  }
}

void expect_own_key(Connection& connection, FileKind kind, const LogKey& key) {
  if (kind == FileKind::ours) return expect_own_key(connection, key);
  if (kind == FileKind::seed && key.key != nullptr && !key.begin) {
    refuse_without_keying("is the original's database and not keyed");
  }
}

void key_if_due(Connection& connection, const LogKey& key) {
  if (key.key == nullptr || read_keying(connection)) return;
  Transaction transaction{connection, Transaction::Kind::write};
  begin_keying(connection, *key.key);
  transaction.commit();
}

}  // namespace pourtocol::database
