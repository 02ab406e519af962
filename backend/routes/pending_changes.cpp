#include "backend/routes/pending_changes.hpp"

#include <algorithm>
#include <utility>

namespace pourtocol::routes {

void PendingChanges::note(control::TapIndex tap) {
  if (taps_.insert(tap).second) pending_.emplace_back(tap);
}

std::vector<PendingChanges::Change> PendingChanges::take(Instant now) {
  // Who tells before it is due does not use up more than there is.
  used_up_to_ = std::min(std::max(used_up_to_, now) + interval, now + burst * interval);
  taps_.clear();
  return std::exchange(pending_, {});
}

}  // namespace pourtocol::routes
