#include "backend/control/ledger_model.hpp"

#include <algorithm>
#include <utility>

namespace pourtocol::control {

namespace {

bool is_same_wish(const Pour& a, const Pour& b) {
  return a.tap == b.tap && a.user == b.user && a.amount_ml == b.amount_ml &&
         a.purpose == b.purpose && a.run_time == b.run_time && a.portions == b.portions &&
         a.started_at == b.started_at;
}

bool surely_flowed_nothing(PourState state) {
  return state == PourState::not_sent || state == PourState::rejected ||
         state == PourState::not_poured;
}

}  // namespace

WriteReply LedgerModel::apply(const StoreWrite& write) {
  if (const auto* start_write = std::get_if<StartWrite>(&write)) return start(*start_write);
  if (const auto* given_up = std::get_if<GiveUpWrite>(&write)) return give_up(*given_up);
  if (const auto* step_write = std::get_if<StepWrite>(&write)) return step(*step_write);
  if (const auto* audit_write = std::get_if<AuditWrite>(&write)) return audit(*audit_write);
  if (const auto* machine_write = std::get_if<MachineWrite>(&write)) return machine(*machine_write);
  if (const auto* found_write = std::get_if<FoundWrite>(&write)) return found(*found_write);
  return hold(std::get<HoldWrite>(write));
}

WriteReply LedgerModel::hold(const HoldWrite& write) {
  Holds holds;
  for (const TapName& tap : write.taps) {
    const auto known = held_.find(tap);
    if (write.held) {
      held_[tap] = StopNumber{++last_hold_};
    } else if (known != held_.end() && known->second <= write.up_to) {
      ++last_hold_;
      held_.erase(known);
    }
    const auto now = held_.find(tap);
    holds.newest.push_back(now == held_.end() ? StopNumber::none : now->second);
  }
  return {.id = {}, .result = std::move(holds), .row = {}};
}

WriteReply LedgerModel::start(const StartWrite& write) {
  if (const Pour* known = find(write.pour.request_id)) {
    return {.id = {}, .result = AlreadyKnown{*known}, .row = {}};
  }
  std::optional<Cause> refusal = write.refusal;
  if (is_given_up(write.pour.request_id)) refusal = Cause::given_up;
  if (!refusal && !is_possible(write.pour)) refusal = Cause::amount_out_of_range;
  if (!refusal && held_.contains(write.pour.tap)) refusal = Cause::stopped;
  if (const Pour* open = open_on(write.pour.tap); !refusal && open != nullptr) {
    refusal = open->state == PourState::unclear ? Cause::unclear_pour : Cause::busy;
  }

  Pour pour = write.pour;
  pour.state = refusal ? PourState::refused : PourState::sending;
  pour.cause = refusal.value_or(Cause::checks_passed);
  pours_.emplace(pour.request_id, pour);
  if (!refusal) {
    open_[pour.tap] = pour.request_id;
    started_[pour.tap].push_back(pour.request_id);
  }
  WriteReply reply{.id = {}, .result = Started{}, .row = record(PourState::fresh, pour)};
  if (refusal) reply.result = Refused{*refusal};
  return reply;
}

WriteReply LedgerModel::give_up(const GiveUpWrite& write) {
  if (const Pour* known = find(write.request_id)) {
    return {.id = {}, .result = AlreadyKnown{*known}, .row = {}};
  }
  given_up_.insert(write.request_id);
  return {.id = {}, .result = Written{}, .row = {}};
}

WriteReply LedgerModel::step(const StepWrite& write) {
  const auto found = pours_.find(write.pour.request_id);
  if (found == pours_.end() || found->second.state != write.from ||
      !is_legal(write.from, write.pour.state) || !is_same_wish(found->second, write.pour)) {
    return {.id = {}, .result = Failed{"not a legal step of this pour"}, .row = {}};
  }
  found->second = write.pour;
  // Late evidence may resolve a pour while another one is open on its tap.
  const Pour* open = open_on(write.pour.tap);
  if (open == &found->second && is_final(write.pour.state)) open_.erase(write.pour.tap);
  return {.id = {}, .result = Written{}, .row = record(write.from, write.pour)};
}

std::optional<LogRow> LedgerModel::record(PourState from, const Pour& pour) {
  transitions_.push_back(
      {.request_id = pour.request_id, .from = from, .to = pour.state, .cause = pour.cause});
  if (!makes_event(from, pour.state)) return std::nullopt;
  LogRow row{.id = static_cast<std::int64_t>(rows_.size()) + 1,
             .timestamp = pour.updated_at,
             .user = pour.user,
             .amount_ml = pour.amount_ml,
             .status = event_status_of(pour.state),
             .reason = reason_for(pour),
             .tap = pour.tap,
             .request_id = pour.request_id,
             .outcome = pour.state,
             .delivery = pour.delivery,
             .cause = pour.cause,
             .stop_reason = pour.stop_reason,
             .purpose = pour.purpose,
             .action = {}};
  rows_.push_back(row);
  return row;
}

WriteReply LedgerModel::audit(const AuditWrite& write) {
  LogRow row;
  row.id = static_cast<std::int64_t>(rows_.size()) + 1;
  row.timestamp = write.at;
  row.user = write.user;
  row.status = write.status;
  row.reason = write.reason;
  row.tap = write.tap;
  row.outcome = outcome_of(write.status);
  row.action = write.action;
  rows_.push_back(row);
  return {.id = {}, .result = Written{}, .row = row};
}

WriteReply LedgerModel::machine(const MachineWrite& write) {
  for (const TapName& tap : write.taken_from) machines_.erase(tap);
  machines_.erase(write.tap);
  if (write.machine) machines_.emplace(write.tap, *write.machine);
  if (write.act) return audit(*write.act);
  return {.id = {}, .result = Written{}, .row = {}};
}

WriteReply LedgerModel::found(const FoundWrite& write) {
  const Pour& pour = write.pour;
  if (const Pour* known = find(pour.request_id)) {
    return {.id = {}, .result = AlreadyKnown{*known}, .row = {}};
  }
  pours_.emplace(pour.request_id, pour);
  started_[pour.tap].push_back(pour.request_id);
  return {.id = {}, .result = Written{}, .row = record(PourState::fresh, pour)};
}

Recovered LedgerModel::recover() const {
  Recovered recovered;
  for (const auto& [tap, id] : open_) recovered.open.push_back(pours_.at(id));
  for (const auto& [tap, ids] : started_) {
    const auto last = std::find_if(ids.rbegin(), ids.rend(), [&](const RequestId& id) {
      return !surely_flowed_nothing(pours_.at(id).state);
    });
    if (last == ids.rend()) continue;
    const Pour& pour = pours_.at(*last);
    if (pour.state == PourState::unknown) recovered.unresolved.push_back(pour);
    if (!pour.context.guard && pour.cause != Cause::ordered_at_machine) continue;
    recovered.counted.push_back(
        {.tap = tap, .machine = pour.context.machine, .pours_total = pour.context.pours_total});
  }
  for (const auto& [tap, stop] : held_) recovered.held.push_back({.tap = tap, .stop = stop});
  recovered.newest_stop = StopNumber{last_hold_};
  std::map<TapName, WallTime> accepted;
  for (const LogRow& row : rows_) {
    if (row.action == "accept" && row.status == EventStatus::success) {
      accepted[row.tap] = row.timestamp;
    }
  }
  for (const auto& [tap, at] : accepted) recovered.calibrated.push_back({.tap = tap, .at = at});
  for (const auto& [tap, id] : machines_) recovered.machines.push_back({.tap = tap, .id = id});
  recovered.last_log_id = static_cast<std::int64_t>(rows_.size());
  return recovered;
}

const Pour* LedgerModel::find(const RequestId& id) const {
  const auto found = pours_.find(id);
  return found == pours_.end() ? nullptr : &found->second;
}

const Pour* LedgerModel::open_on(const TapName& tap) const {
  const auto found = open_.find(tap);
  return found == open_.end() ? nullptr : find(found->second);
}

}  // namespace pourtocol::control
