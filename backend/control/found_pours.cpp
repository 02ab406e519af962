#include "backend/control/found_pours.hpp"

#include <algorithm>
#include <utility>

#include "backend/control/settle.hpp"

namespace pourtocol::control {

namespace {

/// A glass that is placed, filled and taken takes longer. A whole record may come at once, where
/// nobody has looked for long.
constexpr Duration pour_takes_least = std::chrono::seconds{1};
constexpr Duration record_takes_least = pour_takes_least * int{protocol::recent_pours_max};

}  // namespace

void FoundPours::ordered_here(const RequestId& id) {
  ours_.push_back(id);
  if (ours_.size() > protocol::recent_pours_max) ours_.pop_front();
}

bool FoundPours::can_have_poured(Instant now) noexcept {
  const Instant until = std::max(poured_until_, now) + pour_takes_least;
  if (until > now + record_takes_least) return false;
  poured_until_ = until;
  return true;
}

std::vector<FoundPours::Found> FoundPours::look(const protocol::DeviceDetails& details,
                                                Instant now) {
  const std::uint32_t running = details.pour ? 1 : 0;
  const std::uint32_t ended = details.pours_total - std::min(details.pours_total, running);
  const auto before = std::exchange(
      counted_, Recovered::Counted{.tap = {}, .machine = details.machine_id, .pours_total = ended});
  // Another machine, or one that has lost its record and counts anew: met now.
  const bool goes_on =
      before && before->machine == details.machine_id && before->pours_total <= ended;
  if (!goes_on) {
    met_ = counted_;
    return {};
  }
  std::vector<Found> found;
  std::uint32_t unseen = ended - before->pours_total;
  for (std::size_t i = details.recent.size(); i > 0 && unseen > 0; --i) {
    const protocol::RecentPour& record = details.recent[i - 1];
    if (!was_taken(record)) continue;
    --unseen;
    const bool ended_before_it_began = record.outcome == protocol::PourOutcome::cancelled;
    // How long a run by time was meant to be, a record does not say, and the log has no room for
    // one without.
    const bool has_amount = record.requested.count() > 0;
    const bool ours = std::find(ours_.begin(), ours_.end(), record.request_id) != ours_.end();
    if (has_amount && !ended_before_it_began && !ours && can_have_poured(now)) {
      found.push_back({.record = record, .counted_before = before->pours_total + unseen});
    }
  }
  std::reverse(found.begin(), found.end());
  return found;
}

}  // namespace pourtocol::control
