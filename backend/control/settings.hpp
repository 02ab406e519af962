// What the coordinator is told of taps and times. Plain values; backend/app fills them from the
// configuration and checks their ranges.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "core/units.hpp"

namespace pourtocol::control {

/// Also what a machine of version 2 keeps to, whatever its tap's settings say (PROTOCOL.md).
inline constexpr std::int64_t default_calibration_error_permille = 150;
inline constexpr Microlitres default_coast{4'000};

struct TapSettings {
  TapName name;
  std::string address;  ///< for people: shown by `why`, never interpreted here
  std::string drink;    ///< what it pours, for people; empty: not told

  /// ε: by how much the tap's calibration may be off, in thousandths. 15 % covers a bottle from
  /// full to empty (-10 %, and no device can rely on being told of a new one) and a supply that
  /// drifts (±3 %) at once.
  std::int64_t calibration_error_permille = default_calibration_error_permille;
  /// δ: what may still flow after the pump stops, with the last drops and a start sooner than
  /// expected. 2-3 ml are in the air at 10 ml/s.
  Microlitres coast = default_coast;
  /// The slowest flow this tap may have; with the start delay it bounds how long a pour can take.
  FlowRate slowest_flow{5'000};
  /// And the fastest: what is over sooner was not the whole amount. The strongest of the pumps in
  /// docs/hardware.md gives 25 ml/s at 5 V; this is a fifth more, for one of them that gives more.
  FlowRate fastest_flow{30'000};
  Duration start_delay = std::chrono::seconds{2};

  /// hi: the most an order of `amount` can physically deliver.
  [[nodiscard]] Microlitres most_for(Millilitres amount) const noexcept {
    return permille(amount.to_microlitres(), 1000 + calibration_error_permille) + coast;
  }
  /// The longest a pour of `amount` can take.
  [[nodiscard]] Duration longest_for(Millilitres amount) const noexcept {
    return start_delay + slowest_flow.time_for(most_for(amount));
  }
  /// No pump pours `amount` sooner.
  [[nodiscard]] Duration shortest_for(Millilitres amount) const noexcept {
    return fastest_flow.time_for(amount.to_microlitres());
  }
};

struct Settings {
  std::vector<TapSettings> taps;  ///< never empty; the first is the default tap
  ClockId clock;                  ///< of the instants of this run; empty: not known

  Duration status_timeout = std::chrono::seconds{1};
  Duration dispense_timeout = std::chrono::seconds{2};

  /// How often a device of the seed's contract is asked when nothing runs, and while it pours.
  Duration poll_idle = std::chrono::milliseconds{500};
  Duration poll_busy = std::chrono::milliseconds{150};
  /// How soon after a failed status the next is tried.
  Duration poll_retry = std::chrono::milliseconds{300};
  /// Our firmware is asked no sooner than this after it was asked before.
  Duration poll_least = std::chrono::milliseconds{50};
  /// How long our firmware may hold back a status until something changes.
  std::chrono::milliseconds long_poll = std::chrono::milliseconds{1000};

  /// A status older than this says nothing about now: the tap counts as offline.
  Duration status_stale = std::chrono::milliseconds{3000};
  /// An order of version 2 is refused by the device when it arrives later than this after the
  /// status it relies on.
  std::chrono::milliseconds order_lifetime = std::chrono::milliseconds{5000};
  /// What safety.md adds to the longest duration before an unclear pour is given up: W.
  Duration unclear_margin = std::chrono::seconds{5};
  /// How often an order of version 2 may be sent, the first time included.
  int order_attempts = 3;
  /// How many requests may wait for the answer to one order (a guest pressing again and again).
  std::size_t waiting_per_pour = 8;
  /// How many stops may wait for one machine to answer. Beyond that, who has waited the longest is
  /// told that it has not: a machine that hangs holds no more clients than that. At least 1.
  std::size_t stops_waiting_per_tap = 1'000;
};

}  // namespace pourtocol::control
