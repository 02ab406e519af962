#include "backend/routes/csv.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "backend/routes/json_text.hpp"
#include "backend/routes/utf8.hpp"
#include "backend/routes/views.hpp"

namespace pourtocol::routes {

namespace {

/// Spaces and quotes do not keep a spreadsheet from seeing what follows them. The wide forms are
/// what an East Asian keyboard types.
[[nodiscard]] bool begins_formula(std::string_view text) noexcept {
  constexpr std::string_view starts = "=+-@\t\r\n";
  constexpr std::array<std::string_view, 4> wide_starts{"＝", "＋", "－", "＠"};
  text.remove_prefix(std::min(text.find_first_not_of(" \""), text.size()));
  if (text.empty()) return false;
  return starts.find(text.front()) != std::string_view::npos ||
         std::ranges::any_of(wide_starts, [&](auto start) { return text.starts_with(start); });
}

/// Where a semicolon separates (as half of Europe's spreadsheets want it), what follows one in the
/// middle of a text becomes a cell of its own.
[[nodiscard]] std::string without_formulas(std::string_view text) {
  std::string safe;
  safe.reserve(text.size() + 1);
  while (!text.empty()) {
    if (begins_formula(text)) safe += '\'';
    const std::size_t size = std::min(text.find(';'), text.size() - 1) + 1;
    safe += text.substr(0, size);
    text.remove_prefix(size);
  }
  return safe;
}

}  // namespace

std::string_view csv_header() noexcept {
  return "id,timestamp,timestamp_ms,user_token,amount_ml,status,reason,tap,request_id,outcome,"
         "delivered_ml,ml_min,ml_max,code,stop_reason,purpose,action,time_zone\r\n";
}

void append_csv_text(std::string& csv, std::string_view text) {
  const std::string safe = without_formulas(repaired_utf8(text));
  if (safe.find_first_of(",\"\r\n") == std::string::npos) {
    csv += safe;
    return;
  }
  csv += '"';
  for (const char c : safe) {
    if (c == '"') csv += '"';
    csv += c;
  }
  csv += '"';
}

void append_csv_row(std::string& csv, const control::LogRow& row) {
  const ShownDelivery delivery = shown(row.delivery);
  const auto append_ml = [&](const std::optional<Microlitres>& volume) {
    csv += ',';
    if (volume) csv += thousandths(volume->count());
  };
  csv += std::to_string(row.id);
  csv += ',';
  csv += utc_text(row.timestamp);
  csv += ',';
  csv += std::to_string(row.timestamp.time_since_epoch().count());
  csv += ',';
  append_csv_text(csv, row.user.view());
  csv += ',';
  csv += std::to_string(row.amount_ml);
  csv += ',';
  csv += control::name_of(row.status);
  csv += ',';
  append_csv_text(csv, row.reason);
  csv += ',';
  append_csv_text(csv, row.tap.view());
  csv += ',';
  append_csv_text(csv, row.request_id.view());
  csv += ',';
  csv += control::name_of(row.outcome);
  append_ml(delivery.delivered);
  append_ml(delivery.min);
  append_ml(delivery.max);
  csv += ',';
  csv += code_of(row);
  csv += ',';
  csv += stop_reason_of(row);
  csv += ',';
  csv += purpose_of(row);
  csv += ',';
  append_csv_text(csv, row.action);
  csv += ",UTC\r\n";
}

}  // namespace pourtocol::routes
