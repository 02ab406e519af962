// Where the log ends, as one line that can be kept elsewhere.
//
//   4711-7022-12-3-0-1:1f0c…9e
//
// are the numbers of the last rows of `events`, `transitions`, `holds`, `machines`, `given_up` and
// `chain_keys`, as many of these as its schema has (a later schema adds at the end), and 32
// hexadecimal digits: the first 16 bytes of the hash (chain.hpp says how values are written) of the
// row that "table" `head` would have, first in its chain, whose columns are of each of them in this
// order its name, that number, and that row's hash.
//
// A row's hash stands for all rows before it, so a head stands for all there was. A log that grew
// holds the same rows up to these numbers; one that was rewritten, however well, does not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/database/chain.hpp"
#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

struct Head {
  std::vector<std::int64_t> numbers;  ///< one per chain, in the order of `chains_at`
  std::array<unsigned char, 16> digest{};

  friend bool operator==(const Head&, const Head&) = default;
};

/// The chains of a log of that version, in the order in which heads name them.
[[nodiscard]] std::span<const ChainedTable> chains_at(int schema_version) noexcept;

/// `ends`: of each chain, as many as a version has.
[[nodiscard]] Head head_of(std::span<const ChainHead> ends);
/// Of a log of ours, within the transaction the caller has open: else the chains may not be of one
/// moment. Finds the last rows and reads no other. Throws `SqlError`.
[[nodiscard]] Head read_head(Connection& connection);

[[nodiscard]] std::string text_of(const Head& head);
/// Looks whether a log holds heads of an earlier time, as its rows go by.
class HeadSearch {
 public:
  explicit HeadSearch(std::span<const Head> heads);
  /// The next row of that chain (by its place in `chains_at`), with the hash it has.
  void pass(std::size_t chain, const ChainHead& row) noexcept;
  /// After all rows: each head that was not there, as a sentence that says what became of it.
  [[nodiscard]] std::vector<std::string> missing() const;

 private:
  struct Sought {
    Head head;
    std::vector<ChainHead> rows;  ///< by chain: the one the head names, once it went by
  };
  std::vector<Sought> sought_;
  std::vector<std::int64_t> last_;  ///< by chain: the number of the last row so far
};

/// What `text_of` wrote, blanks at its ends aside; nothing: it is no head.
[[nodiscard]] std::optional<Head> parse_head(std::string_view text);

}  // namespace pourtocol::database
