#include "simulation/network.hpp"

#include <algorithm>
#include <utility>

namespace pourtocol::simulation {

namespace {

using namespace std::chrono_literals;
using control::NotSent;
using control::OrderResult;
using protocol::UnclearAnswer;

/// The guests of this party order drinks; nobody runs a pump for another purpose.
const protocol::DispenseOrder& drink_of(const control::OrderCall& call) {
  return std::get<protocol::DispenseOrder>(call.order);
}

}  // namespace

void Network::partition(control::TapIndex tap, Duration time) {
  auto& until = cut_until_[static_cast<std::size_t>(tap)];
  until = std::max(until, schedule_.now() + time);
}

void Network::heal() {
  std::fill(cut_until_.begin(), cut_until_.end(), Instant{});
}

bool Network::passes(control::TapIndex tap) const {
  return schedule_.now() >= cut_until_[static_cast<std::size_t>(tap)];
}

Duration Network::latency() {
  return Duration{random_.between(1'000, 20'000)};
}

// ---- status -------------------------------------------------------------------------------------

void Network::status(control::TapIndex tap, const control::StatusCall& call,
                     PendingPtr<control::StatusResult> pending) {
  schedule_.after(call.wait + call.timeout, [pending] {
    pending->resolve(
        control::StatusFailed{.why = control::NoStatus::unreachable, .detail = "timed out"});
  });
  if (random_.chance(faults_.request_lost)) return;
  schedule_.after(latency(), [this, tap, call, pending] {
    if (!passes(tap) || !at(tap).responsive()) return;
    at(tap).take_status(
        call.after_version, call.wait, [this, tap, pending](protocol::DeviceStatus status) {
          if (random_.chance(faults_.answer_lost)) return;
          if (random_.chance(faults_.answer_garbage)) {
            pending->resolve(
                control::StatusFailed{.why = control::NoStatus::not_a_device, .detail = "garbage"});
            return;
          }
          schedule_.after(latency(), [this, tap, pending, status] {
            if (passes(tap)) pending->resolve(control::StatusReceived{status});
          });
        });
  });
}

// ---- orders -------------------------------------------------------------------------------------

void Network::order(control::TapIndex tap, const control::OrderCall& call,
                    PendingPtr<OrderResult> pending) {
  if (!passes(tap) || random_.chance(faults_.connect_refused)) {
    const Duration wait = passes(tap) ? latency() : call.timeout;
    schedule_.after(wait, [pending] { pending->resolve(NotSent{"connection refused"}); });
    return;
  }
  const protocol::DispenseOrder& order = drink_of(call);
  witness_.order_leaves(tap, order);
  schedule_.after(call.timeout, [pending] { pending->resolve(UnclearAnswer::timed_out); });
  if (bug_ == Bug::retry_after_timeout) {
    schedule_.after(call.timeout - 100ms, [this, tap, order, pending] {
      if (!pending->answered) {
        witness_.order_leaves(tap, order);
        deliver_order(tap, order, pending);
      }
    });
  }
  if (random_.chance(faults_.request_lost)) return;
  const auto arrive_after = [&](Duration wait) {
    schedule_.after(wait, [this, tap, order, pending] { deliver_order(tap, order, pending); });
  };
  // Our firmware must bear any lateness, and copies. To a device of the seed's contract nothing
  // comes later than the margin the server waits (`Settings::unclear_margin`).
  const bool guarded = at(tap).protocol() == 2;
  const bool late = random_.chance(faults_.request_late);
  const Duration latest = guarded ? Duration{20s} : Duration{4s};
  arrive_after(late ? Duration{random_.between(20'000, latest.count())} : latency());
  if (guarded && random_.chance(faults_.request_doubled)) {
    arrive_after(Duration{random_.between(20'000, latest.count())});
  }
}

void Network::deliver_order(control::TapIndex tap, const protocol::DispenseOrder& order,
                            PendingPtr<OrderResult> pending) {
  if (!passes(tap) || !at(tap).responsive()) return;
  const firmware::OrderReply reply = at(tap).take_order(order);
  witness_.order_taken(tap, order, reply);
  if (random_.chance(faults_.answer_lost)) return;
  OrderResult heard = as_heard(reply);
  schedule_.after(latency(), [this, tap, pending, heard = std::move(heard)] {
    if (passes(tap)) pending->resolve(heard);
  });
}

OrderResult Network::as_heard(const firmware::OrderReply& reply) {
  if (random_.chance(faults_.answer_reset)) return UnclearAnswer::connection_lost;
  if (random_.chance(faults_.answer_garbage)) return UnclearAnswer::not_the_contract;
  if (random_.chance(faults_.answer_error)) return UnclearAnswer::server_error;
  if (random_.chance(faults_.answer_wrong_id)) return UnclearAnswer::wrong_request_id;
  if (const auto* accepted = std::get_if<protocol::OrderAccepted>(&reply)) {
    if (bug_ == Bug::accept_then_say_no && random_.chance(0.05)) {
      return protocol::OrderRejected{.refusal = protocol::Refusal::no_glass, .text = {}};
    }
    return *accepted;
  }
  return std::get<protocol::OrderRejected>(reply);
}

// ---- stops --------------------------------------------------------------------------------------

void Network::stop(control::TapIndex tap, const control::StopCall& call,
                   PendingPtr<control::StopResult> pending) {
  schedule_.after(call.timeout, [pending] { pending->resolve(control::StopResult::no_answer); });
  if (random_.chance(faults_.request_lost)) return;
  schedule_.after(latency(), [this, tap, call, pending] {
    if (!passes(tap) || !at(tap).responsive()) return;
    const bool knows_stop = at(tap).protocol() == 2;
    if (knows_stop) {
      at(tap).take_stop(call.stop);
      witness_.stop_taken(tap, call.stop);
    }
    if (random_.chance(faults_.answer_lost)) return;
    schedule_.after(latency(), [this, tap, pending, knows_stop] {
      if (!passes(tap)) return;
      pending->resolve(knows_stop ? control::StopResult::stopped
                                  : control::StopResult::unsupported);
    });
  });
}

// ---- one run's calls ----------------------------------------------------------------------------

Network::Link::Link(Network& network, control::DeviceLinkListener& listener)
    : network_{network}, listener_{std::make_shared<control::DeviceLinkListener*>(&listener)} {}

Network::Link::~Link() {
  *listener_ = nullptr;
}

void Network::Link::call_status(control::TapIndex tap, control::CallId id,
                                const control::StatusCall& call) {
  auto pending = std::make_shared<Pending<control::StatusResult>>();
  pending->answer = [listener = listener_, tap, id,
                     asked_at = network_.schedule_.now()](control::StatusResult result) {
    if (*listener != nullptr) (*listener)->on_status(tap, id, asked_at, std::move(result));
  };
  network_.status(tap, call, std::move(pending));
}

void Network::Link::call_order(control::TapIndex tap, control::CallId id,
                               const control::OrderCall& call) {
  auto pending = std::make_shared<Pending<OrderResult>>();
  pending->answer = [listener = listener_, tap, id](OrderResult result) {
    if (*listener != nullptr) (*listener)->on_order(tap, id, std::move(result));
  };
  network_.order(tap, call, std::move(pending));
}

void Network::Link::call_calibration(control::TapIndex tap, control::CallId id,
                                     const control::CalibrationCall& call) {
  network_.schedule_.after(call.timeout, [listener = listener_, tap, id] {
    if (*listener != nullptr) (*listener)->on_calibration(tap, id, NotSent{"not reached"});
  });
}

void Network::Link::call_stop(control::TapIndex tap, control::CallId id,
                              const control::StopCall& call) {
  auto pending = std::make_shared<Pending<control::StopResult>>();
  pending->answer = [listener = listener_, tap, id](control::StopResult result) {
    if (*listener != nullptr) (*listener)->on_stop(tap, id, result);
  };
  network_.stop(tap, call, std::move(pending));
}

}  // namespace pourtocol::simulation
