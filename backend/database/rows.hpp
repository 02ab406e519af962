// How pours and log rows stand in the tables.
#pragma once

#include <string>
#include <string_view>

#include "backend/control/log_reader.hpp"
#include "backend/control/pour.hpp"
#include "backend/database/chain.hpp"
#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

/// The columns of `pours`, in the order `read_pour` reads and `bind_pour` binds them.
inline constexpr std::string_view pour_columns =
    "request_id, tap, user_token, amount_ml, started_ms, state, cause, detail, accepted, "
    "device_uptime_s, guard_boot_id, guard_expires_ms, pours_total, most_ul, "
    "delivered_ul, uncertainty_ul, min_ul, max_ul, basis, stop_reason, updated_ms, purpose, "
    "run_ms, "
    "portions, machine_id, uptime_at_us, sent_at_us, clock_id";
inline constexpr int pour_column_count = 28;

/// Throws `SqlError` (SQLITE_CORRUPT) if a value is not one this program writes.
[[nodiscard]] control::Pour read_pour(const Statement& row);

/// A pour's values as they are bound. Owns the texts that have no other home; must outlive the run
/// of the statement, and so must the pour.
class BoundPour {
 public:
  /// Binds all columns of `pour_columns` from parameter 1 on.
  BoundPour(Statement& statement, const control::Pour& pour);
  BoundPour(const BoundPour&) = delete;
  BoundPour& operator=(const BoundPour&) = delete;

 private:
  std::array<char, BootId::text_length> boot_id_;
  std::array<char, MachineId::text_length> machine_id_;
};

/// What makes a `LogRow`, in the order `read_log_row` reads it: of `e`, a row of `events`, and `t`,
/// the step that made it.
inline constexpr std::string_view log_row_columns =
    "e.id, e.timestamp_ms, e.user_token, e.amount_ml, e.status, e.reason, e.tap, e.request_id, "
    "e.outcome, e.delivered_ul, e.uncertainty_ul, e.min_ul, e.max_ul, e.basis, t.cause, "
    "t.stop_reason, e.purpose, e.action";

/// Lenient where the original's rows are: what it left out or misspelled reads as empty, zero,
/// failed.
[[nodiscard]] control::LogRow read_log_row(const Statement& row);

/// The columns of `transitions` that make a `HistoryStep`.
inline constexpr std::string_view history_columns = "at_ms, from_state, to_state, cause, detail";
[[nodiscard]] control::HistoryStep read_history_step(const Statement& row);

/// What stands in `purpose`: empty for a guest's pour, whose column is NULL.
[[nodiscard]] std::string_view purpose_text(protocol::Purpose purpose) noexcept;

/// Puts the five columns delivered_ul … basis.
void put_delivery(ChainedInsert& insert, const std::optional<control::Delivery>& delivery);

/// "YYYY-MM-DD HH:MM:SS", UTC: what CURRENT_TIMESTAMP writes.
[[nodiscard]] std::string timestamp_text(WallTime time);

}  // namespace pourtocol::database
