// The tables of the log in SQLite: ledger::Storage, and how its file is opened.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "backend/database/chain.hpp"
#include "backend/database/head.hpp"
#include "backend/database/keyed_log.hpp"
#include "backend/database/sqlite.hpp"
#include "backend/ledger/storage.hpp"

namespace pourtocol::database {

/// An open, migrated database with its statements prepared and the ends of its chains in mind.
/// After any `SqlError` from a call it is of no more use: what it has in mind may no longer be what
/// the file holds.
class SqliteStorage final : public ledger::Storage {
 public:
  /// Opens, creates or migrates `file`, and makes everything in it durable (see `settle_wal`).
  /// Every row from now on is hashed with `key`, if one is named.
  SqliteStorage(const std::filesystem::path& file, const std::string& vfs, const LogKey& key);
  SqliteStorage(const SqliteStorage&) = delete;
  SqliteStorage& operator=(const SqliteStorage&) = delete;

  [[nodiscard]] Connection& connection() noexcept { return connection_; }

  /// Where the chains end. Committed, once the caller's transaction is.
  [[nodiscard]] Head head() const;

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
  [[nodiscard]] std::int64_t last_hold() override { return holds_.head().number; }
  [[nodiscard]] std::int64_t last_event() override { return events_.head().number; }

 private:
  Connection connection_;
  std::optional<ChainKey> key_;  ///< that of the chains
  ChainHead keys_;               ///< of `chain_keys`, to which nothing is added
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
