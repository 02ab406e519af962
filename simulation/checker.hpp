// Holds the party against what must never happen. It looks at what physically flowed and at what is
// on the disk, never at what the coordinator believes. The numbers are those of docs/safety.md.
//
//   1  one episode per order (`look_at_machine`); none sent twice without a guard (`order_leaves`)
//   2  the row is on the disk when an order leaves (`order_leaves`), and of the tap whose machine
//      then pours (`look_at_machine`)
//   3  amounts as they leave (`order_leaves`); what flowed, and how long the pump was on, against
//      bounds reckoned here (`look_at_episode`)
//   4  the true glass before and while the pump runs (`look_at_glass`)
//   5  two pours open on one tap (`look_at_log`)
//   6  what a transaction had before it when it wrote `started` (`look_at_start`)
//   7  each closed pour against what flowed: when it closes, whenever more has flowed, and at the
//      end (`look_at_pour`)
//   8  acknowledged writes are there at once (`write_answered`), after each crash and at the end,
//      and ids have no gap (`look_at_acknowledged`, `look_back`)
//   9  answers against rows, one key one last word, another body never taken for it (`answered`);
//      no wish without an answer (`World::look_at_last_round`)
//  10  the arrows, written down once more (`look_at_log`)
//  11  no order leaves whose write was reported failed (`order_leaves`)
//  12  no pump goes on without an order, at boot above all (`look_at_machine`)
//  13  no order begins after its time, or in a later boot than it was meant for (`order_taken`);
//      clocks jump and counters wrap in every world, and 3 and 7 see what that would prolong
//  14  no order leaves while another pour of its tap is open (`order_leaves`)
//  15  no order for a stopped tap (`order_leaves`), and no resume lifts a stop that is newer than
//      the one it names (`write_submitted`, `write_answered`); the pump is off when a stop has been
//      taken (`stop_taken`) and, where nothing is out of order, 250 ms after it left
//      (`World::watch_stop`)
//  16  not here: this party has no sockets. tests/hostile and http/tests hold it.
//  17  once faults have ceased each open pour closes within its longest and 10 s
//      (`look_at_convergence`), every tap serves (`World::look_at_last_round`), and no storm stops
//      all orders for an hour (`World::party`)
//
//  18  no order leaves and nothing flows for an id that its client was told is given up, or stopped
//      before it left (`order_leaves`, `look_at_machine`), nor after the last moment that anybody
//      has named for it (`order_leaves`)
//
// A pour in which a welded relay or a siphon had a part is left out of 1, 3, 4, 7 and 12: no
// software can keep them. One in which the glass sensor lied (stuck at "there", flickering) is left
// out of 4: no software sees a glass that its sensor does not.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backend/control/service.hpp"
#include "backend/control/settings.hpp"
#include "backend/ledger/memory_storage.hpp"
#include "simulation/machine.hpp"
#include "simulation/schedule.hpp"

namespace pourtocol::simulation {

/// What one order may come to at the most.
struct Bounds {
  bool possible = false;
  Millilitres amount;  ///< 0: it goes by time
  Microlitres most;
  Duration longest{0};
};
[[nodiscard]] Bounds bounds_of(const control::TapSettings& tap, const control::OrderCall& call);

/// For people.
[[nodiscard]] std::string quoted(const RequestId& id);

/// A promise that was broken.
struct Violation {
  int invariant = 0;
  Instant at{};
  std::string what;
};

class Checker {
 public:
  Checker(const Schedule& schedule, const control::Settings& settings,
          const ledger::MemoryStorage& ledger, std::vector<std::unique_ptr<Machine>>& machines)
      : schedule_{schedule},
        settings_{settings},
        ledger_{ledger},
        machines_{machines},
        checked_(machines.size(), 0) {}

  // What happens, as it happens.
  void order_leaves(control::TapIndex tap, const control::OrderCall& call);
  void order_taken(control::TapIndex tap, const RequestId& id, const firmware::OrderReply& reply);
  void stop_taken(control::TapIndex tap, const protocol::StopOrder& stop);
  void write_submitted(const control::StoreWrite& write);
  void write_answered(const control::StoreWrite& write, const control::WriteReply& reply);
  void answered(const control::DispenseRequest& request, const RequestId& id,
                const control::DispenseAnswer& answer);

  /// A client asks, up to a moment.
  void wished(const control::DispenseRequest& request, const RequestId& id);
  /// A host resumes, and names that stop.
  void resumed(control::StopNumber stop) { resumed_.insert(stop); }
  /// A client is told what became of stopping or giving up that id.
  void pour_stopped(const RequestId& id, control::ControlCode told);

  void server_died();
  /// From `at` on nothing is out of order any more.
  void faults_cease(Instant at);
  /// Something was seen that must not be; the first is kept.
  void broken(int invariant, const std::string& what);

  /// After every event.
  void look();
  /// When all faults have long ceased and nothing can flow any more.
  void look_back();

  [[nodiscard]] const std::optional<Violation>& violation() const noexcept { return violation_; }

  [[nodiscard]] std::size_t episodes() const noexcept { return episode_count_; }

 private:
  void look_at_machine(std::size_t index);
  void look_at_episode(std::size_t index, const Machine::Labelled& labelled);
  void look_at_glass(const Machine::Labelled& labelled, const firmware::Episode& episode);
  void forget_stop(const TapName& name, control::StopNumber up_to);
  void look_at_start(const control::Pour& pour);
  void look_at_log();
  void look_at_pour(const control::Pour& pour);
  void look_at_unmeasured(const control::Pour& pour);
  void look_at_convergence();
  void look_at_acknowledged();
  [[nodiscard]] Machine& machine_of(const TapName& name) const;
  [[nodiscard]] const control::TapSettings& tap(std::size_t index) const {
    return settings_.taps[index];
  }

  const Schedule& schedule_;
  const control::Settings& settings_;
  const ledger::MemoryStorage& ledger_;
  std::vector<std::unique_ptr<Machine>>& machines_;

  std::vector<std::size_t> checked_;  ///< per machine: episodes that are final and were looked at
  std::vector<std::size_t> labelled_ = std::vector<std::size_t>(machines_.size(), 0);
  std::size_t episode_count_ = 0;
  std::map<RequestId, Bounds> ordered_;
  std::map<RequestId, Instant> wished_at_;
  std::map<RequestId, Instant> left_at_;
  std::map<RequestId, Instant> booted_before_;  ///< when its machine had booted, as it was wished
  std::map<RequestId, int> episodes_of_;
  std::map<RequestId, Microlitres> truth_;  ///< what flowed under each id, as far as it is final
  std::map<RequestId, Duration> pump_on_for_;
  std::map<RequestId, control::AnswerCode> final_answers_;
  std::set<RequestId> failed_writes_;
  std::set<RequestId> given_up_;  ///< and told so
  std::map<RequestId, Instant> leaves_by_;
  std::set<control::StopNumber> resumed_;        ///< named by a host
  std::map<TapName, control::StopNumber> held_;  ///< the newest stop that was reported durable
  std::vector<control::LogRow> acknowledged_;

  std::size_t transitions_seen_ = 0;
  std::map<RequestId, control::PourState> state_of_;
  std::map<TapName, RequestId> open_on_;
  std::optional<Instant> faults_ceased_;
  std::optional<Violation> violation_;
};

}  // namespace pourtocol::simulation
