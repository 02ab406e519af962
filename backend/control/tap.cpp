#include "backend/control/tap.hpp"

#include <algorithm>
#include <utility>

#include "backend/control/wording.hpp"
#include "core/assert.hpp"
#include "protocol/codec.hpp"
#include "protocol/limits.hpp"
#include "protocol/numbers.hpp"

namespace pourtocol::control {

namespace {

Cause cause_of(protocol::UnclearAnswer answer) {
  switch (answer) {
    case protocol::UnclearAnswer::timed_out:
      return Cause::answer_timed_out;
    case protocol::UnclearAnswer::connection_lost:
      return Cause::connection_lost;
    case protocol::UnclearAnswer::server_error:
      return Cause::device_error;
    case protocol::UnclearAnswer::not_the_contract:
      return Cause::not_the_contract;
    case protocol::UnclearAnswer::wrong_request_id:
      return Cause::wrong_request_id;
  }
  return Cause::not_the_contract;
}

DispenseRequest request_of(const Pour& pour) {
  return {.amount_ml = pour.amount_ml,
          .user = pour.user,
          .tap = pour.tap,
          .key = pour.request_id,
          .purpose = pour.purpose,
          .run_time = pour.run_time,
          .portions = pour.portions};
}

protocol::ServiceKind service_kind_of(protocol::Purpose purpose) {
  using enum protocol::ServiceKind;
  for (const auto kind : {calibrate, prime, clean}) {
    if (protocol::purpose_of(kind) == purpose) return kind;
  }
  return empty_line;
}

Millilitres portion_of(const Pour& pour) {
  return Millilitres{ordered_amount(pour).count() / pour.portions};
}

std::variant<protocol::DispenseOrder, protocol::ServiceOrder> order_for(const Pour& pour) {
  if (pour.purpose == protocol::Purpose::pour) {
    return protocol::DispenseOrder{
        .amount = ordered_amount(pour), .request_id = pour.request_id, .guard = pour.context.guard};
  }
  // Whoever asked for it has confirmed it to this server, or the wish would not have come so far.
  protocol::ServiceOrder order{.kind = service_kind_of(pour.purpose),
                               .extent = portion_of(pour),
                               .confirmed = true,
                               .request_id = pour.request_id,
                               .guard = pour.context.guard,
                               .portions = pour.portions};
  if (pour.run_time.count() != 0) order.extent = pour.run_time;
  return order;
}

}  // namespace

// ---- what stands in the way ---------------------------------------------------------------------

std::optional<Cause> Tap::device_block(Instant now) const {
  if (is_starting()) return Cause::starting;
  if (monitor_.link(now) != LinkState::online) return Cause::offline;
  if (is_of_another_machine()) return Cause::wrong_machine;
  const protocol::DeviceStatus& status = *monitor_.status();
  if (status.details && !status.details->faults.empty()) return Cause::device_fault;
  if (status.state != protocol::DeviceState::idle) return Cause::busy;
  if (!status.glass_present) return Cause::no_glass;
  return std::nullopt;
}

std::optional<Cause> Tap::block(Instant now) const {
  if (held()) return Cause::stopped;
  if (order_) return phase() == PourPhase::unclear ? Cause::unclear_pour : Cause::busy;
  return device_block(now);
}

PourPhase Tap::phase() const noexcept {
  switch (order_->pour.state) {
    case PourState::sending:
      return PourPhase::sending;
    case PourState::accepted:
      return PourPhase::accepted;
    case PourState::unclear:
      return PourPhase::unclear;
    default:
      return PourPhase::starting;
  }
}

Monitor::Pace Tap::pace() const noexcept {
  if (!order_) return Monitor::Pace::idle;
  return phase() == PourPhase::unclear ? Monitor::Pace::unclear : Monitor::Pace::pouring;
}

// ---- from the wish to the order -----------------------------------------------------------------

Pour Tap::refused_pour(const DispenseRequest& request, const RequestId& id, Turn& turn) const {
  Pour pour;
  pour.request_id = id;
  pour.tap = own_.name;
  pour.user = request.user;
  pour.amount_ml = request.amount_ml;
  pour.purpose = request.purpose;
  pour.run_time = request.run_time;
  pour.portions = request.portions;
  pour.started_at = turn.wall();
  pour.updated_at = turn.wall();
  const auto stands_in_the_way = device_block(turn.now());
  if (stands_in_the_way == Cause::wrong_machine) {
    pour.detail = sentence_of(identities_.view(index_));
  } else if (stands_in_the_way == Cause::device_fault) {
    for (std::size_t i = 0; i < protocol::fault_count; ++i) {
      const auto fault = static_cast<protocol::Fault>(i);
      if (faults().contains(fault) && pour.detail.empty()) pour.detail = protocol::name_of(fault);
    }
  } else if (stands_in_the_way == Cause::busy &&
             monitor_.status()->state == protocol::DeviceState::other) {
    pour.detail = "says neither that it is idle nor that it pours";
  } else if (monitor_.trouble().value_or(NoStatus::unreachable) != NoStatus::unreachable) {
    constexpr std::size_t kept_max = 160;
    pour.detail = protocol::detail::cut_at_character(monitor_.failure(), kept_max);
  }
  return pour;
}

void Tap::begin_pour(Ticket ticket, const DispenseRequest& request, const RequestId& id,
                     Turn& turn) {
  POURTOCOL_ASSERT(!order_ && turn.shared().store_ready);
  Order& order = order_.emplace(Order{});
  order.pour = refused_pour(request, id, turn);
  order.pour.detail.clear();
  order.pour.most = most_for(order.pour);
  order.waiting.push_back(ticket);
  order.deadline = request.deadline;
  if (monitor_.must_ask_before_order()) {
    order.checking = true;
    ask_status(monitor_.at_once(), turn);
  } else {
    submit_start(turn);
  }
  show(turn);
}

bool Tap::join(Ticket ticket, const DispenseRequest& request, Turn& turn) {
  const Pour& pour = order_->pour;
  if (order_->waiting.empty()) return false;
  if (!is_for(pour, request)) {
    // Until this one is in the log, the key may be that of an earlier pour: the log knows.
    if (pour.state == PourState::fresh) return false;
    turn.answer(ticket, refusal(AnswerCode::key_conflict, own_.name));
  } else if (order_->waiting.size() >= turn.settings().waiting_per_pour) {
    turn.answer(ticket, refusal(AnswerCode::too_many_requests, own_.name));
  } else {
    order_->waiting.push_back(ticket);
    if (order_->deadline) {
      order_->deadline = request.deadline
                             ? std::optional{std::max(*order_->deadline, *request.deadline)}
                             : std::nullopt;
    }
  }
  return true;
}

bool Tap::is_too_late(Turn& turn) const noexcept {
  return order_->deadline && turn.now() > *order_->deadline;
}

void Tap::on_checked(Turn& turn) {
  order_->checking = false;
  if (is_too_late(turn)) return refuse(Cause::too_late, turn);
  if (const auto cause = device_block(turn.now())) return refuse(*cause, turn);
  submit_start(turn);
}

Microlitres Tap::most_for(const Pour& pour) const noexcept {
  if (pour.run_time.count() != 0) return own_.most_for(protocol::service_amount_max);
  // Whatever follows the pump does so after each portion.
  return Microlitres{own_.most_for(portion_of(pour)).count() * pour.portions};
}

Duration Tap::longest_for(const Pour& pour) const noexcept {
  if (pour.run_time.count() != 0) return own_.start_delay + pour.run_time;
  return (own_.longest_for(portion_of(pour)) + protocol::portion_pause) * pour.portions -
         protocol::portion_pause;
}

Duration Tap::shortest_for(const Pour& pour) const noexcept {
  if (pour.run_time.count() != 0) return Duration{0};
  return own_.shortest_for(ordered_amount(pour));
}

void Tap::watch_from_now(Turn& turn) {
  Watch& watch = order_->watch;
  watch.sent_at = turn.now();
  watch.longest = longest_for(order_->pour);
  watch.shortest = shortest_for(order_->pour);
  watch.give_up_at = turn.now() + watch.longest + turn.settings().unclear_margin;
}

std::optional<protocol::OrderGuard> Tap::guard(const Turn& turn) const {
  return monitor_.guard(turn.now(), turn.settings().order_lifetime);
}

void Tap::submit_start(Turn& turn) {
  Pour& pour = order_->pour;
  const protocol::DeviceStatus& status = *monitor_.status();
  if (pour.purpose != protocol::Purpose::pour && !status.details) {
    return refuse(Cause::service_unsupported, turn);
  }
  pour.context.uptime = status.uptime;
  pour.context.uptime_at = monitor_.answered_at();
  pour.context.sent_at = turn.now();
  pour.context.clock = turn.settings().clock;
  if (status.details) {
    pour.context.guard = guard(turn);
    pour.context.pours_total = status.details->pours_total;
    pour.context.machine = status.details->machine_id;
  }
  found_.ordered_here(pour.request_id);
  turn.submit(StartWrite{.pour = pour, .refusal = {}}, StartPending{.tap = index_});
}

void Tap::refuse(Cause cause, Turn& turn) {
  const Order order = *std::exchange(order_, std::nullopt);
  const DispenseRequest request = request_of(order.pour);
  // The first writes the refusal; the others, under the same key, will be told of it.
  for (const Ticket ticket : order.waiting) {
    turn.submit_refusal(ticket, request, refused_pour(request, order.pour.request_id, turn), cause);
  }
}

void Tap::drop_unstarted(AnswerCode code, Turn& turn) {
  answer_waiting(refusal(code, own_.name), turn);
  order_.reset();
}

void Tap::on_started(const WriteResult& result, Turn& turn) {
  if (!order_) return;
  Order& order = *order_;
  if (const auto* refused = std::get_if<Refused>(&result)) {
    order.pour.state = PourState::refused;
    order.pour.cause = refused->cause;
    answer_waiting(answer_for(order.pour), turn);
    order_.reset();
  } else if (const auto* known = std::get_if<AlreadyKnown>(&result)) {
    const bool same = known->pour.tap == own_.name && is_for(known->pour, request_of(order.pour));
    answer_waiting(same ? answer_for(known->pour) : refusal(AnswerCode::key_conflict, own_.name),
                   turn);
    order_.reset();
  } else if (std::holds_alternative<Overloaded>(result)) {
    drop_unstarted(AnswerCode::overloaded, turn);
  } else {
    order.pour.state = PourState::sending;
    const bool again = order.attempts > 0;
    if (again) {
      order.pour.cause = Cause::sent_again;
    }
    const auto cause = cause_against_sending(turn);
    if (cause) {
      // What has been stopped is never sent; nor sent again, though the first may still arrive.
      order.pour.delivery = again ? std::nullopt : std::optional{nothing_delivered()};
      write_step(again ? PourState::unclear : PourState::not_sent, *cause, turn);
    } else {
      send_order(turn);
    }
  }
  show(turn);
}

std::optional<Cause> Tap::cause_against_sending(Turn& turn) const noexcept {
  if (turn.shared().shutting_down) return Cause::shutting_down;
  if (order_->stop_wanted) return Cause::stopped_before_sending;
  if (is_too_late(turn)) return Cause::too_late;
  return std::nullopt;
}

void Tap::send_order(Turn& turn) {
  Order& order = *order_;
  if (order.attempts == 0) {
    watch_from_now(turn);
    order.watch.begun_after = order.pour.context.sent_at = turn.now();
  }
  order.watch.answered_at = Instant::max();
  ++order.attempts;
  order.call = turn.new_call();
  turn.emit(CallDeviceOrder{
      .tap = index_,
      .id = *order.call,
      .call = {.order = order_for(order.pour), .timeout = turn.settings().dispense_timeout}});
}

void Tap::on_order(const OrderAnswered& answer, Turn& turn) {
  if (!order_ || order_->call != answer.call) return;
  Order& order = *order_;
  order.call.reset();
  order.watch.answered_at = turn.now();
  const bool first = order.attempts == 1;
  if (std::holds_alternative<protocol::OrderAccepted>(answer.result)) {
    order.pour.accepted = true;
    write_step(PourState::accepted, Cause::device_accepted, turn);
  } else if (const auto* unclear = std::get_if<protocol::UnclearAnswer>(&answer.result)) {
    write_step(PourState::unclear, cause_of(*unclear), turn);
  } else if (!first) {
    // What became of the first sending is still open, whatever happened to this one.
    write_step(PourState::unclear, Cause::connection_lost, turn);
  } else if (const auto* rejected = std::get_if<protocol::OrderRejected>(&answer.result)) {
    order.pour.detail = rejected->text.view();
    order.pour.delivery = nothing_delivered();
    write_step(PourState::rejected, Cause::device_refused, turn);
  } else {
    order.pour.detail = std::get<NotSent>(answer.result).detail;
    order.pour.delivery = nothing_delivered();
    write_step(PourState::not_sent, Cause::connect_failed, turn);
  }
  // What the machine showed meanwhile may have overtaken its answer, and is not told twice. It was
  // asked before that answer, and proves nothing by what it does not name.
  if (const auto& status = monitor_.status(); status && !another_machine_answers()) {
    const Instant asked_at = std::min(monitor_.asked_at(), turn.now() - Duration{1});
    advance({.status = &*status,
             .asked_at = asked_at,
             .now = turn.now(),
             .contact_lost = false,
             .another_machine = false},
            turn);
  }
  monitor_.hurry();
  show(turn);
}

}  // namespace pourtocol::control
