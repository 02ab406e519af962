#include "backend/database/head.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/assert.hpp"

namespace pourtocol::database {

namespace {

constexpr std::array chains{events_table,   transitions_table, holds_table,
                            machines_table, given_up_table,    chain_keys_table};

std::size_t chain_count(int schema_version) noexcept {
  if (schema_version < 4) return 3;
  if (schema_version < 5) return 4;
  return schema_version < chain_keys_since ? 5 : 6;
}

constexpr std::size_t chains_min = 3;
constexpr std::size_t values_per_chain = 3;

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  // As it is written, and in no other way: no sign, no zero before it.
  if (!whole || number < 0 || fmt::to_string(number) != text) return std::nullopt;
  return number;
}

std::optional<unsigned char> parse_byte(std::string_view digits) {
  unsigned char byte = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return byte;
}

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

std::span<const ChainedTable> chains_at(int schema_version) noexcept {
  return std::span{chains}.first(chain_count(schema_version));
}

Head head_of(std::span<const ChainHead> ends) {
  POURTOCOL_ASSERT(ends.size() >= chains_min && ends.size() <= chains.size());
  const ChainedTable table{
      .name = "head",
      .number = "",
      .chained_columns = "",
      .column_count = static_cast<int>(values_per_chain * ends.size()),
  };
  RowHasher hasher{table, Digest{}};
  Head head;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    hasher.add(chains[i].name);
    hasher.add(ends[i].number);
    hasher.add_blob(ends[i].hash);
    head.numbers.push_back(ends[i].number);
  }
  const Digest whole = hasher.finish();
  std::copy_n(whole.begin(), head.digest.size(), head.digest.begin());
  return head;
}

Head read_head(Connection& connection) {
  std::vector<ChainHead> ends;
  const auto version = static_cast<int>(connection.read_integer("PRAGMA user_version"));
  for (const ChainedTable& table : chains_at(version)) {
    ends.push_back(read_chain_head(connection, table));
  }
  return head_of(ends);
}

std::string text_of(const Head& head) {
  return fmt::format("{}:{:02x}", fmt::join(head.numbers, "-"), fmt::join(head.digest, ""));
}

std::optional<Head> parse_head(std::string_view text) {
  text = without_blanks(text);
  const auto colon = text.find(':');
  Head head;
  if (colon == std::string_view::npos || text.size() - colon - 1 != 2 * head.digest.size()) {
    return std::nullopt;
  }
  std::string_view numbers = text.substr(0, colon);
  for (;;) {
    const auto dash = numbers.find('-');
    const auto number = parse_number(numbers.substr(0, dash));
    if (!number) return std::nullopt;
    head.numbers.push_back(*number);
    if (dash == std::string_view::npos) break;
    numbers.remove_prefix(dash + 1);
  }
  if (head.numbers.size() < chains_min) return std::nullopt;
  for (std::size_t i = 0; i < head.digest.size(); ++i) {
    const auto byte = parse_byte(text.substr(colon + 1 + 2 * i, 2));
    if (!byte) return std::nullopt;
    head.digest[i] = *byte;
  }
  return head;
}

HeadSearch::HeadSearch(std::span<const Head> heads) : last_(chains.size()) {
  for (const Head& head : heads) {
    sought_.push_back({.head = head, .rows = std::vector<ChainHead>(head.numbers.size())});
  }
}

void HeadSearch::pass(std::size_t chain, const ChainHead& row) noexcept {
  last_[chain] = row.number;
  for (Sought& sought : sought_) {
    if (chain < sought.rows.size() && sought.head.numbers[chain] == row.number) {
      sought.rows[chain] = row;
    }
  }
}

std::vector<std::string> HeadSearch::missing() const {
  std::vector<std::string> sentences;
  for (const Sought& sought : sought_) {
    const std::string head = text_of(sought.head);
    if (sought.head.numbers.size() > chains.size()) {
      sentences.push_back(fmt::format(
          "The head {} was told by a newer version of this program: use that version.", head));
      continue;
    }
    if (head_of(sought.rows) == sought.head) continue;
    const auto beyond =
        std::ranges::mismatch(sought.head.numbers, last_, std::ranges::less_equal{});
    if (beyond.in1 != sought.head.numbers.end()) {
      sentences.push_back(fmt::format(
          "The log does not hold the head {}: its {} end at row {}. Rows were cut off, "
          "or this is an older copy.",
          head, chains[static_cast<std::size_t>(beyond.in2 - last_.begin())].name, *beyond.in2));
    } else {
      sentences.push_back(
          fmt::format("The log does not hold the head {}: the rows up to there are not those it "
                      "was told of. They were rewritten, or it is another log's.",
                      head));
    }
  }
  return sentences;
}

}  // namespace pourtocol::database
