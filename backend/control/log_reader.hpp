// The port for reading the log: pages of events, and single pours with their history.
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
};

}  // namespace pourtocol::control
