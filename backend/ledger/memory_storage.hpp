// The tables of the log in memory, for the simulation's disk and for tests; never for the server.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "backend/ledger/storage.hpp"

namespace pourtocol::ledger {

/// A value: a copy is the log as it stood then.
class MemoryStorage final : public Storage {
 public:
  struct Transition {
    RequestId request_id;
    control::PourState from = control::PourState::fresh;
    control::PourState to = control::PourState::fresh;
    control::Cause cause = control::Cause::checks_passed;
  };

  // ---- For who looks from outside

  [[nodiscard]] const std::vector<control::LogRow>& rows() const noexcept { return rows_; }
  [[nodiscard]] const std::vector<Transition>& transitions() const noexcept { return transitions_; }
  [[nodiscard]] const std::map<RequestId, control::Pour>& pours() const noexcept { return pours_; }
  /// Null: nobody knows it. Valid until the next write.
  [[nodiscard]] const control::Pour* pour(const RequestId& id) const;
  /// The tap's open pour, or null. Valid until the next write.
  [[nodiscard]] const control::Pour* open_pour(const TapName& tap) const;

  // ---- Storage

  [[nodiscard]] std::optional<control::Pour> find(const RequestId& id) override;
  [[nodiscard]] bool is_given_up(const RequestId& id) override;
  [[nodiscard]] std::optional<control::PourState> state_of_open(const TapName& tap) override;
  [[nodiscard]] control::StopNumber stop_that_holds(const TapName& tap) override;

  void add_pour(const control::Pour& pour) override;
  void update_pour(const control::Pour& pour) override;
  [[nodiscard]] std::int64_t add_event(const control::LogRow& row) override;
  void add_transition(control::PourState from, const control::Pour& pour,
                      std::optional<std::int64_t> event) override;
  [[nodiscard]] control::StopNumber add_hold(const TapName& tap, bool held, WallTime at) override;
  void add_machine(const TapName& tap, const std::optional<MachineId>& machine,
                   WallTime at) override;
  void add_given_up(const RequestId& id, WallTime at) override;

  [[nodiscard]] std::vector<control::Pour> open_pours() override;
  [[nodiscard]] std::vector<control::Pour> last_that_may_have_flowed() override;
  [[nodiscard]] std::vector<control::Recovered::Held> held_taps() override;
  [[nodiscard]] std::vector<control::Recovered::Calibrated> last_accepted() override;
  [[nodiscard]] std::vector<control::Recovered::Machine> machines() override;
  [[nodiscard]] std::int64_t last_hold() override { return last_hold_; }
  [[nodiscard]] std::int64_t last_event() override;

 private:
  std::map<RequestId, control::Pour> pours_;
  std::map<TapName, std::vector<RequestId>> started_;  ///< oldest first, refused ones left out
  std::map<TapName, RequestId> open_;
  std::map<TapName, control::StopNumber> held_;
  std::int64_t last_hold_ = 0;
  std::map<TapName, MachineId> machines_;
  std::set<RequestId> given_up_;
  std::vector<control::LogRow> rows_;
  std::vector<Transition> transitions_;
};

}  // namespace pourtocol::ledger
