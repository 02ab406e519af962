// The log on a disk that can be slow, full, broken, or lose power: control::AuditLog in virtual
// time.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "backend/control/audit_log.hpp"
#include "backend/ledger/ledger.hpp"
#include "backend/ledger/memory_storage.hpp"
#include "core/random.hpp"
#include "simulation/bugs.hpp"
#include "simulation/schedule.hpp"

namespace pourtocol::simulation {

/// What is on the disk. Outlives every run of the server.
class Disk {
 public:
  Disk(Schedule& schedule, Random random, Bug bug)
      : schedule_{schedule}, random_{random}, bug_{bug} {}

  [[nodiscard]] const ledger::MemoryStorage& ledger() const noexcept { return tables_; }
  /// Writes fail, and may be there nevertheless.
  void set_failing(bool failing) noexcept { failing_ = failing; }
  /// Writes fail, and are surely not there.
  void set_locked(bool locked) noexcept { locked_ = locked; }
  void set_slow(bool slow) noexcept { slow_ = slow; }

  /// One run's open file. Destroying it is the crash of that run: what was not committed is lost,
  /// and a commit under way happens wholly or not at all.
  class Log final : public control::AuditLog {
   public:
    Log(Disk& disk, control::AuditLogListener& listener) : disk_{disk}, listener_{listener} {}
    ~Log() override;
    void submit(control::WriteId id, control::StoreWrite write) override;
    void recover() override;

   private:
    struct Waiting {
      control::WriteId id{};
      control::StoreWrite write;
    };
    void begin_commit();
    void finish_commit();
    void fail_all(std::vector<Waiting> batch);
    void reply(control::WriteReply reply);

    Disk& disk_;
    control::AuditLogListener& listener_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::deque<Waiting> queue_;
    std::vector<Waiting> committing_;
    bool broken_ = false;
    /// The bug `lose_acknowledged_rows` keeps what it should have written in here.
    std::vector<Waiting> acknowledged_only_;
  };

 private:
  [[nodiscard]] control::WriteReply apply(control::WriteId id, const control::StoreWrite& write) {
    return ledger::apply(tables_, id, write);
  }

  Schedule& schedule_;
  Random random_;
  Bug bug_;
  ledger::MemoryStorage tables_;
  bool failing_ = false;
  bool locked_ = false;
  bool slow_ = false;
};

}  // namespace pourtocol::simulation
