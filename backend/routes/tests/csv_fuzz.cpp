// Any texts as names and reasons of a log, which is then exported, and read back by a reader of
// RFC 4180 that has nothing in common with the writer: every cell is there and says what it should,
// and none is a formula, in a spreadsheet that separates by commas and in one by semicolons.
//
// Texts are separated by NULs: user, reason, action, and so on.
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backend/routes/csv.hpp"
#include "backend/routes/tests/fakes.hpp"
#include "backend/routes/utf8.hpp"
#include "core/tests/fuzzing.hpp"

namespace pourtocol::routes {
namespace {

using Table = std::vector<std::vector<std::string>>;

/// Breaks off the program at anything RFC 4180 does not know.
[[nodiscard]] Table read_csv(std::string_view csv) {
  Table table;
  std::vector<std::string> line;
  while (!csv.empty()) {
    std::string cell;
    if (csv.starts_with('"')) {
      csv.remove_prefix(1);
      while (true) {
        const std::size_t quote = csv.find('"');
        POURTOCOL_ASSERT(quote != std::string_view::npos);
        cell += csv.substr(0, quote);
        csv.remove_prefix(quote + 1);
        if (!csv.starts_with('"')) break;
        cell += '"';
        csv.remove_prefix(1);
      }
    } else {
      const std::size_t end = csv.find_first_of(",\"\r\n");
      POURTOCOL_ASSERT(end != std::string_view::npos && csv[end] != '"');
      cell = csv.substr(0, end);
      csv.remove_prefix(end);
    }
    line.push_back(std::move(cell));
    if (csv.starts_with("\r\n")) {
      csv.remove_prefix(2);
      table.push_back(std::exchange(line, {}));
    } else {
      POURTOCOL_ASSERT(csv.starts_with(','));
      csv.remove_prefix(1);
    }
  }
  POURTOCOL_ASSERT(line.empty());
  return table;
}

[[nodiscard]] bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

void check_no_formula(std::string_view cell) {
  while (cell.starts_with(' ') || cell.starts_with('"')) cell.remove_prefix(1);
  if (cell.empty() || is_number(cell)) return;
  POURTOCOL_ASSERT(std::string_view{"=+-@\t\r\n"}.find(cell.front()) == std::string_view::npos);
  for (const std::string_view wide : {"＝", "＋", "－", "＠"}) {
    POURTOCOL_ASSERT(!cell.starts_with(wide));
  }
}

/// As two kinds of spreadsheets would see it.
void check_cell(std::string_view cell) {
  check_no_formula(cell);
  while (true) {
    const std::size_t end = cell.find(';');
    check_no_formula(cell.substr(0, end));
    if (end == std::string_view::npos) return;
    cell.remove_prefix(end + 1);
  }
}

[[nodiscard]] std::string without_apostrophes(std::string text) {
  std::erase(text, '\'');
  return text;
}

void check_same(const std::string& cell, std::string_view text) {
  POURTOCOL_ASSERT(without_apostrophes(cell) == without_apostrophes(repaired_utf8(text)));
}

}  // namespace
}  // namespace pourtocol::routes

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pourtocol;
  using namespace pourtocol::routes;
  std::string_view left{reinterpret_cast<const char*>(data), size};
  const auto next = [&] {
    const std::string_view text = left.substr(0, left.find('\0'));
    left.remove_prefix(std::min(text.size() + 1, left.size()));
    return text;
  };
  std::vector<control::LogRow> rows;
  while (!left.empty()) {
    control::LogRow row = log_row(static_cast<std::int64_t>(rows.size()) + 1);
    row.amount_ml = static_cast<std::int64_t>(left.size()) - 40;
    row.user = UserToken::from(next().substr(0, 128)).value_or(UserToken{});
    row.reason = next();
    row.action = next();
    rows.push_back(std::move(row));
  }
  std::string csv{csv_header()};
  for (const auto& row : rows) append_csv_row(csv, row);

  POURTOCOL_ASSERT(is_utf8(csv));
  const Table table = read_csv(csv);
  POURTOCOL_ASSERT(table.size() == rows.size() + 1);
  const auto column = [&](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(table[0], name) - table[0].begin());
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& cells = table[i + 1];
    POURTOCOL_ASSERT(cells.size() == table[0].size());
    std::ranges::for_each(cells, check_cell);
    POURTOCOL_ASSERT(cells[column("id")] == std::to_string(rows[i].id));
    POURTOCOL_ASSERT(cells[column("amount_ml")] == std::to_string(rows[i].amount_ml));
    check_same(cells[column("user_token")], rows[i].user.view());
    check_same(cells[column("reason")], rows[i].reason);
    check_same(cells[column("action")], rows[i].action);
  }
  return 0;
}
