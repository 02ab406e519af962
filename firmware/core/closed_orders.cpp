#include "firmware/core/closed_orders.hpp"

#include <algorithm>

#include "core/assert.hpp"

namespace pourtocol::firmware {

void ClosedOrders::add_answered(const RequestId& id, Uptime expires, Uptime now) noexcept {
  POURTOCOL_ASSERT(expires <= now + guard_ahead_max);
  if (was_answered(id, now)) return;
  // What has expired need not be known any more; else what expires first is forgotten.
  if (answered_.full()) {
    Answered* const first =
        std::min_element(answered_.begin(), answered_.end(),
                         [](const auto& a, const auto& b) { return a.expires < b.expires; });
    if (first->expires >= now) forgotten_up_to_ = std::max(forgotten_up_to_, first->expires);
    *first = {.id = id, .expires = expires};
  } else {
    answered_.push_back({.id = id, .expires = expires});
  }
}

bool ClosedOrders::add_stopped(const RequestId& id, Uptime now) noexcept {
  POURTOCOL_ASSERT(!was_stopped(id));
  const Uptime begun = std::max(stops_paid_until_, now);
  if (begun - now > (early_stops_at_once - 1) * early_stop_interval) return false;
  stops_paid_until_ = begun + early_stop_interval;
  stopped_.push_back_dropping_oldest(id);
  return true;
}

bool ClosedOrders::was_answered(const RequestId& id, Uptime now) const noexcept {
  return std::any_of(answered_.begin(), answered_.end(), [&](const Answered& answered) {
    return answered.id == id && now <= answered.expires;
  });
}

bool ClosedOrders::was_stopped(const RequestId& id) const noexcept {
  return std::find(stopped_.begin(), stopped_.end(), id) != stopped_.end();
}

}  // namespace pourtocol::firmware
