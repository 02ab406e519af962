// Holds the party against what must never happen. It looks at what physically flowed and at what is
// on the disk, never at what the coordinator believes. The numbers are those of docs/safety.md.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backend/control/ledger_model.hpp"
#include "backend/control/service.hpp"
#include "backend/control/settings.hpp"
#include "simulation/machine.hpp"
#include "simulation/schedule.hpp"

namespace pourtocol::simulation {

/// A promise that was broken.
struct Violation {
  int invariant = 0;
  Instant at{};
  std::string what;
};

class Checker {
 public:
  Checker(const Schedule& schedule, const control::Settings& settings,
          const control::LedgerModel& ledger, std::vector<std::unique_ptr<Machine>>& machines)
      : schedule_{schedule},
        settings_{settings},
        ledger_{ledger},
        machines_{machines},
        checked_(machines.size(), 0) {}

  // What happens, as it happens.
  void order_leaves(control::TapIndex tap, const protocol::DispenseOrder& order);
  void stop_taken(control::TapIndex tap, const protocol::StopOrder& stop);
  void write_submitted(const control::StoreWrite& write);
  void write_answered(const control::StoreWrite& write, const control::WriteReply& reply);
  void answered(const control::DispenseRequest& request, const RequestId& id,
                const control::DispenseAnswer& answer);

  /// After every event.
  void look();
  /// When all faults have long ceased and nothing can flow any more.
  void look_back();

  [[nodiscard]] const std::optional<Violation>& violation() const noexcept { return violation_; }

  [[nodiscard]] std::size_t episodes() const noexcept { return episode_count_; }

 private:
  void broken(int invariant, const std::string& what);
  void look_at_machine(std::size_t index);
  void look_at_episode(Machine& machine, const Machine::Labelled& labelled);
  void look_at_log();
  void add_up_truth();
  void look_at_pour(const control::Pour& pour);
  [[nodiscard]] const control::TapSettings& tap(std::size_t index) const {
    return settings_.taps[index];
  }

  const Schedule& schedule_;
  const control::Settings& settings_;
  const control::LedgerModel& ledger_;
  std::vector<std::unique_ptr<Machine>>& machines_;

  std::vector<std::size_t> checked_;  ///< per machine: episodes that are final and were looked at
  std::vector<std::size_t> labelled_ = std::vector<std::size_t>(machines_.size(), 0);
  std::size_t episode_count_ = 0;
  std::map<RequestId, Millilitres> ordered_;
  std::map<RequestId, int> episodes_of_;
  /// What the spans of one order come to, as far as they are final.
  struct Spans {
    Microlitres total;
    Duration on{0};
  };
  std::map<RequestId, Spans> spans_of_;
  std::map<RequestId, control::AnswerCode> final_answers_;
  std::set<RequestId> failed_writes_;
  std::set<TapName> held_;  ///< of which a stop has been reported durable
  std::vector<control::LogRow> acknowledged_;

  std::size_t transitions_seen_ = 0;
  std::map<RequestId, control::PourState> state_of_;
  std::map<TapName, RequestId> open_on_;
  std::map<RequestId, Microlitres> truth_;  ///< what flowed under each id; made by `look_back`
  std::optional<Violation> violation_;
};

}  // namespace pourtocol::simulation
