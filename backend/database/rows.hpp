// How pours and log rows stand in the tables.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "backend/control/log_reader.hpp"
#include "backend/control/pour.hpp"
#include "backend/database/chain.hpp"
#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

/// The columns of `pours`, separated by commas, in the order `read_pour` reads and `BoundPour`
/// binds them: one table in rows.cpp says of each how it is read and written, and whether a step
/// may change it.
[[nodiscard]] const std::string& pour_columns();
/// Adds a pour; its parameters are the columns.
[[nodiscard]] const std::string& insert_pour_sql();
/// Writes what a step may change of a pour whose other columns are as they are bound; the same
/// parameters.
[[nodiscard]] const std::string& update_pour_sql();

/// Throws `SqlError` (SQLITE_CORRUPT) if a value is not one this program writes.
[[nodiscard]] control::Pour read_pour(const Statement& row);

/// The texts of a pour's columns that have no other home.
struct PourTexts {
  std::array<char, BootId::text_length> boot_id{};
  std::array<char, MachineId::text_length> machine_id{};
};

/// A pour's values as they are bound; must outlive the run of the statement, and so must the pour.
class BoundPour {
 public:
  /// Binds all columns of `pour_columns` from parameter 1 on.
  BoundPour(Statement& statement, const control::Pour& pour);
  BoundPour(const BoundPour&) = delete;
  BoundPour& operator=(const BoundPour&) = delete;

 private:
  PourTexts texts_;
};

/// Throws `SqlError` (SQLITE_CORRUPT), naming the column, if it holds no state.
[[nodiscard]] control::PourState read_state(const Statement& row, int column,
                                            std::string_view name);

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
