// Which orders a dispenser takes, and what it says to the others.
#include <algorithm>

#include "core/assert.hpp"
#include "firmware/core/dispenser.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::firmware {

using protocol::OrderRejected;
using protocol::PourOutcome;
using protocol::Refusal;

namespace {

bool in_range(Millilitres amount) {
  return protocol::amount_min <= amount && amount <= protocol::amount_max;
}

}  // namespace

void Dispenser::handle_order(const protocol::DispenseOrder& order, Effects& effects) noexcept {
  if (!in_range(order.amount) || order.request_id.empty()) {
    effects.push_back(Reply{rejected(Refusal::bad_order, "An order needs an id and 1 to 60 ml.")});
    return;
  }
  take({.id = order.request_id, .guard = order.guard}, course_of(order.amount), effects);
}

void Dispenser::handle_service(const protocol::ServiceOrder& order, Effects& effects) noexcept {
  const std::string_view flaw = protocol::flaw_of(order);
  if (!flaw.empty() || order.request_id.empty()) {
    effects.push_back(
        Reply{rejected(Refusal::bad_order, flaw.empty() ? "A service run needs an id." : flaw)});
    return;
  }
  take({.id = order.request_id, .guard = order.guard}, course_of(order, expect(config_, tuning_)),
       effects);
}

void Dispenser::take(const Wish& wish, const Course& course, Effects& effects) noexcept {
  POURTOCOL_ASSERT(writing_ == Writing::nothing);
  const bool guests = course.purpose == protocol::Purpose::pour;
  if (const auto answer = answer_to_known(wish.id)) {
    effects.push_back(Reply{*answer});
  } else if (const auto closed = answer_to_closed(wish)) {
    effects.push_back(Reply{*closed});
  } else if (guests && !tuning_.calibrated()) {
    refuse(wish, rejected(Refusal::not_calibrated, "The dispenser has not been calibrated."),
           effects);
  } else if (const auto refusal = refusal_of(wish)) {
    refuse(wish, *refusal, effects);
  } else {
    close(wish);
    wish_ = wish;
    pour_.emplace(expect(config_, tuning_), wish.id, course);
    doubts_ = 0;
    ++pours_total_;
    write(Writing::started, RecordKind::started, pour_->if_power_were_lost(), effects);
  }
}

std::optional<OrderReply> Dispenser::answer_to_known(const RequestId& id) const noexcept {
  if (pour_ && pour_->id() == id) return protocol::OrderAccepted{.repeated = true};
  for (const Remembered& remembered : ring_) {
    if (remembered.pour.request_id != id) continue;
    if (remembered.pour.outcome == PourOutcome::cancelled) {
      return rejected(Refusal::cancelled, "This order was stopped before it began.");
    }
    return protocol::OrderAccepted{.repeated = true};
  }
  return std::nullopt;
}

/// What is said to an order that must not be poured, though it is no pour that the ring knows.
std::optional<OrderRejected> Dispenser::answer_to_closed(const Wish& wish) const noexcept {
  if (closed_.was_stopped(wish.id)) {
    return rejected(Refusal::cancelled, "This order was stopped before it began.");
  }
  if (!wish.guard || lateness_of(wish.guard)) return std::nullopt;  // refused for that, if at all
  if (wish.guard->expires > now_ + guard_ahead_max) {
    return rejected(Refusal::bad_order, "expires_ms lies too far ahead: at most 10 seconds.");
  }
  if (closed_.was_answered(wish.id, now_)) {
    return rejected(Refusal::cancelled, "This order was refused already.");
  }
  if (closed_.may_be_forgotten(wish.guard->expires)) {
    return rejected(Refusal::busy, "Too many orders came at once; make a new one.");
  }
  return std::nullopt;
}

/// From now on, and for as long as a copy of it may come, nothing else is poured under this id.
void Dispenser::close(const Wish& wish) noexcept {
  if (!wish.guard || lateness_of(wish.guard)) return;
  closed_.add_answered(wish.id, wish.guard->expires, now_);
}

void Dispenser::refuse(const Wish& wish, const OrderRejected& refusal, Effects& effects) noexcept {
  close(wish);
  effects.push_back(Reply{refusal});
}

std::optional<Dispenser::Lateness> Dispenser::lateness_of(
    const std::optional<protocol::OrderGuard>& guard) const noexcept {
  if (!guard) return std::nullopt;
  if (guard->boot_id != boot_id_) return Lateness::other_boot;
  if (now_ > guard->expires) return Lateness::expired;
  return std::nullopt;
}

std::optional<OrderRejected> Dispenser::refusal_of(const Wish& wish) const noexcept {
  if (const auto late = lateness_of(wish.guard)) {
    return *late == Lateness::other_boot
               ? rejected(Refusal::wrong_boot,
                          "The dispenser has restarted since this order was made.")
               : rejected(Refusal::expired, "The order came too late.");
  }
  if (pour_) return rejected(Refusal::busy, "Another pour is running.");
  if (!faults_.empty()) return rejected(Refusal::fault, "A fault is standing; see the status.");
  if (stop_pressed_) return rejected(Refusal::busy, "The stop button is held down.");
  if (!glass_.there()) return rejected(Refusal::no_glass, "No glass is standing there.");
  return std::nullopt;
}

}  // namespace pourtocol::firmware
