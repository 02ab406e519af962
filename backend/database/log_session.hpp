// What the reader of the log asks of its connection. Of the reader's thread alone.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backend/control/log_reader.hpp"
#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

/// A read-only connection and its statements. Everything throws `SqlError`.
class LogSession {
 public:
  /// Refuses a file that `SqliteAuditLog::open` has not created or migrated.
  explicit LogSession(const std::filesystem::path& file);

  std::vector<control::LogRow> read_log(control::LogQuery query);
  std::optional<control::PourWithHistory> find_pour(const RequestId& id);
  std::string read_head();
  std::vector<control::TapTotal> read_totals(const std::vector<TapName>& taps, WallTime since);

 private:
  /// Ids from `first` up to, but not including, `end`.
  struct Ids {
    std::int64_t first = 0;
    std::int64_t end = 0;
  };
  /// Narrows `query` to the ids that rows of its span of time can have. What lies between may still
  /// be outside of the span where the clock was set back.
  void narrow_to_span(control::LogQuery& query);
  /// The first id of `run` at which the clock had reached `time`; its end if it never did.
  std::int64_t reached(const Ids& run, WallTime time);
  std::vector<Ids> clock_runs();
  Statement& statement_for(const control::LogQuery& query);

  Connection connection_;
  std::array<std::optional<Statement>, 128> log_;  ///< one for each set of filters
  Statement find_pour_;
  Statement history_;
  Statement totals_;
  Statement clock_turns_;
  Statement last_id_;
  Statement time_at_;
};

}  // namespace pourtocol::database
