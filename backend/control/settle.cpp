#include "backend/control/settle.hpp"

#include <algorithm>

#include "backend/control/wording.hpp"
#include "core/assert.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::control {

namespace {

using protocol::DeviceDetails;
using protocol::DeviceState;
using protocol::PourOutcome;
using protocol::RecentPour;

Step to_unclear(Cause cause) {
  return {.to = PourState::unclear, .cause = cause, .delivery = {}, .stop_reason = {}};
}

Step to_unknown(Cause cause, const Pour& pour) {
  return {.to = PourState::unknown,
          .cause = cause,
          .delivery = anything_up_to(pour.most),
          .stop_reason = {}};
}

/// What a device's clock and this computer's may be apart by: half a per cent, the worst of a board
/// without a crystal.
constexpr int clocks_differ_by_one_in = 200;

/// How long a device has been up at the least by the end of `time` on this computer's clock.
Duration surely_up_in(Duration time) {
  return time - time / clocks_differ_by_one_in;
}

/// A device of the seed's contract took the order and is idle again. Nothing measured what flowed:
/// the bottle may have been empty, the glass lifted. So the estimate is what was ordered, and the
/// interval is honest about the rest.
Step to_done_unmeasured(Cause cause, Basis basis, const Pour& pour) {
  const Microlitres ordered{pour.amount_ml * 1000};
  return {.to = PourState::done,
          .cause = cause,
          .delivery = Delivery{.basis = basis,
                               .delivered = ordered,
                               .uncertainty = pour.most - ordered,
                               .min = Microlitres{0},
                               .max = pour.most},
          .stop_reason = {}};
}

Step to_not_poured(Cause cause) {
  return {.to = PourState::not_poured,
          .cause = cause,
          .delivery = nothing_delivered(),
          .stop_reason = {}};
}

const RecentPour* find_record(const DeviceDetails& details, const RequestId& id) {
  const auto* found = std::find_if(details.recent.begin(), details.recent.end(),
                                   [&](const RecentPour& r) { return r.request_id == id; });
  return found == details.recent.end() ? nullptr : found;
}

/// Whether the device's record would still name the pour if it had ever been taken: the journal is
/// whole, and not so many pours came since the order was made that the ring has dropped any of
/// them. Had it dropped ours, all that it names would be younger, and fewer than were counted.
bool absence_is_proof(const Pour& pour, const DeviceDetails& details) {
  const auto still_named = static_cast<std::uint32_t>(std::count_if(
                               details.recent.begin(), details.recent.end(), was_taken)) +
                           (details.pour ? 1U : 0U);
  const bool counted_on = details.pours_total >= pour.context.pours_total;
  const bool dropped_any = details.pours_total > pour.context.pours_total + still_named;
  return details.journal_whole && counted_on && !dropped_any;
}

/// That an order was cancelled proves that it never will pour. That it has not poured already it
/// proves only where the record would still name it if it had: a device that lost its journal takes
/// a stop for one that came before its order.
bool is_believable(const RecentPour& record, const Pour& pour, const DeviceDetails& details) {
  if (record.outcome != PourOutcome::cancelled) return true;
  return !pour.accepted && absence_is_proof(pour, details);
}

/// The most that an order can bring: by what any machine of version 2 keeps to, or by what this tap
/// is set to, where that is more.
Microlitres most_claimable(const Pour& pour) {
  const Microlitres asked = pour.run_time.count() != 0
                                ? protocol::service_amount_max.to_microlitres()
                                : Microlitres{pour.amount_ml * 1000};
  const Microlitres by_protocol = permille(asked, 1000 + default_calibration_error_permille) +
                                  Microlitres{default_coast.count() * pour.portions};
  return std::max(pour.most, by_protocol);
}

/// The outcome and the reason are told by two words.
bool agree(PourOutcome outcome, protocol::StopReason reason) {
  using protocol::StopReason;
  if (outcome == PourOutcome::finished) return reason == StopReason::target_reached;
  if (outcome == PourOutcome::interrupted) return reason == StopReason::power_lost;
  return reason != StopReason::target_reached && reason != StopReason::power_lost;
}

/// Whether the device will refuse the order from now on, should it still arrive.
bool order_is_dead(const protocol::OrderGuard& guard, const DeviceDetails& details) {
  return details.boot_id != guard.boot_id || details.uptime_ms > guard.expires;
}

std::optional<Step> step_without_status(const Pour& pour, const Watch& watch,
                                        const Evidence& evidence) {
  if (pour.state == PourState::accepted) {
    if (evidence.another_machine) return to_unclear(Cause::wrong_machine);
    if (evidence.contact_lost) return to_unclear(Cause::contact_lost);
    if (evidence.now >= watch.give_up_at) return to_unclear(Cause::deadline_passed);
    return std::nullopt;
  }
  if (evidence.now >= watch.give_up_at && evidence.contact_lost) {
    return to_unknown(Cause::unreachable, pour);
  }
  if (evidence.now >= watch.give_up_at && evidence.another_machine) {
    return to_unknown(Cause::wrong_machine, pour);
  }
  return std::nullopt;
}

/// It pours, or does what it has a word of its own for: a wait in either case. The pump that runs
/// beyond all time is waited for until somebody has switched it off.
std::optional<Step> step_while_it_does_something(const Pour& pour, const Watch& watch,
                                                 const Evidence& evidence) {
  if (pour.state == PourState::accepted) {
    if (evidence.now >= watch.give_up_at) return to_unclear(Cause::deadline_passed);
  } else if (evidence.status->state == DeviceState::other &&
             evidence.asked_at >= watch.give_up_at) {
    return to_unknown(Cause::deadline_passed, pour);
  }
  return std::nullopt;
}

std::optional<Step> step_by_seed_status(const Pour& pour, const Watch& watch,
                                        const Evidence& evidence) {
  const bool accepted = pour.state == PourState::accepted;
  if (evidence.asked_at < watch.sent_at) return std::nullopt;
  if (has_restarted(pour.context, *evidence.status, evidence.asked_at)) {
    // A device that hung may first tell how it was before. One that was restarted never catches up.
    const bool sure = evidence.status->uptime < pour.context.uptime || watch.restarts_told > 1;
    if (!sure) return std::nullopt;
    return accepted ? to_unclear(Cause::device_rebooted) : to_unknown(Cause::rebooted, pour);
  }
  if (evidence.status->state != DeviceState::idle) {
    return step_while_it_does_something(pour, watch, evidence);
  }
  if (evidence.asked_at < watch.answered_at) return std::nullopt;
  if (watch.seen_pouring) {
    if (evidence.now < watch.begun_after + watch.shortest) {
      return accepted ? to_unclear(Cause::ended_too_soon) : to_unknown(Cause::ended_too_soon, pour);
    }
    return accepted ? to_done_unmeasured(Cause::idle_again, Basis::command, pour)
                    : to_done_unmeasured(Cause::seen_pouring, Basis::observed, pour);
  }
  if (pour.accepted) {
    // Idle without having been seen pouring may also mean "not begun yet": wait its time. Whether
    // anybody looked in between does not matter to a device that said yes.
    if (evidence.asked_at < watch.answered_at + watch.longest) return std::nullopt;
    return to_done_unmeasured(Cause::idle_again, Basis::command, pour);
  }
  if (evidence.asked_at >= watch.give_up_at) return to_unknown(Cause::idle_throughout, pour);
  return std::nullopt;
}

std::optional<Step> step_by_our_status(const Pour& pour, const Watch& watch,
                                       const Evidence& evidence) {
  const DeviceDetails& details = *evidence.status->details;
  const protocol::OrderGuard& guard = *pour.context.guard;
  const bool accepted = pour.state == PourState::accepted;
  if (const RecentPour* record = find_record(details, pour.request_id)) {
    if (std::string claim = impossible_claim(*record, pour); !claim.empty()) {
      Step step = accepted ? to_unclear(Cause::impossible_record)
                           : to_unknown(Cause::impossible_record, pour);
      step.detail = std::move(claim);
      return step;
    }
    if (is_believable(*record, pour, details)) return step_of(*record);
    return accepted ? to_unclear(Cause::no_trace) : to_unknown(Cause::journal_lost, pour);
  }
  if (details.pour && details.pour->request_id == pour.request_id) {
    if (accepted && evidence.now >= watch.give_up_at) return to_unclear(Cause::deadline_passed);
    return std::nullopt;
  }
  if (evidence.asked_at < watch.answered_at) return std::nullopt;
  if (accepted) {
    return to_unclear(details.boot_id != guard.boot_id ? Cause::device_rebooted : Cause::no_trace);
  }
  if (!order_is_dead(guard, details)) {
    // Where the record may have lost it, it may have poured.
    if (!watch.may_send_again || !absence_is_proof(pour, details)) return std::nullopt;
    return Step{
        .to = PourState::sending, .cause = Cause::sent_again, .delivery = {}, .stop_reason = {}};
  }
  // A device that said yes and has no record of it has lost its journal, whatever it says of it.
  if (pour.accepted || !absence_is_proof(pour, details)) {
    return to_unknown(Cause::journal_lost, pour);
  }
  return to_not_poured(details.boot_id != guard.boot_id ? Cause::boot_changed
                                                        : Cause::order_expired);
}

}  // namespace

Delivery nothing_delivered() noexcept {
  return {};
}

Delivery anything_up_to(Microlitres most) noexcept {
  Delivery delivery;
  delivery.max = most;
  return delivery;
}

std::string impossible_claim(const RecentPour& record, const Pour& pour) {
  if (record.purpose != pour.purpose) {
    return "it was a run of another kind (" + std::string{protocol::name_of(record.purpose)} + ")";
  }
  const bool never_came = record.outcome == PourOutcome::cancelled && record.requested.count() == 0;
  if (record.requested.count() != pour.amount_ml && !never_came) {
    return std::to_string(record.requested.count()) + " ml were ordered";
  }
  if (!agree(record.outcome, record.stop_reason)) {
    return "it was " + std::string{protocol::name_of(record.outcome)} +
           " for a reason that does not go with that (" +
           std::string{protocol::name_of(record.stop_reason)} + ")";
  }
  const bool agrees_with_itself = record.min <= record.delivered && record.delivered <= record.max;
  const Microlitres most = never_came ? Microlitres{0} : most_claimable(pour);
  if (agrees_with_itself && record.max <= most && record.uncertainty <= most) return {};
  return in_ml(record.delivered) + " \u00b1 " + in_ml(record.uncertainty) + " ml flowed, between " +
         in_ml(record.min) + " and " + in_ml(record.max) + " ml";
}

Step step_of(const RecentPour& record) {
  if (record.outcome == PourOutcome::cancelled) {
    Step step = to_not_poured(Cause::device_reported);
    step.stop_reason = record.stop_reason;
    return step;
  }
  Step step{.to = PourState::partial,
            .cause = Cause::device_reported,
            .delivery = Delivery{.basis = record.measure == protocol::Measure::meter ? Basis::meter
                                                                                     : Basis::time,
                                 .delivered = record.delivered,
                                 .uncertainty = record.uncertainty,
                                 .min = record.min,
                                 .max = record.max},
            .stop_reason = record.stop_reason};
  if (record.outcome == PourOutcome::finished) step.to = PourState::done;
  if (record.outcome == PourOutcome::interrupted) step.cause = Cause::power_lost;
  return step;
}

bool was_taken(const RecentPour& record) {
  return record.outcome != PourOutcome::cancelled || record.requested.count() > 0;
}

bool is_of_its_machine(const Pour& pour, const protocol::DeviceStatus& status) {
  const auto told = status.details ? status.details->machine_id : std::nullopt;
  if (told == pour.context.machine) return true;
  // An order that was sent before the log kept machines: one boot is one machine's.
  return !pour.context.machine && pour.context.guard &&
         status.details->boot_id == pour.context.guard->boot_id;
}

bool has_restarted(const OrderContext& before, const protocol::DeviceStatus& status,
                   Instant asked_at) {
  if (status.uptime < before.uptime) return true;
  // Uptimes are told in whole seconds: it has been up for less than one more.
  const Duration grew_less_than = status.uptime + std::chrono::seconds{1} - before.uptime;
  return asked_at > before.uptime_at && grew_less_than <= surely_up_in(asked_at - before.uptime_at);
}

void take_note(const Pour& pour, const Evidence& evidence, Watch& watch) {
  if (evidence.status == nullptr || evidence.asked_at < watch.sent_at) return;
  if (has_restarted(pour.context, *evidence.status, evidence.asked_at)) {
    ++watch.restarts_told;
    return;
  }
  watch.restarts_told = 0;
  if (evidence.status->state == DeviceState::pouring) {
    watch.seen_pouring = true;
  } else if (evidence.status->state == DeviceState::idle && !watch.seen_pouring) {
    watch.begun_after = std::max(watch.begun_after, evidence.asked_at);
  }
}

void renew(const Evidence& evidence, OrderContext& context) {
  if (evidence.status == nullptr || context.guard) return;
  const Duration passed = evidence.now - context.uptime_at;
  if (evidence.status->uptime - context.uptime < surely_up_in(passed)) return;
  context.uptime = evidence.status->uptime;
  context.uptime_at = evidence.now;
}

std::optional<Step> next_step(const Pour& pour, const Watch& watch, const Evidence& evidence) {
  POURTOCOL_ASSERT(pour.state == PourState::accepted || pour.state == PourState::unclear);
  if (evidence.status == nullptr) return step_without_status(pour, watch, evidence);
  if (!pour.context.guard) return step_by_seed_status(pour, watch, evidence);
  if (evidence.status->details) return step_by_our_status(pour, watch, evidence);
  // Another firmware answers in place of ours: its word is no evidence. W ends the wait.
  if (pour.state == PourState::accepted) return to_unclear(Cause::device_rebooted);
  if (evidence.now >= watch.give_up_at) return to_unknown(Cause::journal_lost, pour);
  return std::nullopt;
}

std::optional<Step> late_evidence(const Pour& pour, const DeviceDetails& details) {
  const RecentPour* record = find_record(details, pour.request_id);
  if (record == nullptr || !impossible_claim(*record, pour).empty()) return std::nullopt;
  if (!is_believable(*record, pour, details)) return std::nullopt;
  return step_of(*record);
}

bool is_past_telling(const Pour& pour, const DeviceDetails& details) {
  const bool runs = details.pour && details.pour->request_id == pour.request_id;
  return !runs && order_is_dead(*pour.context.guard, details);
}

}  // namespace pourtocol::control
