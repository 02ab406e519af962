// What the live stream has still to tell, and when: at once in a small house, merged to some ten
// messages a second in a busy one, so that hundreds of taps do not flood a phone. Pure.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <variant>
#include <vector>

#include "backend/control/device_link.hpp"
#include "backend/control/log_reader.hpp"
#include "core/time.hpp"

namespace pourtocol::routes {

/// Nothing is lost: every row is told, and of each tap the state it has when it is told.
class PendingChanges {
 public:
  /// So many messages may follow each other at once; then one may every `interval`.
  static constexpr int burst = 10;
  static constexpr Duration interval = std::chrono::milliseconds{100};

  /// A tap whose present state is to be told, or a row.
  using Change = std::variant<control::TapIndex, control::LogRow>;

  void note(control::TapIndex tap);
  void note(control::LogRow row) { pending_.emplace_back(std::move(row)); }

  [[nodiscard]] bool empty() const noexcept { return pending_.empty(); }
  /// When the next message may go, be there one or not.
  [[nodiscard]] Instant due() const noexcept { return used_up_to_ - (burst - 1) * interval; }
  /// All that is pending, oldest first, for one message that goes now, due or not.
  [[nodiscard]] std::vector<Change> take(Instant now);

 private:
  std::vector<Change> pending_;
  std::unordered_set<control::TapIndex> taps_;  ///< among them
  /// The messages told so far, one `interval` each, last until then.
  Instant used_up_to_{};
};

}  // namespace pourtocol::routes
