// From which rows on a log is keyed, and whether a key is its own.
//
// A log is keyed once: when it is new, or by `pourtocol key`. From then on nobody
// goes on with it without that key, nor with the key on a log that lost the row that says so: that
// is what somebody would leave who rewrote the log without it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backend/database/chain.hpp"
#include "backend/database/chain_key.hpp"
#include "backend/database/schema.hpp"
#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

/// What a keyed log says of its key.
struct Keying {
  std::string key_id;
  std::vector<std::int64_t> from;  ///< by chain (`chains_at`): its first row hashed with the key
};

/// Nothing: the log is not keyed. Throws `SqlError` where it says so more than once.
[[nodiscard]] std::optional<Keying> read_keying(Connection& connection);

/// With which key a log is to be gone on with.
struct LogKey {
  const ChainKey* key = nullptr;  ///< null: none is named
  bool begin = false;             ///< a log that has rows and is not keyed is keyed from here on
};

/// Whether a log of ours, at whatever version, may be gone on with: with its own key, which the
/// newest row of each chain was hashed with, or with none where it has none. Throws `SqlError` with
/// a sentence that says what to do. Costs the same however long the log is.
void expect_own_key(Connection& connection, const LogKey& key);

/// The same of whatever file there is, before anything is done to it: the original's rows are not
/// taken over with a key but by `begin`.
void expect_own_key(Connection& connection, FileKind kind, const LogKey& key);

/// Keys a log at today's schema from here on, if a key is named and it is not keyed; after
/// `expect_own_key`. Not within a transaction.
void key_if_due(Connection& connection, const LogKey& key);

}  // namespace pourtocol::database
