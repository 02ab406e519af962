// The simulation's log, on a disk in virtual time: a party is worth no more than its store is true.

#include <stdexcept>

#include "simulation/disk.hpp"
#include "tests/contract/audit_log_contract.hpp"

namespace pourtocol::contract {
namespace {

using simulation::Bug;
using simulation::Disk;
using simulation::Schedule;

class SimulatedStore final : public StoreUnderTest {
 public:
  explicit SimulatedStore(control::AuditLogListener& listener) : listener_{listener} {}

  control::AuditLog& log() override { return *log_; }

  void run_until(const std::function<bool()>& done) override {
    while (!done()) {
      if (schedule_.next_at() == Instant::max()) throw std::runtime_error{"nothing will happen"};
      schedule_.run_next();
    }
  }

  void crash() override {
    log_.reset();
    log_ = std::make_unique<Disk::Log>(disk_, listener_);
  }

  std::vector<control::LogRow> rows() override { return disk_.ledger().rows(); }

 private:
  control::AuditLogListener& listener_;
  Schedule schedule_;
  Disk disk_{schedule_, Random{1}, Bug::none};
  std::unique_ptr<Disk::Log> log_ = std::make_unique<Disk::Log>(disk_, listener_);
};

std::unique_ptr<StoreUnderTest> make_simulated(control::AuditLogListener& listener) {
  return std::make_unique<SimulatedStore>(listener);
}

INSTANTIATE_TEST_SUITE_P(Simulated, AuditLogContract,
                         ::testing::Values(StoreKind{"Simulated", make_simulated}), name_of_store);

}  // namespace
}  // namespace pourtocol::contract
