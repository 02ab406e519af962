// How a tap's pour goes on once its order has been sent, and what happens to it when it is stopped,
// when the log is lost and when it is found again.
#include <algorithm>
#include <utility>

#include "backend/control/tap.hpp"
#include "backend/control/wording.hpp"
#include "core/assert.hpp"

namespace pourtocol::control {

// ---- from the order to its end ------------------------------------------------------------------

void Tap::on_status(const StatusAnswered& answer, Turn& turn) {
  if (!monitor_.take(answer, turn.now())) return;
  const bool received = std::holds_alternative<StatusReceived>(answer.result);
  if (received) identify(turn);
  if (!is_online(turn.now())) identities_.lost(index_);
  if (order_ && order_->checking) {
    if (received) {
      on_checked(turn);
    } else {
      refuse(Cause::offline, turn);
    }
  } else if (received) {
    const bool another = another_machine_answers();
    advance({.status = another ? nullptr : &*monitor_.status(),
             .asked_at = answer.asked_at,
             .now = turn.now(),
             .contact_lost = false,
             .another_machine = another},
            turn);
    resolve_late(turn);
    write_found(turn);
  }
  monitor_.plan(turn.now(), pace());
  show(turn);
}

/// Whose machine has answered: the first that a tap hears of is remembered, another is looked for.
void Tap::identify(Turn& turn) {
  identities_.saw(index_, *monitor_.status());
  if (const auto newcomer = identities_.newcomer(index_)) {
    identities_.remember(index_, newcomer);
    turn.submit(
        MachineWrite{
            .tap = own_.name, .machine = newcomer, .taken_from = {}, .act = {}, .at = turn.wall()},
        MachinePending{.ticket = {}, .tap = index_, .machine = newcomer});
  }
  if (another_machine_answers()) {
    monitor_.distrust();
    turn.emit(DoubtDeviceAddress{.tap = index_});
  }
  warn_of_machine(turn);
}

/// Once for each thing that is to be told.
void Tap::warn_of_machine(Turn& turn) {
  if (std::exchange(warned_at_, identities_.revision()) == identities_.revision()) return;
  const MachineView view = identities_.view(index_);
  const bool first_twin = warned_of_.also_at.empty() && !view.also_at.empty();
  if (view.mismatch && view.mismatch != warned_of_.mismatch) {
    turn.emit(Warn{.text = "tap " + std::string{own_.name.view()} + " (" + own_.address +
                           "): " + sentence_of(view) + ". It gets no order. " +
                           std::string{action_for_machine(view)}});
  } else if (first_twin) {
    turn.emit(Warn{.text = "tap " + std::string{own_.name.view()} + ": the address of tap " +
                           std::string{view.also_at.front().view()} +
                           " leads to its machine, too. Each tap needs a machine of its own."});
  }
  warned_of_ = view;
}

/// Than the tap's, or than the one to which the order went that is open.
bool Tap::another_machine_answers() const {
  if (!monitor_.status()) return false;
  if (is_of_another_machine()) return true;
  const bool sent = order_ && order_->pour.state != PourState::fresh;
  return sent && !is_of_its_machine(order_->pour, *monitor_.status());
}

void Tap::on_identities_changed(Turn& turn) {
  if (is_online(turn.now())) identify(turn);
  monitor_.hurry();
  on_time(turn);
}

void Tap::on_time(Turn& turn) {
  const bool lost = !is_online(turn.now());
  if (lost) identities_.lost(index_);
  advance({.status = nullptr,
           .asked_at = {},
           .now = turn.now(),
           .contact_lost = lost,
           .another_machine = another_machine_answers()},
          turn);
  if (const auto call = monitor_.due(turn.now(), pace())) ask_status(*call, turn);
  show(turn);
}

void Tap::advance(const Evidence& evidence, Turn& turn) {
  const auto can_step = [&] {
    return order_ && turn.shared().store_ready &&
           (order_->pour.state == PourState::accepted || order_->pour.state == PourState::unclear);
  };
  if (!can_step()) return;
  Watch& watch = order_->watch;
  take_note(order_->pour, evidence, watch);
  while (can_step()) {
    watch.may_send_again = order_->attempts > 0 &&
                           order_->attempts < turn.settings().order_attempts &&
                           !cause_against_sending(turn);
    const auto step = next_step(order_->pour, watch, evidence);
    if (!step) break;
    take_step(*step, turn);
  }
  if (order_) renew(evidence, order_->pour.context);
}

void Tap::take_step(const Step& step, Turn& turn) {
  order_->pour.delivery = step.delivery;
  order_->pour.stop_reason = step.stop_reason;
  if (!step.detail.empty()) order_->pour.detail = step.detail;
  write_step(step.to, step.cause, turn);
}

void Tap::write_step(PourState to, Cause cause, Turn& turn) {
  Order& order = *order_;
  const PourState from = order.pour.state;
  POURTOCOL_ASSERT(is_legal(from, to));
  order.pour.state = to;
  order.pour.cause = cause;
  order.pour.updated_at = turn.wall();
  if (to == PourState::sending) {
    turn.submit(StepWrite{.from = from, .pour = order.pour}, StartPending{.tap = index_});
    return;
  }
  // Nobody is told anything before it is durable.
  StepPending pending;
  const DispenseAnswer answer =
      to == PourState::unclear ? no_answer_for(order.pour) : answer_for(order.pour);
  for (const Ticket ticket : std::exchange(order.waiting, {})) {
    pending.answers.emplace_back(ticket, answer);
  }
  turn.submit(StepWrite{.from = from, .pour = order.pour}, std::move(pending));
  if (!is_final(to)) return;
  // A guest is not shown a service run as the pour before theirs.
  if (order.pour.purpose == protocol::Purpose::pour) last_ = order.pour;
  if (to == PourState::unknown && order.pour.context.guard) unresolved_ = order.pour;
  order_.reset();
  monitor_.hurry();
}

void Tap::resolve_late(Turn& turn) {
  if (!unresolved_ || !turn.shared().store_ready || !monitor_.speaks_version_2()) return;
  // Nor of another machine: one that was told to stop the pour says that it was cancelled.
  if (is_of_another_machine() || !is_of_its_machine(*unresolved_, *monitor_.status())) return;
  const protocol::DeviceDetails& details = *monitor_.status()->details;
  const auto step = late_evidence(*unresolved_, details);
  if (!step) {
    if (is_past_telling(*unresolved_, details)) unresolved_.reset();
    return;
  }
  Pour pour = *std::exchange(unresolved_, std::nullopt);
  pour.state = step->to;
  pour.cause = step->cause;
  pour.delivery = step->delivery;
  pour.stop_reason = step->stop_reason;
  pour.updated_at = turn.wall();
  if (last_ && last_->request_id == pour.request_id) last_ = pour;
  turn.submit(StepWrite{.from = PourState::unknown, .pour = pour}, StepPending{});
}

/// What the machine poured for others goes into the log, too.
void Tap::write_found(Turn& turn) {
  if (!turn.shared().store_ready || !monitor_.speaks_version_2()) return;
  if (another_machine_answers()) return;
  for (const FoundPours::Found& found : found_.look(*monitor_.status()->details, turn.now())) {
    turn.submit(FoundWrite{.pour = found_pour(found, turn)}, StepPending{});
  }
}

Pour Tap::found_pour(const FoundPours::Found& found, Turn& turn) const {
  const protocol::RecentPour& record = found.record;
  Pour pour;
  pour.request_id = record.request_id;
  pour.tap = own_.name;
  pour.amount_ml = record.requested.count();
  pour.purpose = record.purpose;
  pour.cause = Cause::ordered_at_machine;
  pour.context.pours_total = found.counted_before;
  pour.context.machine = monitor_.status()->details->machine_id;
  pour.most = own_.most_for(record.requested);
  pour.detail = impossible_claim(record, pour);
  if (pour.detail.empty()) {
    const Step step = step_of(record);
    pour.state = step.to;
    pour.delivery = step.delivery;
    pour.stop_reason = step.stop_reason;
  } else {
    pour.state = PourState::unknown;
    pour.delivery = anything_up_to(pour.most);
  }
  pour.started_at = turn.wall();
  pour.updated_at = turn.wall();
  return pour;
}

// ---- stopping, losing and finding the log -------------------------------------------------------

std::optional<CallId> Tap::stop(bool only_if_open, Turn& turn) {
  if (order_ && order_->checking) {
    refuse(Cause::stopped, turn);
    show(turn);
  }
  if (order_) order_->stop_wanted = true;
  const bool sent = order_ && order_->pour.state != PourState::fresh;
  if (!sent && only_if_open) return std::nullopt;
  protocol::StopOrder stop;
  if (order_) stop.request_id = order_->pour.request_id;
  return stop_calls_.ask(stop, turn);
}

void Tap::on_stop(const StopAnswered& answer, Turn& turn) {
  stop_calls_.on_answer(answer.call, turn);
}

void Tap::hold(bool submitted, Turn& turn) {
  if (submitted) {
    ++stops_under_way_;
    stop_unwritten_ = false;
  } else {
    stop_unwritten_ = true;
  }
  if (order_) order_->stop_wanted = true;
  show(turn);
}

void Tap::on_hold_written(bool stop, std::optional<StopNumber> newest, Turn& turn) {
  if (stop) --stops_under_way_;
  if (newest) {
    stop_ = *newest;
  } else if (stop) {
    stop_unwritten_ = true;
  }
  show(turn);
}

void Tap::on_hold_recovered(StopNumber stop, Turn& turn) {
  // The file may only add to what is stopped: whether a release is in it nobody was told.
  stop_ = std::max(stop_, stop);
  if (held() && order_) order_->stop_wanted = true;
  show(turn);
}

void Tap::on_store_lost(Turn& turn) {
  if (order_ && order_->pour.state == PourState::fresh) {
    drop_unstarted(AnswerCode::store_failed, turn);
  } else if (order_) {
    answer_waiting(unrecorded_answer_for(order_->pour.request_id, own_.name), turn);
    order_.reset();
  }
  show(turn);
}

void Tap::on_recovered(std::optional<Pour> open, std::optional<Pour> unresolved, Turn& turn) {
  // Of an order without a guard our firmware never heard: its record is not about that one.
  const bool may_be_told = unresolved && unresolved->context.guard;
  unresolved_ = may_be_told ? std::move(unresolved) : std::nullopt;
  order_.reset();
  for (const auto& ours : {open, unresolved_}) {
    if (ours) found_.ordered_here(ours->request_id);
  }
  if (open) {
    Order& order = order_.emplace(Order{});
    order.pour = std::move(*open);
    watch_from_now(turn);
    order.watch.answered_at = turn.now();
    recall_times(turn);
    // No attempts: an order whose client has long been told otherwise is not sent again.
    if (order.pour.state != PourState::unclear) {
      write_step(PourState::unclear, Cause::server_restarted, turn);
    }
  }
  monitor_.hurry();
  show(turn);
}

/// The instants that a file tells hold while this computer has not been restarted. If it has, all
/// the time since is at least what has passed; if nobody knows, nothing has passed for sure.
void Tap::recall_times(Turn& turn) {
  Watch& watch = order_->watch;
  OrderContext& context = order_->pour.context;
  const bool is_known = !context.clock.empty();
  const bool goes_on = is_known && context.clock == turn.settings().clock;
  context.clock = turn.settings().clock;
  if (!goes_on) {
    context.uptime_at = is_known ? Instant{} : turn.now();
    context.sent_at = Instant{};
    return;
  }
  watch.begun_after = context.sent_at;
  if (order_->pour.accepted) {
    const Instant answered_by = context.sent_at + turn.settings().dispense_timeout;
    watch.answered_at = std::min(answered_by, turn.now());
  }
}

void Tap::on_shutdown(Turn& turn) {
  if (!order_ || !order_->checking) return;
  drop_unstarted(AnswerCode::shutting_down, turn);
  show(turn);
}

Instant Tap::next_deadline(Instant now) const {
  Instant next = monitor_.next_deadline(now);
  const bool awaited = order_ && (order_->pour.state == PourState::accepted ||
                                  order_->pour.state == PourState::unclear);
  if (awaited && order_->watch.give_up_at > now) next = std::min(next, order_->watch.give_up_at);
  return next;
}

void Tap::ask_status(const StatusCall& call, Turn& turn) {
  const CallId id = turn.new_call();
  monitor_.asked(id);
  turn.emit(CallDeviceStatus{.tap = index_, .id = id, .call = call});
}

void Tap::answer_waiting(const DispenseAnswer& answer, Turn& turn) {
  for (const Ticket ticket : std::exchange(order_->waiting, {})) turn.answer(ticket, answer);
}

}  // namespace pourtocol::control
