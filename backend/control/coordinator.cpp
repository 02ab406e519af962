#include "backend/control/coordinator.hpp"

#include <algorithm>
#include <utility>

#include "backend/control/wording.hpp"
#include "core/assert.hpp"

namespace pourtocol::control {

namespace {

constexpr Duration recover_retry = std::chrono::seconds{1};

std::optional<Recovered::Counted> counted_of(const Recovered& recovered, const TapName& tap) {
  const auto found = std::find_if(recovered.counted.begin(), recovered.counted.end(),
                                  [&](const auto& counted) { return counted.tap == tap; });
  return found == recovered.counted.end() ? std::nullopt : std::optional{*found};
}

std::vector<TapName> names_in(const Settings& settings) {
  std::vector<TapName> names;
  for (const TapSettings& tap : settings.taps) names.push_back(tap.name);
  return names;
}

}  // namespace

Coordinator::Coordinator(Settings settings)
    : settings_{std::move(settings)},
      identities_{settings_},
      stops_{names_in(settings_), settings_.stops_waiting_per_tap} {
  POURTOCOL_ASSERT(!settings_.taps.empty());
  for (std::size_t i = 0; i < settings_.taps.size(); ++i) {
    const TapIndex index{static_cast<std::uint32_t>(i)};
    taps_.emplace_back(index, settings_.taps[i], settings_, identities_);
    by_name_.emplace(settings_.taps[i].name, index);
  }
}

void Coordinator::handle(const Event& event, const Now& now, Effects& effects) {
  Turn turn{now, settings_, shared_, effects};
  std::visit([&](const auto& happened) { on(happened, turn); }, event);
  stops_.finish(turn);
  finish_shutdown(turn);
}

Instant Coordinator::next_deadline() const {
  return std::min(recover_at_, shared_.deadlines.earliest());
}

// ---- wishes -------------------------------------------------------------------------------------

void Coordinator::on(const DispenseAsked& event, Turn& turn) {
  const auto index = event.request.tap ? find_tap(*event.request.tap) : TapIndex{0};
  if (!index) {
    turn.answer(event.ticket, refusal(AnswerCode::unknown_tap));
    return;
  }
  Tap& tap = at(*index);
  // A key that is being served comes first: the same wish must get the same answer, however things
  // stand meanwhile.
  if (tap.is_busy_with(event.id) && tap.join(event.ticket, event.request, turn)) return;
  if (shared_.shutting_down) {
    turn.answer(event.ticket, refusal(AnswerCode::shutting_down, tap.name()));
  } else if (!shared_.store_ready) {
    turn.answer(event.ticket, refusal(code_without_store<AnswerCode>(), tap.name()));
  } else if (event.request.deadline && turn.now() > *event.request.deadline) {
    refuse(event, tap, Cause::too_late, turn);
  } else if (!is_possible(tap.refused_pour(event.request, event.id, turn))) {
    refuse(event, tap, Cause::amount_out_of_range, turn);
  } else if (event.request.purpose != protocol::Purpose::pour && tap.knows_no_service()) {
    refuse(event, tap, Cause::service_unsupported, turn);
  } else if (const auto cause = tap.block(turn.now()); cause == Cause::starting) {
    turn.answer(event.ticket, refusal(AnswerCode::starting, tap.name()));
  } else if (cause) {
    refuse(event, tap, *cause, turn);
  } else {
    tap.begin_pour(event.ticket, event.request, event.id, turn);
  }
}

void Coordinator::refuse(const DispenseAsked& event, Tap& tap, Cause cause, Turn& turn) {
  turn.submit_refusal(event.ticket, event.request, tap.refused_pour(event.request, event.id, turn),
                      cause);
}

// ---- stopping -----------------------------------------------------------------------------------

void Coordinator::on(const StopAsked& event, Turn& turn) {
  if (const auto* id = std::get_if<RequestId>(&event.scope)) {
    return stop_pour(event.ticket, *id, turn);
  }
  const auto* name = std::get_if<TapName>(&event.scope);
  const auto indices = taps_in(name != nullptr ? std::optional{*name} : std::nullopt);
  if (indices.empty()) {
    turn.emit(AnswerStop{.ticket = event.ticket,
                         .answer = {.code = ControlCode::unknown_tap,
                                    .message = refusal(AnswerCode::unknown_tap).message,
                                    .taps = {}}});
    return;
  }
  stops_.begin(event.ticket);
  const auto under_way = sharing_.find(scope_of(indices));
  const bool shared = shared_.store_ready && under_way != sharing_.end();
  HoldWrite hold{.taps = {}, .held = true, .at = turn.wall()};
  for (const TapIndex index : indices) {
    // The pump first, the paper afterwards.
    stop_tap(index, /*only_if_open=*/false, event.ticket, turn);
    if (!shared) at(index).hold(shared_.store_ready, turn);
    hold.taps.push_back(at(index).name());
  }
  const bool early = !shared_.store_ready && !shared_.store_read;
  if (shared_.store_ready || early) {
    stops_.await_row(event.ticket, early);
  } else {
    stops_.on_row(event.ticket, /*failed=*/true);
  }
  if (shared) {
    under_way->second.push_back(event.ticket);
  } else if (shared_.store_ready) {
    sharing_.try_emplace(scope_of(indices));
    turn.submit(std::move(hold),
                HoldPending{.ticket = event.ticket, .held = true, .taps = indices});
  }
}

std::size_t Coordinator::scope_of(const std::vector<TapIndex>& taps) const noexcept {
  return taps.size() == 1 ? static_cast<std::size_t>(taps.front()) : taps_.size();
}

void Coordinator::stop_pour(Ticket ticket, const RequestId& id, Turn& turn) {
  const auto found = std::find_if(taps_.begin(), taps_.end(),
                                  [&](const Tap& tap) { return tap.is_busy_with(id); });
  if (found != taps_.end()) {
    stops_.begin(ticket);
    // What the log does not know yet could come once more after a crash: given up, too.
    const bool unwritten = found->has_unwritten_pour();
    if (unwritten) stops_.await_row(ticket, /*early=*/false);
    stop_tap(*find_tap(found->name()), /*only_if_open=*/true, ticket, turn);
    if (unwritten) give_up(ticket, id, turn);
  } else if (shared_.store_ready) {
    // Nobody here knows of it; whether the log does is decided where the id is given up.
    give_up(ticket, id, turn);
  } else {
    turn.emit(
        AnswerStop{.ticket = ticket, .answer = give_up_answer(code_without_store<ControlCode>())});
  }
}

void Coordinator::give_up(Ticket ticket, const RequestId& id, Turn& turn) {
  turn.submit(GiveUpWrite{.request_id = id, .at = turn.wall()}, GiveUpPending{.ticket = ticket});
}

void Coordinator::stop_tap(TapIndex index, bool only_if_open, Ticket ticket, Turn& turn) {
  Tap& tap = at(index);
  const TapView before = tap.view(turn.now(), shared_.log_block());
  const bool was_pouring = before.pour.has_value() ||
                           (before.status && before.status->state != protocol::DeviceState::idle);
  if (const auto call = tap.stop(only_if_open, turn)) {
    stops_.await_machine(ticket, index, *call, was_pouring);
  } else {
    stops_.note(ticket, index, TapStopCode::stopped);
  }
}

void Coordinator::on(const StopAnswered& event, Turn& turn) {
  at(event.tap).on_stop(event, turn);
  stops_.on_answer(event);
}

void Coordinator::on(const ResumeAsked& event, Turn& turn) {
  const ResumeRequest& request = event.request;
  const auto* name = std::get_if<TapName>(&request.scope);
  auto indices = taps_in(name != nullptr ? std::optional{*name} : std::nullopt);
  const auto answer = [&](ControlCode code) {
    turn.emit(AnswerResume{.ticket = event.ticket, .answer = resume_answer(code)});
  };
  if (indices.empty()) return answer(ControlCode::unknown_tap);
  if (!shared_.store_ready) return answer(code_without_store<ControlCode>());
  if (request.deadline && turn.now() > *request.deadline) return answer(ControlCode::too_late);
  std::erase_if(indices, [&](TapIndex index) { return !at(index).held(); });
  if (indices.empty()) return answer(ControlCode::ok);
  if (!request.stop || *request.stop > newest_stop_) return answer(ControlCode::stop_not_named);
  HoldWrite release{.taps = {}, .held = false, .at = turn.wall(), .up_to = *request.stop};
  for (const TapIndex index : indices) release.taps.push_back(at(index).name());
  turn.submit(std::move(release),
              HoldPending{.ticket = event.ticket, .held = false, .taps = indices});
}

// ---- calibrations -------------------------------------------------------------------------------

void Coordinator::on(const CalibrationAsked& event, Turn& turn) {
  const auto index = find_tap(event.request.tap);
  calibrations_.ask(event, index, index ? &at(*index) : nullptr, turn);
}

void Coordinator::on(const CalibrationAnswered& event, Turn& turn) {
  calibrations_.on_answer(event, turn);
}

void Coordinator::finish_write(const AuditPending& pending, const WriteResult& result, Turn& turn) {
  calibrations_.on_written(pending.ticket, !std::holds_alternative<Failed>(result), turn);
}

// ---- which machine is whose ---------------------------------------------------------------------

void Coordinator::on(const MachineAsked& event, Turn& turn) {
  const auto answer = [&](MachineAnswer said) {
    turn.emit(AnswerMachine{.ticket = event.ticket, .answer = std::move(said)});
  };
  const auto index = find_tap(event.request.tap);
  if (!index) return answer(machine_answer(MachineCode::unknown_tap));
  if (shared_.shutting_down) return answer(machine_answer(MachineCode::shutting_down));
  if (!shared_.store_ready) return answer(machine_answer(code_without_store<MachineCode>()));
  if (event.request.deadline && turn.now() > *event.request.deadline) {
    return answer(machine_answer(MachineCode::too_late));
  }
  if (!at(*index).is_online(turn.now())) return answer(machine_answer(MachineCode::offline));
  auto judged = judge_takeover(identities_, *index, event.request, turn.wall());
  if (auto* refused = std::get_if<MachineAnswer>(&judged)) return answer(std::move(*refused));
  turn.submit(
      std::get<MachineWrite>(std::move(judged)),
      MachinePending{.ticket = event.ticket, .tap = *index, .machine = event.request.machine});
}

void Coordinator::finish_write(const MachinePending& pending, const WriteResult& result,
                               Turn& turn) {
  // What was seen first is in mind already, and what is in the file is read again after a failure.
  if (!pending.ticket) return;
  if (std::holds_alternative<Failed>(result)) {
    turn.emit(AnswerMachine{.ticket = *pending.ticket,
                            .answer = machine_answer(MachineCode::store_failed)});
    return;
  }
  if (pending.machine) {
    for (const TapIndex other : identities_.others_with(*pending.machine, pending.tap)) {
      identities_.remember(other, std::nullopt);
    }
  }
  identities_.remember(pending.tap, pending.machine);
  for (Tap& tap : taps_) tap.on_identities_changed(turn);
  turn.emit(AnswerMachine{.ticket = *pending.ticket, .answer = machine_answer(MachineCode::ok)});
}

std::vector<TapIndex> Coordinator::taps_in(const std::optional<TapName>& name) const {
  if (name) {
    const auto index = find_tap(*name);
    return index ? std::vector{*index} : std::vector<TapIndex>{};
  }
  std::vector<TapIndex> indices;
  for (std::size_t i = 0; i < taps_.size(); ++i) {
    indices.push_back(TapIndex{static_cast<std::uint32_t>(i)});
  }
  return indices;
}

// ---- devices and time ---------------------------------------------------------------------------

void Coordinator::on(const StatusAnswered& event, Turn& turn) {
  at(event.tap).on_status(event, turn);
  at(event.tap).on_time(turn);
}

void Coordinator::on(const OrderAnswered& event, Turn& turn) {
  at(event.tap).on_order(event, turn);
  at(event.tap).on_time(turn);
}

void Coordinator::on(const TimePassed&, Turn& turn) {
  if (turn.now() >= recover_at_) recover(turn);
  for (const TapIndex tap : shared_.deadlines.due(turn.now())) at(tap).on_time(turn);
}

void Coordinator::on(const ShutdownAsked&, Turn& turn) {
  shared_.shutting_down = true;
  for (Tap& tap : taps_) tap.on_shutdown(turn);
}

void Coordinator::finish_shutdown(Turn& turn) {
  if (!shared_.shutting_down || shutdown_announced_) return;
  const bool open =
      std::any_of(taps_.begin(), taps_.end(), [](const Tap& tap) { return tap.has_open_pour(); });
  if (open || !shared_.writes.empty() || !calibrations_.idle()) return;
  shutdown_announced_ = true;
  turn.emit(ShutdownReady{});
}

// ---- what is shown ------------------------------------------------------------------------------

TapView Coordinator::tap_view(TapIndex tap, Instant now) const {
  TapView view = taps_.at(static_cast<std::size_t>(tap)).view(now, shared_.log_block());
  const bool log_failed = view.blocked && view.blocked->cause == Cause::log_failed;
  if (log_failed && loss_ && loss_->file_lost) view.blocked->action = action_for_lost_log;
  return view;
}

WhyView Coordinator::why(TapIndex tap, Instant now) const {
  WhyView why = taps_.at(static_cast<std::size_t>(tap)).why(now, shared_.log_block());
  if (shared_.store_ready || !loss_ || !loss_->file_lost) return why;
  const auto log = std::ranges::find(why.interlocks, InterlockName::log_writable, &Interlock::name);
  if (log == why.interlocks.end()) return why;
  log->value = loss_->what;
  log->action = action_for_lost_log;
  log->kind = InterlockKind::file_lost;
  return why;
}

std::optional<TapIndex> Coordinator::find_tap(const TapName& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional{found->second};
}

Tap& Coordinator::at(TapIndex index) {
  return taps_.at(static_cast<std::size_t>(index));
}

// ---- the log ------------------------------------------------------------------------------------

void Coordinator::on(const Begin&, Turn& turn) {
  turn.emit(RecoverStore{});
  for (Tap& tap : taps_) tap.on_time(turn);
}

void Coordinator::on(const WriteReply& reply, Turn& turn) {
  const auto found = shared_.writes.find(reply.id);
  if (found == shared_.writes.end()) return;
  const PendingWrite pending = std::move(found->second);
  shared_.writes.erase(found);
  if (reply.row) {
    turn.emit(LogAppended{.row = *reply.row});
    calibrations_.on_row(*reply.row);
  }
  if (const auto* failed = std::get_if<Failed>(&reply.result)) {
    note_loss({.what = failed->what, .file_lost = failed->file_lost}, turn);
    lose_store(turn);
  }
  std::visit([&](const auto& p) { finish_write(p, reply.result, turn); }, pending);
}

void Coordinator::finish_write(const StartPending& pending, const WriteResult& result, Turn& turn) {
  if (std::holds_alternative<Failed>(result)) return;  // whoever waited has been told already
  at(pending.tap).on_started(result, turn);
}

void Coordinator::finish_write(const RefusalPending& pending, const WriteResult& result,
                               Turn& turn) {
  const TapName& tap = pending.pour.tap;
  DispenseAnswer answer = refusal(AnswerCode::store_failed, tap);
  if (const auto* refused = std::get_if<Refused>(&result)) {
    Pour pour = pending.pour;
    pour.state = PourState::refused;
    pour.cause = refused->cause;
    answer = answer_for(pour);
  } else if (const auto* known = std::get_if<AlreadyKnown>(&result)) {
    const bool same = known->pour.tap == tap && is_for(known->pour, pending.request);
    answer = same ? answer_for(known->pour) : refusal(AnswerCode::key_conflict, tap);
  } else if (std::holds_alternative<Overloaded>(result)) {
    answer = refusal(AnswerCode::overloaded, tap);
  }
  turn.answer(pending.ticket, std::move(answer));
}

void Coordinator::finish_write(const GiveUpPending& pending, const WriteResult& result,
                               Turn& turn) {
  ControlCode code = ControlCode::store_failed;
  bool stopped = false;  // it was on its way, and the log says what keeps it from being sent
  if (std::holds_alternative<Written>(result)) code = ControlCode::given_up;
  if (std::holds_alternative<Overloaded>(result)) code = ControlCode::overloaded;
  if (const auto* known = std::get_if<AlreadyKnown>(&result)) {
    // An order that came after its id was given up has been refused for that: still given up.
    const bool refused_so = known->pour.cause == Cause::given_up;
    code = refused_so ? ControlCode::given_up : ControlCode::unknown_request;
    stopped = is_open(known->pour.state) || known->pour.cause == Cause::stopped;
  }
  if (stops_.knows(pending.ticket)) {
    if (stopped || code == ControlCode::given_up) return stops_.on_row(pending.ticket, false);
    stops_.drop(pending.ticket);
  }
  turn.emit(AnswerStop{.ticket = pending.ticket, .answer = give_up_answer(code)});
}

void Coordinator::finish_write(const StepPending& pending, const WriteResult& result, Turn& turn) {
  const bool failed = std::holds_alternative<Failed>(result);
  for (const auto& [ticket, answer] : pending.answers) {
    turn.answer(ticket, failed ? unrecorded_answer_for(answer.request_id, answer.tap) : answer);
  }
}

void Coordinator::finish_write(const HoldPending& pending, const WriteResult& result, Turn& turn) {
  const auto* holds = std::get_if<Holds>(&result);
  std::vector<TapName> still_stopped;
  for (std::size_t i = 0; i < pending.taps.size(); ++i) {
    Tap& tap = at(pending.taps[i]);
    const auto newest = holds != nullptr ? std::optional{holds->newest.at(i)} : std::nullopt;
    tap.on_hold_written(pending.held, newest, turn);
    newest_stop_ = std::max(newest_stop_, newest.value_or(StopNumber::none));
    if (tap.held()) still_stopped.push_back(tap.name());
  }
  if (!pending.ticket) return stops_.on_early_rows(holds == nullptr);
  if (pending.held) {
    stops_.on_row(*pending.ticket, holds == nullptr);
    const auto sharing = sharing_.extract(scope_of(pending.taps));
    POURTOCOL_ASSERT(!sharing.empty());
    for (const Ticket ticket : sharing.mapped()) stops_.on_row(ticket, holds == nullptr);
    return;
  }
  ControlCode code = still_stopped.empty() ? ControlCode::ok : ControlCode::stopped_again;
  if (holds == nullptr) code = ControlCode::store_failed;
  turn.emit(AnswerResume{.ticket = *pending.ticket,
                         .answer = resume_answer(code, std::move(still_stopped))});
}

/// What was stopped while the log could take nothing becomes durable now, and has a number by which
/// it can be resumed.
void Coordinator::write_stops(Turn& turn) {
  HoldWrite hold{.taps = {}, .held = true, .at = turn.wall()};
  HoldPending pending{.ticket = {}, .held = true, .taps = {}};
  for (std::size_t i = 0; i < taps_.size(); ++i) {
    if (!taps_[i].has_unwritten_stop()) continue;
    taps_[i].hold(true, turn);
    hold.taps.push_back(taps_[i].name());
    pending.taps.push_back(TapIndex{static_cast<std::uint32_t>(i)});
  }
  if (!hold.taps.empty()) turn.submit(std::move(hold), std::move(pending));
}

void Coordinator::note_loss(RecoverFailed loss, Turn& turn) {
  if (!loss_ || loss_->what != loss.what) {
    turn.emit(Warn{.text = "nothing is poured: the log failed. " + loss.what});
  }
  loss_ = std::move(loss);
}

void Coordinator::lose_store(Turn& turn) {
  if (!shared_.store_ready) return;
  shared_.store_ready = false;
  identities_.on_store_lost();
  for (Tap& tap : taps_) tap.on_store_lost(turn);
  // A disk that can be read but not written would be recovered and lost again without an end.
  recover_at_ = recovered_at_ = std::max(turn.now(), recovered_at_ + recover_retry);
  if (recover_at_ == turn.now()) recover(turn);
}

void Coordinator::recover(Turn& turn) {
  recover_at_ = Instant::max();
  turn.emit(RecoverStore{});
}

void Coordinator::on(const RecoverResult& result, Turn& turn) {
  if (const auto* recovered = std::get_if<Recovered>(&result)) {
    return take_up(*recovered, turn);
  }
  note_loss(std::get<RecoverFailed>(result), turn);
  stops_.on_early_rows(/*failed=*/true);
  recover_at_ = turn.now() + recover_retry;
  lose_store(turn);  // where nobody knew of it yet
}

void Coordinator::take_up(const Recovered& recovered, Turn& turn) {
  if (std::exchange(loss_, std::nullopt)) turn.emit(Warn{.text = "the log can be written again"});
  shared_.store_ready = true;
  shared_.store_read = true;
  calibrations_.on_recovered(recovered);
  identities_.on_recovered(recovered.machines);
  newest_stop_ = std::max(newest_stop_, recovered.newest_stop);
  const auto of_tap = [](const std::vector<Pour>& pours, const TapName& name) {
    const auto found = std::find_if(pours.begin(), pours.end(),
                                    [&](const Pour& pour) { return pour.tap == name; });
    return found == pours.end() ? std::optional<Pour>{} : std::optional{*found};
  };
  for (Tap& tap : taps_) {
    tap.on_recovered(of_tap(recovered.open, tap.name()), of_tap(recovered.unresolved, tap.name()),
                     turn);
    tap.on_recovered(counted_of(recovered, tap.name()));
    const auto held = std::find_if(recovered.held.begin(), recovered.held.end(),
                                   [&](const auto& one) { return one.tap == tap.name(); });
    if (held != recovered.held.end()) tap.on_hold_recovered(held->stop, turn);
    tap.on_identities_changed(turn);
  }
  write_stops(turn);
  for (const Pour& pour : recovered.open) {
    if (!find_tap(pour.tap)) close_orphan(pour, turn);
  }
}

/// An open pour whose tap is no longer in the configuration: nobody is left to ask.
void Coordinator::close_orphan(Pour pour, Turn& turn) {
  const auto step = [&](PourState to, Cause cause) {
    const PourState from = std::exchange(pour.state, to);
    pour.cause = cause;
    pour.updated_at = turn.wall();
    turn.submit(StepWrite{.from = from, .pour = pour}, StepPending{});
  };
  if (pour.state != PourState::unclear) step(PourState::unclear, Cause::server_restarted);
  pour.delivery = anything_up_to(pour.most);
  step(PourState::unknown, Cause::unreachable);
}

}  // namespace pourtocol::control
