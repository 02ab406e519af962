// A log in a temporary folder, and verbs to pour with.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backend/database/backup.hpp"
#include "backend/database/check.hpp"
#include "backend/database/schema.hpp"
#include "backend/database/sqlite.hpp"
#include "backend/database/sqlite_audit_log.hpp"
#include "backend/database/sqlite_log_reader.hpp"
#include "backend/database/tests/faulty_vfs.hpp"
#include "backend/database/tests/mailbox.hpp"
#include "backend/database/tests/temporary_folder.hpp"

namespace pourtocol::database::testing {

class LogFixture : public ::testing::Test, protected control::AuditLogListener {
 protected:
  void TearDown() override { close_log(); }

  [[nodiscard]] std::string open_error() {
    auto opened = SqliteAuditLog::open(file_, *this, mailbox_.post(), options_);
    if (!opened) return opened.error();
    log_ = std::move(*opened);
    return {};
  }
  void open_log() { ASSERT_EQ(open_error(), ""); }
  void close_log() { log_.reset(); }

  [[nodiscard]] control::Pour wish(std::string_view key, std::string_view tap,
                                   std::string_view user = "ada") {
    control::Pour pour;
    pour.request_id = RequestId::parse(key).value();
    pour.tap = TapName::parse(tap).value();
    pour.user = UserToken::from(user).value();
    pour.amount_ml = 30;
    pour.most = Microlitres{36'000};
    pour.started_at = pour.updated_at = WallTime{std::chrono::milliseconds{++clock_ms_}};
    return pour;
  }

  control::WriteId submit(control::StoreWrite write) {
    const control::WriteId id{++last_id_};
    log_->submit(id, std::move(write));
    return id;
  }
  const control::WriteReply& write(control::StoreWrite what) {
    submit(std::move(what));
    const std::size_t count = last_id_;
    mailbox_.run_until([this, count] { return replies_.size() >= count; });
    return replies_.back();
  }
  const control::WriteReply& start(const control::Pour& pour) {
    return write(control::StartWrite{pour, std::nullopt});
  }
  const control::WriteReply& step(control::Pour& pour, control::PourState to,
                                  control::Cause cause) {
    const auto from = pour.state;
    pour.state = to;
    pour.cause = cause;
    pour.updated_at = WallTime{std::chrono::milliseconds{++clock_ms_}};
    if (to == control::PourState::done) pour.stop_reason = protocol::StopReason::target_reached;
    if (control::is_final(to)) {
      pour.delivery = control::Delivery{control::Basis::meter, Microlitres{29'800},
                                        Microlitres{400}, Microlitres{29'400}, Microlitres{30'200}};
    }
    return write(control::StepWrite{from, pour});
  }
  /// A whole pour, started, accepted and done.
  void pour_out(std::string_view key, std::string_view tap, std::string_view user = "ada") {
    control::Pour pour = wish(key, tap, user);
    start(pour);
    pour.state = control::PourState::sending;
    pour.accepted = true;
    step(pour, control::PourState::accepted, control::Cause::device_accepted);
    step(pour, control::PourState::done, control::Cause::device_reported);
  }
  /// A calibration run of 120 ml, which no guest may have.
  void pour_out_service(std::string_view key, std::string_view tap) {
    control::Pour pour = wish(key, tap, "host");
    pour.amount_ml = 120;
    pour.purpose = protocol::Purpose::calibrate;
    pour.portions = 8;
    start(pour);
    pour.state = control::PourState::sending;
    pour.accepted = true;
    step(pour, control::PourState::accepted, control::Cause::device_accepted);
    step(pour, control::PourState::done, control::Cause::device_reported);
  }
  control::RecoverResult recover() {
    const std::size_t before = recoveries_.size();
    log_->recover();
    mailbox_.run_until([this, before] { return recoveries_.size() > before; });
    return recoveries_.back();
  }

  /// Runs SQL as a stranger would, with a connection of its own.
  void tamper(const std::string& sql) {
    Connection connection{file_, Connection::Mode::read_write};
    connection.run(sql);
  }
  /// The same behind the triggers' back: they are as they were afterwards.
  void forge_unseen(const std::filesystem::path& file, const std::string& sql) {
    Connection connection{file, Connection::Mode::read_write};
    std::string drop;
    std::string create;
    {
      Statement triggers =
          connection.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'");
      while (triggers.step()) {
        drop += "DROP TRIGGER " + identifier(triggers.text(0)) + ";";
        create += std::string{triggers.text(1)} + ";";
      }
    }
    connection.run(drop + sql + ";" + create);
  }
  void forge_unseen(const std::string& sql) { forge_unseen(file_, sql); }
  /// Puts the rows into a file as a server wrote it when its schema was `version`. Not those of the
  /// original, which it took over itself.
  void make_older(int version) {
    const auto younger = folder_ / "younger.db";
    std::filesystem::rename(file_, younger);
    Connection connection{file_, Connection::Mode::read_write};
    build_schema(connection, version);
    connection.run("ATTACH '" + younger.string() + "' AS younger");
    // What a trigger notes it notes here too.
    Statement tables = connection.prepare(
        "SELECT t.name, group_concat(c.name) FROM main.sqlite_schema AS t "
        "JOIN pragma_table_info(t.name, 'main') AS c "
        "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name <> 'origin' "
        "AND t.name <> 'clock_turns' GROUP BY t.name");
    std::string copy;
    while (tables.step()) {
      const std::string table{tables.text(0)};
      const std::string columns{tables.text(1)};
      copy += "INSERT INTO main." + table + "(" + columns + ") SELECT " + columns +
              " FROM younger." + table + " ORDER BY 1;";
    }
    connection.run(copy);
  }
  [[nodiscard]] std::int64_t ask(const std::string& sql) {
    Connection connection{file_, Connection::Mode::read_write};
    return connection.read_integer(sql);
  }
  [[nodiscard]] std::string ask_text(const std::string& sql) {
    Connection connection{file_, Connection::Mode::read_write};
    return connection.read_text(sql);
  }
  void expect_whole(const std::filesystem::path& file) {
    const auto report = check(file);
    ASSERT_TRUE(report) << report.error();
    EXPECT_THAT(report->problems, ::testing::IsEmpty());
  }
  void expect_whole() { expect_whole(file_); }

  void on_reply(control::WriteReply reply) override { replies_.push_back(std::move(reply)); }
  void on_recovered(control::RecoverResult result) override {
    recoveries_.push_back(std::move(result));
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "pourtocol.db";
  AuditLogOptions options_;
  Mailbox mailbox_;
  std::deque<control::WriteReply> replies_;
  std::vector<control::RecoverResult> recoveries_;
  std::uint64_t last_id_ = 0;
  std::int64_t clock_ms_ = 1'780'000'000'000;
  std::unique_ptr<SqliteAuditLog> log_;
};

template <class Result>
[[nodiscard]] bool is(const control::WriteReply& reply) {
  return std::holds_alternative<Result>(reply.result);
}

}  // namespace pourtocol::database::testing
