// Pours that a tap's machine has in its record though nobody ordered them here: somebody did so at
// the machine itself, or through another server. They flowed, so they belong into the log.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "backend/control/audit_log.hpp"
#include "core/ids.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::control {

/// Goes by the machine's own count of pours. What it had counted when it was first met, or before
/// the newest pour that the log has of it, is past: an old machine does not fill a new log. What it
/// counts after that is looked at once in each run of the server; that nothing is written twice is
/// the log's care.
class FoundPours {
 public:
  struct Found {
    protocol::RecentPour record;
    std::uint32_t counted_before = 0;  ///< pours that the machine had counted before this one
  };

  /// What the file says of the tap, or nothing.
  void on_recovered(const std::optional<Recovered::Counted>& counted) {
    counted_ = counted ? counted : met_;
  }
  /// A pour of that id is ordered here.
  void ordered_here(const RequestId& id);

  /// The pours that have ended since the last look and were not ordered here, oldest first. Of more
  /// than any machine can pour, the rest are no pours, and would fill the log.
  [[nodiscard]] std::vector<Found> look(const protocol::DeviceDetails& details, Instant now);

 private:
  [[nodiscard]] bool can_have_poured(Instant now) noexcept;

  std::optional<Recovered::Counted> counted_;  ///< how far the machine's record was looked at
  std::optional<Recovered::Counted> met_;      ///< what it had counted when it was met in this run
  Instant poured_until_ = Instant::min();      ///< had each found pour taken the least time
  std::deque<RequestId> ours_;                 ///< the newest, as many as a machine remembers
};

}  // namespace pourtocol::control
