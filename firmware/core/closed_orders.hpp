// Ids under which nothing may be poured (any more), whatever the ring of pours says: orders that
// were answered, and orders that were stopped before they came. Kept in memory only: a boot changes
// the boot id, and with it every guard fails.
//
// Whoever is on the network can send orders and stops. So a flood of them must not make an id be
// forgotten while its order may still come: of guarded orders none is, and stops of orders that
// nobody knows are limited in rate, so that each that was taken outlives the last order it can be
// about. (An order without a guard has no last moment: of those, the newest are remembered.)
#pragma once

#include <chrono>
#include <cstddef>

#include "core/fixed_vector.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::firmware {

/// How far ahead a guard may lie. The server's orders live for five seconds.
inline constexpr std::chrono::milliseconds guard_ahead_max{10'000};
/// Stops of orders that have not come: so many at once, and one more each interval.
inline constexpr std::size_t early_stops_at_once = 8;
inline constexpr std::chrono::milliseconds early_stop_interval{500};

class ClosedOrders {
 public:
  /// An order with that guard was taken or refused.
  void add_answered(const RequestId& id, Uptime expires, Uptime now) noexcept;
  /// A stop named an order that has not come, and that no stop is known of. False: there were too
  /// many of those lately, and this one is not remembered.
  [[nodiscard]] bool add_stopped(const RequestId& id, Uptime now) noexcept;

  [[nodiscard]] bool was_answered(const RequestId& id, Uptime now) const noexcept;
  [[nodiscard]] bool was_stopped(const RequestId& id) const noexcept;
  /// Whether an order that expires then may have been answered and is no longer known: whatever
  /// has to be forgotten closes all that expire no later.
  [[nodiscard]] bool may_be_forgotten(Uptime expires) const noexcept {
    return expires <= forgotten_up_to_;
  }

  static constexpr std::size_t answered_max = protocol::recent_pours_max;
  static constexpr std::size_t stopped_max = 32;
  using Stopped = FixedVector<RequestId, stopped_max>;
  /// Oldest first.
  [[nodiscard]] const Stopped& stopped() const noexcept { return stopped_; }

 private:
  struct Answered {
    RequestId id;
    Uptime expires{0};
  };
  FixedVector<Answered, answered_max> answered_;
  Uptime forgotten_up_to_{-1};
  Stopped stopped_;
  Uptime stops_paid_until_{0};  ///< each early stop costs an interval; ahead of now: so many lately

  static_assert(stopped_max >= early_stops_at_once + guard_ahead_max / early_stop_interval,
                "a stop that was taken must be remembered for as long as its order may come");
};

}  // namespace pourtocol::firmware
