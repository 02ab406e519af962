// Whatever a pour may be, every value of every enumeration is written into `pours`, `transitions`
// and `events` and read back as it was: what the log takes and cannot read again would be lost.
#include <deque>
#include <map>

#include "backend/database/tests/log_fixture.hpp"
#include "core/enumeration.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::database::testing {
namespace {

using control::Basis;
using control::Cause;
using control::LogRow;
using control::Pour;
using control::PourState;
using protocol::Purpose;
using protocol::StopReason;

/// Verbs that write a pour and read all that the log has of it.
class Names : public LogFixture {
 protected:
  void SetUp() override {
    open_log();
    auto opened = SqliteLogReader::open(file_, mailbox_.post());
    ASSERT_TRUE(opened) << opened.error();
    reader_ = std::move(*opened);
  }
  void TearDown() override {
    expect_whole();
    reader_.reset();
    LogFixture::TearDown();
  }

  Pour sending() {
    const std::string number = std::to_string(++pours_);
    Pour pour = wish("pour-" + number, "tap-" + number);
    EXPECT_TRUE(is<control::Started>(start(pour)));
    pour.state = PourState::sending;
    return pour;
  }

  /// A pour that the machine said yes to.
  Pour accepted() {
    Pour pour = sending();
    pour.accepted = true;
    move(pour, PourState::accepted, Cause::device_accepted);
    return pour;
  }

  void move(Pour& pour, PourState to, Cause cause) {
    const PourState from = pour.state;
    pour.state = to;
    pour.cause = cause;
    pour.updated_at = WallTime{std::chrono::milliseconds{++clock_ms_}};
    ASSERT_TRUE(is<control::Written>(write(control::StepWrite{from, pour})));
  }

  /// The pour as `pours` has it, with its steps as `transitions` has them.
  control::PourWithHistory read(const Pour& pour) {
    std::optional<std::optional<control::PourWithHistory>> found;
    reader_->find_pour(pour.request_id,
                       [&found](auto result) { found = std::move(result).value(); });
    mailbox_.run_until([&found] { return found.has_value(); });
    return found->value();
  }

  /// The newest row of `events`, with what `transitions` says of it.
  LogRow newest_row() {
    std::optional<std::vector<LogRow>> rows;
    reader_->read_log({}, [&rows](auto result) { rows = std::move(result).value(); });
    mailbox_.run_until([&rows] { return rows.has_value(); });
    return rows->at(0);
  }

  std::unique_ptr<SqliteLogReader> reader_;
  int pours_ = 0;
};

TEST_F(Names, OfEveryStopReasonComeBackFromTheLog) {
  for (const StopReason reason : enumerators<StopReason>) {
    Pour pour = accepted();
    pour.stop_reason = reason;
    pour.delivery.emplace().basis = Basis::meter;
    move(pour, PourState::partial, Cause::device_reported);
    EXPECT_EQ(read(pour).pour, pour) << protocol::name_of(reason);
    EXPECT_EQ(newest_row().request_id, pour.request_id);
    EXPECT_EQ(newest_row().stop_reason, reason) << protocol::name_of(reason);
    EXPECT_EQ(ask_text("SELECT stop_reason FROM transitions ORDER BY seq DESC LIMIT 1"),
              protocol::name_of(reason));
  }
}

TEST_F(Names, OfEveryBasisComeBackFromTheLog) {
  for (const Basis basis : enumerators<Basis>) {
    Pour pour = accepted();
    pour.delivery.emplace().basis = basis;
    pour.delivery->max = Microlitres{30'000};
    move(pour, PourState::done, Cause::device_reported);
    EXPECT_EQ(read(pour).pour, pour) << control::name_of(basis);
    EXPECT_EQ(newest_row().request_id, pour.request_id);
    EXPECT_EQ(newest_row().delivery, pour.delivery) << control::name_of(basis);
    EXPECT_EQ(ask_text("SELECT basis FROM transitions ORDER BY seq DESC LIMIT 1"),
              control::name_of(basis));
  }
}

TEST_F(Names, OfEveryCauseComeBackFromTheLog) {
  for (const Cause cause : enumerators<Cause>) {
    Pour pour = accepted();
    pour.delivery = control::Delivery{};
    move(pour, PourState::not_poured, cause);
    const auto found = read(pour);
    EXPECT_EQ(found.pour, pour) << control::name_of(cause);
    EXPECT_EQ(found.history.back().cause, cause) << control::name_of(cause);
    EXPECT_EQ(newest_row().request_id, pour.request_id);
    EXPECT_EQ(newest_row().cause, cause) << control::name_of(cause);
  }
}

TEST_F(Names, OfEveryCauseForARefusalComeBackFromTheLog) {
  for (const Cause cause : enumerators<Cause>) {
    const Pour pour = wish("refused" + std::to_string(++pours_), "bar");
    EXPECT_TRUE(is<control::Refused>(write(control::StartWrite{pour, cause})));
    EXPECT_EQ(read(pour).pour.cause, cause) << control::name_of(cause);
    EXPECT_EQ(newest_row().request_id, pour.request_id);
    EXPECT_EQ(newest_row().cause, cause) << control::name_of(cause);
  }
}

/// The shortest legal way from `sending` to each state that can be reached at all.
std::map<PourState, std::vector<PourState>> ways() {
  std::map<PourState, std::vector<PourState>> found{{PourState::sending, {}}};
  std::deque<PourState> open{PourState::sending};
  while (!open.empty()) {
    const PourState from = open.front();
    open.pop_front();
    for (const PourState to : enumerators<PourState>) {
      if (!control::is_legal(from, to) || found.contains(to)) continue;
      std::vector<PourState> way = found.at(from);
      way.push_back(to);
      found.emplace(to, std::move(way));
      open.push_back(to);
    }
  }
  return found;
}

TEST_F(Names, OfEveryStateComeBackFromTheLog) {
  const auto way_to = ways();
  for (const PourState state : enumerators<PourState>) {
    if (state == PourState::fresh) continue;  // where a pour comes from, in its first step
    const std::string name{control::name_of(state)};
    Pour pour = wish("to-" + name, name);
    if (state == PourState::refused) {
      write(control::StartWrite{pour, Cause::no_glass});
    } else {
      start(pour);
      pour.state = PourState::sending;
      for (const PourState next : way_to.at(state)) {
        pour.accepted = pour.accepted || next == PourState::accepted;
        if (control::is_final(next)) pour.delivery = control::Delivery{};
        move(pour, next, Cause::device_reported);
      }
    }
    const auto found = read(pour);
    EXPECT_EQ(found.pour.state, state) << name;
    EXPECT_EQ(found.history.front().from, PourState::fresh) << name;
    EXPECT_EQ(found.history.back().to, state) << name;
    EXPECT_EQ(newest_row().request_id, pour.request_id);
    EXPECT_EQ(newest_row().outcome, control::is_open(state) ? PourState::sending : state) << name;
  }
}

TEST_F(Names, OfEveryPurposeComeBackFromTheLog) {
  for (const Purpose purpose : enumerators<Purpose>) {
    Pour pour = wish("for-" + std::string{protocol::name_of(purpose)}, "bar");
    pour.purpose = purpose;
    if (purpose == Purpose::clean || purpose == Purpose::empty_line) {
      pour.amount_ml = 0;
      pour.run_time = std::chrono::seconds{5};
    }
    start(pour);
    EXPECT_EQ(newest_row().purpose, purpose) << protocol::name_of(purpose);
    pour.state = PourState::sending;
    EXPECT_EQ(read(pour).pour, pour) << protocol::name_of(purpose);
    pour.delivery = control::Delivery{};
    move(pour, PourState::not_sent, Cause::connect_failed);
    EXPECT_EQ(read(pour).pour, pour) << protocol::name_of(purpose);
    EXPECT_EQ(newest_row().request_id, pour.request_id);
    EXPECT_EQ(newest_row().purpose, purpose) << protocol::name_of(purpose);
  }
}

}  // namespace
}  // namespace pourtocol::database::testing
