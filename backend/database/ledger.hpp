// What the log does within a transaction, without threads: the rules of control::AuditLog.
#pragma once

#include <filesystem>
#include <string>

#include "backend/control/audit_log.hpp"
#include "backend/database/chain.hpp"
#include "backend/database/head.hpp"
#include "backend/database/sqlite.hpp"

namespace pourtocol::database {

/// An open, migrated database with its statements prepared and the ends of its chains in mind.
/// After any `SqlError` from a call it is of no more use: what it has in mind may no longer be what
/// the file holds.
class Ledger {
 public:
  /// Opens, creates or migrates `file`, and makes everything in it durable (see `settle_wal`).
  Ledger(const std::filesystem::path& file, const std::string& vfs);

  [[nodiscard]] Connection& connection() noexcept { return connection_; }

  /// One write, within the transaction the caller has open.
  [[nodiscard]] control::WriteReply apply(control::WriteId id, const control::StoreWrite& write);

  /// Where the chains end. Committed, once the caller's transaction is.
  [[nodiscard]] Head head() const;

  /// What the file says.
  [[nodiscard]] control::Recovered read_present_state();

 private:
  void apply_start(const control::StartWrite& write, control::WriteReply& reply);
  void apply_give_up(const control::GiveUpWrite& write, control::WriteReply& reply);
  void apply_step(const control::StepWrite& write, control::WriteReply& reply);
  void apply_found(const control::FoundWrite& write, control::WriteReply& reply);
  void apply_hold(const control::HoldWrite& write, control::WriteReply& reply);
  [[nodiscard]] control::StopNumber newest_stop(const TapName& tap);
  void apply_audit(const control::AuditWrite& write, control::WriteReply& reply);
  void apply_machine(const control::MachineWrite& write, control::WriteReply& reply);
  void add_machine(const TapName& tap, std::optional<MachineId> machine, WallTime at);

  [[nodiscard]] std::optional<control::Pour> find(const RequestId& id);
  [[nodiscard]] bool is_given_up(const RequestId& id);
  [[nodiscard]] std::optional<control::Cause> cause_against(const control::StartWrite& write);
  [[nodiscard]] std::optional<std::string> fault_of(const control::StepWrite& write);
  /// Adds the step's row to `transitions` and, where it makes one, to `events`.
  void record(control::PourState from, const control::Pour& pour, control::WriteReply& reply);
  [[nodiscard]] control::LogRow add_event(const control::Pour& pour);
  /// Writes `row` and gives it its id.
  void write_event(control::LogRow& row);

  Connection connection_;
  ChainedInsert events_;
  ChainedInsert transitions_;
  ChainedInsert holds_;
  ChainedInsert machines_;
  ChainedInsert given_up_;
  Statement find_pour_;
  Statement find_given_up_;
  Statement insert_pour_;
  Statement update_pour_;
  Statement newest_hold_;
  Statement open_pour_;
};

}  // namespace pourtocol::database
