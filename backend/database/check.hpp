// Does the log tell the truth about itself? Safe while the server writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "backend/database/chain_key.hpp"
#include "backend/database/head.hpp"

namespace pourtocol::database {

struct CheckReport {
  static constexpr std::size_t problems_listed_max = 20;

  int schema_version = 0;
  std::int64_t events = 0;
  std::int64_t seed_events =
      0;  ///< of them, rows the original wrote before this database was migrated
  std::int64_t transitions = 0;
  std::int64_t pours = 0;
  std::int64_t open_pours = 0;
  std::int64_t holds = 0;
  std::int64_t machines = 0;  ///< rows that say which machine is whose
  std::int64_t given_up = 0;  ///< ids of orders that were given up before they came

  std::string head;  ///< where it ends, as `text_of`; empty: it could not be read

  std::int64_t problem_count = 0;
  std::vector<std::string> problems;  ///< the first ones, each a plain sentence

  /// Of the heads it was held against, those it does not hold: each a plain sentence.
  std::vector<std::string> missing_heads;

  /// Whether it fits itself. Of a log that was rewritten from its first row on, only a head from
  /// elsewhere tells.
  [[nodiscard]] bool whole() const noexcept { return problem_count == 0; }
};

/// Reads all of `file`, without changing it, and verifies: that the file is intact, that its
/// tables, indices and triggers are those this program makes, that no number is missing in the
/// append-only tables and each row's hash fits, that every pour took only legal steps and stands,
/// in every column, where they left it, that no tap has two open pours, that the rows of `events`
/// are those the steps made, that no turn of the clock is missing, and that it holds every one of
/// `heads`. Hashes that were made with a key are verified with `key`; that it is not given (null)
/// is a problem, and so is one that is given in vain. On failure to read at all: one plain
/// sentence.
[[nodiscard]] std::expected<CheckReport, std::string> check(const std::filesystem::path& file,
                                                            std::span<const Head> heads = {},
                                                            const ChainKey* key = nullptr);

}  // namespace pourtocol::database
