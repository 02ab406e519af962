// A process to be killed: pours without end into the database it is given, and prints the id and
// the key of each row of `events` once it was told that the row is durable.

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <string>

#include "backend/database/sqlite_audit_log.hpp"
#include "backend/database/tests/mailbox.hpp"

namespace {

using namespace pourtocol;

class EndlessPours final : public control::AuditLogListener {
 public:
  EndlessPours(const char* file, std::string run) : run_{std::move(run)} {
    auto opened = database::SqliteAuditLog::open(file, *this, mailbox_.post());
    if (!opened) {
      std::fprintf(stderr, "%s\n", opened.error().c_str());
      ::_exit(1);
    }
    log_ = std::move(*opened);
  }

  [[noreturn]] void run() {
    for (int tap = 0; tap < 8; ++tap) start(tap);
    mailbox_.run_until([] { return false; });
    ::_exit(1);
  }

  void on_reply(control::WriteReply reply) override {
    if (reply.row) {
      const auto line =
          std::to_string(reply.row->id) + " " + std::string{reply.row->request_id.view()} + "\n";
      if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::_exit(0);
    }
    if (std::holds_alternative<control::Failed>(reply.result)) ::_exit(2);
    advance(reply.id);
  }
  void on_recovered(control::RecoverResult) override {}

 private:
  struct Course {
    int tap = 0;
    control::Pour pour;
  };

  void start(int tap) {
    control::Pour pour;
    pour.request_id = RequestId::parse(run_ + "-" + std::to_string(++pours_)).value();
    pour.tap = TapName::parse(run_ + "-" + std::to_string(tap)).value();
    pour.amount_ml = 30;
    pour.started_at = pour.updated_at = WallTime{std::chrono::milliseconds{pours_}};
    submit({tap, pour}, control::StartWrite{pour, std::nullopt});
  }

  void advance(control::WriteId id) {
    auto node = courses_.extract(id);
    Course& course = node.mapped();
    if (course.pour.state == control::PourState::not_sent) return start(course.tap);
    const auto from = control::PourState::sending;
    course.pour.state = control::PourState::not_sent;
    course.pour.cause = control::Cause::connect_failed;
    course.pour.delivery = control::Delivery{};
    submit(course, control::StepWrite{from, course.pour});
  }

  void submit(const Course& course, control::StoreWrite write) {
    const control::WriteId id{++writes_};
    courses_[id] = course;
    log_->submit(id, std::move(write));
  }

  std::string run_;
  std::int64_t pours_ = 0;
  std::uint64_t writes_ = 0;
  std::map<control::WriteId, Course> courses_;
  database::testing::Mailbox mailbox_;
  std::unique_ptr<database::SqliteAuditLog> log_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  EndlessPours{argv[1], argv[2]}.run();
}
