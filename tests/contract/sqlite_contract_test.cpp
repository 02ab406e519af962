// The SQLite log, on a disk that loses what was not synced when the power fails.

#include <stdexcept>
#include <utility>

#include "backend/database/check.hpp"
#include "backend/database/sqlite_audit_log.hpp"
#include "backend/database/sqlite_log_reader.hpp"
#include "backend/database/tests/faulty_vfs.hpp"
#include "backend/database/tests/mailbox.hpp"
#include "backend/database/tests/temporary_folder.hpp"
#include "tests/contract/audit_log_contract.hpp"

namespace pourtocol::contract {
namespace {

using database::SqliteAuditLog;
using database::SqliteLogReader;

class SqliteStore final : public StoreUnderTest {
 public:
  explicit SqliteStore(control::AuditLogListener& listener) : listener_{listener} { open(); }

  ~SqliteStore() override {
    log_.reset();
    const auto report = database::check(file_);
    EXPECT_TRUE(report && report->whole()) << (report ? report->problems.front() : report.error());
  }

  control::AuditLog& log() override { return *log_; }
  void run_until(const std::function<bool()>& done) override { mailbox_.run_until(done); }

  void crash() override {
    disk_.cut_power();
    log_.reset();
    mailbox_.clear();
    disk_.restore_power();
    open();
  }

  std::vector<control::LogRow> rows() override {
    database::testing::Mailbox mailbox;
    auto reader = SqliteLogReader::open(file_, mailbox.post()).value();
    std::vector<control::LogRow> all;
    control::LogQuery query;
    query.limit = 1000;
    for (;;) {
      std::optional<std::vector<control::LogRow>> page;
      reader->read_log(query, [&page](auto result) { page = std::move(result).value(); });
      mailbox.run_until([&page] { return page.has_value(); });
      if (page->empty()) break;
      query.before_id = page->back().id;
      all.insert(all.end(), page->begin(), page->end());
    }
    return {all.rbegin(), all.rend()};
  }

 private:
  void open() {
    auto opened = SqliteAuditLog::open(file_, listener_, mailbox_.post(), {.vfs = disk_.name()});
    if (!opened) throw std::runtime_error{opened.error()};
    log_ = std::move(*opened);
  }

  control::AuditLogListener& listener_;
  database::testing::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "pourtocol.db";
  database::testing::FaultyVfs disk_{"contract"};
  database::testing::Mailbox mailbox_;
  std::unique_ptr<SqliteAuditLog> log_;
};

std::unique_ptr<StoreUnderTest> make_sqlite(control::AuditLogListener& listener) {
  return std::make_unique<SqliteStore>(listener);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, AuditLogContract,
                         ::testing::Values(StoreKind{"Sqlite", make_sqlite}), name_of_store);

}  // namespace
}  // namespace pourtocol::contract
