#include "backend/ledger/ledger.hpp"

#include <string>
#include <utility>
#include <variant>

namespace pourtocol::ledger {

namespace {

using control::Cause;
using control::LogRow;
using control::Pour;
using control::PourState;
using control::StopNumber;
using control::WriteReply;
using control::WriteResult;

/// Why an order is not started; nothing: it is. The order of the rules is that of
/// control::StartWrite.
std::optional<Cause> refusal_of(Storage& storage, const control::StartWrite& write) {
  if (storage.is_given_up(write.pour.request_id)) return Cause::given_up;
  if (write.refusal) return write.refusal;
  if (!control::is_possible(write.pour)) return Cause::amount_out_of_range;
  if (storage.stop_that_holds(write.pour.tap) != StopNumber::none) return Cause::stopped;
  const auto open = storage.state_of_open(write.pour.tap);
  if (!open) return std::nullopt;
  return *open == PourState::unclear ? Cause::unclear_pour : Cause::busy;
}

/// What is wrong with a step, as a sentence; empty: nothing.
std::string fault_of(const std::optional<Pour>& present, const control::StepWrite& write) {
  const std::string id{write.pour.request_id.view()};
  if (!present) return "pour " + id + " is not in the log";
  if (present->state != write.from || !control::is_legal(write.from, write.pour.state)) {
    return "pour " + id + " is " + std::string{control::name_of(present->state)} +
           " and cannot go from " + std::string{control::name_of(write.from)} + " to " +
           std::string{control::name_of(write.pour.state)};
  }
  if (!control::asks_for_the_same(*present, write.pour)) {
    return "pour " + id + " is not what was asked";
  }
  return {};
}

LogRow row_of(const Pour& pour) {
  return {.id = 0,
          .timestamp = pour.updated_at,
          .user = pour.user,
          .amount_ml = pour.amount_ml,
          .status = control::event_status_of(pour.state),
          .reason = control::reason_for(pour),
          .tap = pour.tap,
          .request_id = pour.request_id,
          .outcome = pour.state,
          .delivery = pour.delivery,
          .cause = pour.cause,
          .stop_reason = pour.stop_reason,
          .purpose = pour.purpose,
          .action = {}};
}

LogRow row_of(const control::AuditWrite& write) {
  LogRow row;
  row.timestamp = write.at;
  row.user = write.user;
  row.status = write.status;
  row.reason = write.reason;
  row.tap = write.tap;
  row.outcome = control::outcome_of(write.status);
  row.action = write.action;
  return row;
}

/// One write under way: what it does to the storage, and the row of the log it adds.
class Write {
 public:
  explicit Write(Storage& storage) : storage_{storage} {}

  WriteResult operator()(const control::StartWrite& write) {
    if (auto known = storage_.find(write.pour.request_id)) return already(std::move(*known));
    const auto refusal = refusal_of(storage_, write);
    Pour pour = write.pour;
    pour.state = refusal ? PourState::refused : PourState::sending;
    pour.cause = refusal.value_or(Cause::checks_passed);
    storage_.add_pour(pour);
    record(PourState::fresh, pour);
    if (refusal) return control::Refused{*refusal};
    return control::Started{};
  }

  WriteResult operator()(const control::GiveUpWrite& write) {
    if (auto known = storage_.find(write.request_id)) return already(std::move(*known));
    if (!storage_.is_given_up(write.request_id)) storage_.add_given_up(write.request_id, write.at);
    return control::Written{};
  }

  WriteResult operator()(const control::StepWrite& write) {
    if (auto fault = fault_of(storage_.find(write.pour.request_id), write); !fault.empty()) {
      return control::Failed{std::move(fault)};
    }
    storage_.update_pour(write.pour);
    record(write.from, write.pour);
    return control::Written{};
  }

  WriteResult operator()(const control::HoldWrite& write) {
    control::Holds holds;
    for (const TapName& tap : write.taps) {
      StopNumber newest = storage_.stop_that_holds(tap);
      const bool lifts = newest != StopNumber::none && newest <= write.up_to;
      if (write.held || lifts) {
        const StopNumber number = storage_.add_hold(tap, write.held, write.at);
        newest = write.held ? number : StopNumber::none;
      }
      holds.newest.push_back(newest);
    }
    return holds;
  }

  WriteResult operator()(const control::AuditWrite& write) {
    add(row_of(write));
    return control::Written{};
  }

  WriteResult operator()(const control::MachineWrite& write) {
    for (const TapName& tap : write.taken_from) {
      storage_.add_machine(tap, std::nullopt, write.at);
    }
    storage_.add_machine(write.tap, write.machine, write.at);
    if (write.act) add(row_of(*write.act));
    return control::Written{};
  }

  WriteResult operator()(const control::FoundWrite& write) {
    if (auto known = storage_.find(write.pour.request_id)) return already(std::move(*known));
    storage_.add_pour(write.pour);
    record(PourState::fresh, write.pour);
    return control::Written{};
  }

  [[nodiscard]] std::optional<LogRow> row() && { return std::move(row_); }

 private:
  static WriteResult already(Pour known) { return control::AlreadyKnown{std::move(known)}; }

  void record(PourState from, const Pour& pour) {
    if (control::makes_event(from, pour.state)) add(row_of(pour));
    storage_.add_transition(from, pour, row_ ? std::optional{row_->id} : std::nullopt);
  }

  void add(LogRow row) {
    row.id = storage_.add_event(row);
    row_ = std::move(row);
  }

  Storage& storage_;
  std::optional<LogRow> row_;
};

}  // namespace

WriteReply apply(Storage& storage, control::WriteId id, const control::StoreWrite& write) {
  Write under_way{storage};
  WriteResult result = std::visit(under_way, write);
  return {.id = id, .result = std::move(result), .row = std::move(under_way).row()};
}

control::Recovered present_state(Storage& storage) {
  control::Recovered recovered;
  recovered.open = storage.open_pours();
  for (Pour& pour : storage.last_that_may_have_flowed()) {
    // Ordered by our firmware's guard, or found in its record: it counts its pours.
    if (pour.context.guard || pour.cause == Cause::ordered_at_machine) {
      recovered.counted.push_back({.tap = pour.tap,
                                   .machine = pour.context.machine,
                                   .pours_total = pour.context.pours_total});
    }
    if (pour.state == PourState::unknown) recovered.unresolved.push_back(std::move(pour));
  }
  recovered.held = storage.held_taps();
  recovered.newest_stop = StopNumber{storage.last_hold()};
  recovered.calibrated = storage.last_accepted();
  recovered.machines = storage.machines();
  recovered.last_log_id = storage.last_event();
  return recovered;
}

}  // namespace pourtocol::ledger
