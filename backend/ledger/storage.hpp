// The port behind which the tables of the log live: what the rules (`ledger.hpp`) ask of them, and
// what they add. It decides nothing.
//
// Implemented by backend/database (SQLite) and in memory (`memory_storage.hpp`).
// tests/contract/audit_log_contract.hpp is the suite that each passes, behind its log.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "backend/control/audit_log.hpp"

namespace pourtocol::ledger {

/// All calls of one write are made within one transaction, and all of `present_state` on one
/// snapshot; both are the caller's. One thread at a time. What a storage's library throws goes
/// through the rules unhandled: the transaction is then given up by whoever opened it.
class Storage {
 public:
  Storage() = default;
  virtual ~Storage() = default;

  // ---- What a write is judged by

  [[nodiscard]] virtual std::optional<control::Pour> find(const RequestId& id) = 0;
  [[nodiscard]] virtual bool is_given_up(const RequestId& id) = 0;
  /// Where the open pour of the tap stands; absent: it has none. There is one at most: the
  /// rules see to that, and a database besides.
  [[nodiscard]] virtual std::optional<control::PourState> state_of_open(const TapName& tap) = 0;
  /// The stop that holds the tap; `none` where it is released.
  [[nodiscard]] virtual control::StopNumber stop_that_holds(const TapName& tap) = 0;

  // ---- What a write adds. Rows are numbered by the storage, from 1 on without a gap.

  virtual void add_pour(const control::Pour& pour) = 0;
  /// Replaces what may change of a known pour; what was asked for stays as it was.
  virtual void update_pour(const control::Pour& pour) = 0;
  /// `row.id` is not read. Returns the number the row was given.
  [[nodiscard]] virtual std::int64_t add_event(const control::LogRow& row) = 0;
  /// `pour` stands where the step led; `event` is the row of the log that the step made, if any.
  virtual void add_transition(control::PourState from, const control::Pour& pour,
                              std::optional<std::int64_t> event) = 0;
  /// A stop (`held`) or a release. They are numbered together.
  [[nodiscard]] virtual control::StopNumber add_hold(const TapName& tap, bool held,
                                                     WallTime at) = 0;
  /// Which machine is the tap's from now on; absent: none is known.
  virtual void add_machine(const TapName& tap, const std::optional<MachineId>& machine,
                           WallTime at) = 0;
  virtual void add_given_up(const RequestId& id, WallTime at) = 0;

  // ---- What stands, each by tap

  [[nodiscard]] virtual std::vector<control::Pour> open_pours() = 0;
  /// Of each tap its newest pour of which something may have flowed (`may_have_flowed`).
  [[nodiscard]] virtual std::vector<control::Pour> last_that_may_have_flowed() = 0;
  [[nodiscard]] virtual std::vector<control::Recovered::Held> held_taps() = 0;
  [[nodiscard]] virtual std::vector<control::Recovered::Calibrated> last_accepted() = 0;
  [[nodiscard]] virtual std::vector<control::Recovered::Machine> machines() = 0;
  /// The number of the newest stop or release of any tap; 0 when there is none.
  [[nodiscard]] virtual std::int64_t last_hold() = 0;
  /// The number of the newest row of the log; 0 when there is none.
  [[nodiscard]] virtual std::int64_t last_event() = 0;

 protected:
  Storage(const Storage&) = default;
  Storage& operator=(const Storage&) = default;
};

}  // namespace pourtocol::ledger
