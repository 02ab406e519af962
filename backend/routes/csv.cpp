#include "backend/routes/csv.hpp"

#include "backend/routes/json_text.hpp"
#include "backend/routes/utf8.hpp"
#include "backend/routes/views.hpp"

namespace pourtocol::routes {

std::string_view csv_header() noexcept {
  return "id,timestamp,timestamp_ms,user_token,amount_ml,status,reason,tap,request_id,outcome,"
         "delivered_ml,ml_min,ml_max,code,stop_reason,purpose,action\r\n";
}

void append_csv_text(std::string& csv, std::string_view text) {
  constexpr std::string_view formula_starts = "=+-@\t\r";
  std::string safe = repaired_utf8(text);
  if (!safe.empty() && formula_starts.find(safe.front()) != std::string_view::npos) {
    safe.insert(safe.begin(), '\'');
  }
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
  csv += "\r\n";
}

}  // namespace pourtocol::routes
