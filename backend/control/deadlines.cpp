#include "backend/control/deadlines.hpp"

#include <algorithm>

namespace pourtocol::control {

void Deadlines::set(TapIndex tap, Instant at) {
  const auto place = static_cast<std::size_t>(tap);
  if (place >= by_tap_.size()) by_tap_.resize(place + 1, Instant::max());
  const Instant before = std::exchange(by_tap_[place], at);
  if (at == before) return;
  // An entry that moves keeps its memory.
  auto entry = ordered_.extract({before, tap});
  if (at == Instant::max()) return;
  if (entry.empty()) {
    ordered_.emplace(at, tap);
  } else {
    entry.value().first = at;
    ordered_.insert(std::move(entry));
  }
}

Instant Deadlines::earliest() const noexcept {
  return ordered_.empty() ? Instant::max() : ordered_.begin()->first;
}

std::vector<TapIndex> Deadlines::due(Instant now) const {
  std::vector<TapIndex> taps;
  for (const auto& [at, tap] : ordered_) {
    if (at > now) break;
    taps.push_back(tap);
  }
  std::ranges::sort(taps);
  return taps;
}

}  // namespace pourtocol::control
