// When each tap is due next, so that nobody has to ask all of them.
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "backend/control/device_link.hpp"
#include "core/time.hpp"

namespace pourtocol::control {

class Deadlines {
 public:
  /// `Instant::max()`: nothing is awaited.
  void set(TapIndex tap, Instant at);
  /// `Instant::max()` for never.
  [[nodiscard]] Instant earliest() const noexcept;
  /// The taps that are due at `now`, in the order of the configuration.
  [[nodiscard]] std::vector<TapIndex> due(Instant now) const;

 private:
  using Entry = std::pair<Instant, TapIndex>;

  std::vector<Instant> by_tap_;  ///< what the tap's entry in `ordered_` says; else the maximum
  std::set<Entry> ordered_;
};

}  // namespace pourtocol::control
