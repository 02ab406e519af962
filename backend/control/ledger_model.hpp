// The rules of the durable log (audit_log.hpp) as a model in memory: what each write does and
// answers.
//
// Not for production. The simulation puts it behind a disk that loses what was not synced, and
// tests use it as the log that does what it should.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "backend/control/audit_log.hpp"
#include "backend/control/log_reader.hpp"

namespace pourtocol::control {

class LedgerModel {
 public:
  struct Transition {
    RequestId request_id;
    PourState from = PourState::fresh;
    PourState to = PourState::fresh;
    Cause cause = Cause::checks_passed;
  };

  /// Carries out one write. `reply.id` is the caller's business.
  [[nodiscard]] WriteReply apply(const StoreWrite& write);
  [[nodiscard]] Recovered recover() const;

  [[nodiscard]] const std::vector<LogRow>& rows() const noexcept { return rows_; }
  [[nodiscard]] const std::vector<Transition>& transitions() const noexcept { return transitions_; }
  [[nodiscard]] const Pour* find(const RequestId& id) const;
  [[nodiscard]] const Pour* open_on(const TapName& tap) const;
  [[nodiscard]] const std::map<RequestId, Pour>& pours() const noexcept { return pours_; }
  [[nodiscard]] bool is_given_up(const RequestId& id) const { return given_up_.contains(id); }

 private:
  [[nodiscard]] WriteReply start(const StartWrite& write);
  [[nodiscard]] WriteReply give_up(const GiveUpWrite& write);
  [[nodiscard]] WriteReply step(const StepWrite& write);
  [[nodiscard]] WriteReply hold(const HoldWrite& write);
  [[nodiscard]] WriteReply audit(const AuditWrite& write);
  [[nodiscard]] WriteReply machine(const MachineWrite& write);
  [[nodiscard]] WriteReply found(const FoundWrite& write);
  [[nodiscard]] std::optional<LogRow> record(PourState from, const Pour& pour);

  std::map<RequestId, Pour> pours_;
  std::map<TapName, std::vector<RequestId>> started_;  ///< oldest first, refused ones left out
  std::map<TapName, RequestId> open_;
  std::map<TapName, StopNumber> held_;
  std::int64_t last_hold_ = 0;  ///< stops and releases are numbered together
  std::map<TapName, MachineId> machines_;
  std::set<RequestId> given_up_;
  std::vector<LogRow> rows_;
  std::vector<Transition> transitions_;
};

}  // namespace pourtocol::control
