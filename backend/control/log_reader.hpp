// The port for reading the log: pages of events, single pours with their history, and totals.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backend/control/pour.hpp"

namespace pourtocol::control {

/// Which rows, newest first. `before_id` pages towards older ones; `after_id` asks for newer ones
/// only.
struct LogQuery {
  std::uint32_t limit = 50;  ///< 1..1000
  std::optional<std::int64_t> before_id;
  std::optional<std::int64_t> after_id;
  std::optional<TapName> tap;
  std::optional<UserToken> user;
  std::optional<EventStatus> status;
  std::optional<WallTime> since;  ///< inclusive
  std::optional<WallTime> until;  ///< exclusive
};

/// One step of a pour, as `transitions` has it.
struct HistoryStep {
  WallTime at{};
  PourState from = PourState::fresh;
  PourState to = PourState::fresh;
  Cause cause = Cause::checks_passed;
  std::string detail;
};

struct PourWithHistory {
  Pour pour;
  std::vector<HistoryStep> history;  ///< oldest first
};

/// The settled pours of one tap in which something flowed, or may have. Service runs are not a
/// guest's pours and do not count.
struct TapTotal {
  TapName tap;
  std::int64_t pours = 0;
  /// The sum of what was measured; of a pour that nobody measured, of what was asked if it is
  /// `done`, else of the middle of its interval.
  Microlitres delivered;
};

enum class ReadError : std::uint8_t {
  overloaded,  ///< too many reads are waiting
  failed,      ///< the file cannot be read
};

template <class T>
using ReadCallback = std::move_only_function<void(std::expected<T, ReadError>)>;

/// Called from the event loop; returns at once; each callback is called exactly once, on the event
/// loop.
class LogReader {
 public:
  virtual ~LogReader() = default;
  virtual void read_log(const LogQuery& query, ReadCallback<std::vector<LogRow>> done) = 0;
  virtual void find_pour(const RequestId& id,
                         ReadCallback<std::optional<PourWithHistory>> done) = 0;
  /// Of the pours started at `since` or later, for each of `taps` in their order.
  virtual void read_totals(std::vector<TapName> taps, WallTime since,
                           ReadCallback<std::vector<TapTotal>> done) = 0;
  /// Where the log ends, as one line of printable ASCII: kept elsewhere, it shows later whether the
  /// log still holds the rows it held (docs/log.md).
  virtual void read_head(ReadCallback<std::string> done) = 0;
};

}  // namespace pourtocol::control
