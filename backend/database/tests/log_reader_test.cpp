#include "backend/database/tests/log_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "core/random.hpp"

namespace pourtocol::database::testing {
namespace {

using control::EventStatus;
using control::LogQuery;
using control::LogRow;
using control::PourState;
using control::ReadError;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LogReader : public LogFixture {
 protected:
  void open_reader(LogReaderOptions options = {}) {
    auto opened = SqliteLogReader::open(file_, mailbox_.post(), options);
    ASSERT_TRUE(opened) << opened.error();
    reader_ = std::move(*opened);
  }

  std::vector<LogRow> read(const LogQuery& query) {
    std::optional<std::vector<LogRow>> rows;
    reader_->read_log(query, [&rows](auto result) { rows = std::move(result).value(); });
    mailbox_.run_until([&rows] { return rows.has_value(); });
    return *rows;
  }
  std::vector<std::int64_t> ids(const LogQuery& query) {
    std::vector<std::int64_t> result;
    for (const LogRow& row : read(query)) result.push_back(row.id);
    return result;
  }
  std::optional<control::PourWithHistory> find(std::string_view key) {
    std::optional<std::optional<control::PourWithHistory>> found;
    reader_->find_pour(RequestId::parse(key).value(),
                       [&found](auto result) { found = std::move(result).value(); });
    mailbox_.run_until([&found] { return found.has_value(); });
    return *found;
  }

  std::vector<control::TapTotal> totals_of(std::vector<const char*> names, WallTime since) {
    std::vector<TapName> taps;
    for (const char* name : names) taps.push_back(TapName::parse(name).value());
    std::optional<std::vector<control::TapTotal>> totals;
    reader_->read_totals(std::move(taps), since,
                         [&totals](auto result) { totals = std::move(result).value(); });
    mailbox_.run_until([&totals] { return totals.has_value(); });
    return *totals;
  }

  std::unique_ptr<SqliteLogReader> reader_;
};

TEST_F(LogReader, ShowsTheNewestFirst) {
  open_log();
  open_reader();
  LogQuery query;
  EXPECT_THAT(read(query), IsEmpty());
  pour_out("a", "main");
  pour_out("b", "main");
  EXPECT_THAT(ids(query), ElementsAre(4, 3, 2, 1));
  query.limit = 2;
  EXPECT_THAT(ids(query), ElementsAre(4, 3));
}

TEST_F(LogReader, ShowsARowAsItWasWritten) {
  open_log();
  open_reader();
  pour_out("a", "main", "zo\u00eb \U0001F378");
  const LogRow row = read({}).front();
  const LogRow& written = *replies_.back().row;
  EXPECT_EQ(row.timestamp, written.timestamp);
  EXPECT_EQ(row.user, written.user);
  EXPECT_EQ(row.status, EventStatus::success);
  EXPECT_EQ(row.outcome, PourState::done);
  EXPECT_EQ(row.tap, written.tap);
  EXPECT_EQ(row.request_id, written.request_id);
  EXPECT_EQ(row.reason, written.reason);
  EXPECT_EQ(row.delivery, written.delivery);
  EXPECT_EQ(row.cause, control::Cause::device_reported);
  EXPECT_EQ(row.stop_reason, protocol::StopReason::target_reached);
  EXPECT_EQ(read({}).back().cause, control::Cause::checks_passed);
  EXPECT_EQ(read({}).back().stop_reason, std::nullopt);
}

TEST_F(LogReader, EverySetOfFiltersGivesWhatAPlainScanGives) {
  open_log();
  Random random{7};
  const char* users[] = {"ada", "bob", ""};
  for (int i = 0; i < 80; ++i) {
    const auto key = "k" + std::to_string(i);
    const auto tap = "t" + std::to_string(random.below(3));
    const char* user = users[random.below(3)];
    if (random.chance(0.1)) clock_ms_ -= 40;  // somebody sets the clock
    if (random.chance(0.3)) {
      write(control::StartWrite{wish(key, tap, user), control::Cause::no_glass});
    } else {
      pour_out(key, tap, user);
    }
  }
  open_reader();
  LogQuery everything;
  everything.limit = 1000;
  const auto all = read(everything);
  const auto moment = [&](std::int64_t row) {
    return all.at(all.size() - static_cast<std::size_t>(row)).timestamp;
  };
  for (unsigned set = 0; set < 128; ++set) {
    LogQuery query;
    query.limit = 1 + static_cast<std::uint32_t>(random.below(60));
    if ((set & 1) != 0) query.before_id = 90;
    if ((set & 2) != 0) query.after_id = 20;
    if ((set & 4) != 0) query.user = UserToken::from("bob");
    if ((set & 8) != 0) query.tap = TapName::parse("t1");
    if ((set & 16) != 0) query.status = EventStatus::failed;
    if ((set & 32) != 0) query.since = moment(1 + static_cast<std::int64_t>(random.below(60)));
    if ((set & 64) != 0) query.until = moment(60 + static_cast<std::int64_t>(random.below(50)));
    std::vector<std::int64_t> expected;
    for (const LogRow& row : all) {
      if (expected.size() == query.limit) break;
      if ((query.before_id && row.id >= *query.before_id) ||
          (query.after_id && row.id <= *query.after_id) ||
          (query.user && row.user != *query.user) || (query.tap && row.tap != *query.tap) ||
          (query.status && row.status != *query.status) ||
          (query.since && row.timestamp < *query.since) ||
          (query.until && row.timestamp >= *query.until)) {
        continue;
      }
      expected.push_back(row.id);
    }
    EXPECT_EQ(ids(query), expected) << "set " << set;
    EXPECT_EQ(ids(query), expected) << "set " << set << ", once more";
  }
}

TEST_F(LogReader, FindsASpanOfTimeInALogThatIsEmptyOrLiesElsewhere) {
  open_log();
  open_reader();
  LogQuery query;
  query.since = WallTime{};
  EXPECT_THAT(ids(query), IsEmpty());
  pour_out("a", "main");
  EXPECT_THAT(ids(query), ElementsAre(2, 1));
  query.until = query.since;
  EXPECT_THAT(ids(query), IsEmpty());
  query.until = WallTime{} + std::chrono::hours{1};
  EXPECT_THAT(ids(query), IsEmpty());
  query.since = WallTime{} + std::chrono::hours{1'000'000};
  query.until.reset();
  EXPECT_THAT(ids(query), IsEmpty());
}

TEST_F(LogReader, FindsASpanOfTimeAcrossAClockThatWasSetBack) {
  open_log();
  open_reader();
  const std::int64_t evening = clock_ms_;
  pour_out("a", "main");  // rows 1 and 2
  clock_ms_ = evening - 1'000'000;
  pour_out("b", "main");  // rows 3 and 4: before the others, by the clock
  clock_ms_ = evening;
  pour_out("c", "main");  // rows 5 and 6: at the same time as the first
  LogQuery query;
  query.since = WallTime{std::chrono::milliseconds{evening}};
  EXPECT_THAT(ids(query), ElementsAre(6, 5, 2, 1));
  query.until = query.since;
  query.since.reset();
  EXPECT_THAT(ids(query), ElementsAre(4, 3));
  expect_whole();
}

TEST_F(LogReader, AddsUpWhatFlowedFromEachTap) {
  open_log();
  open_reader();
  pour_out("early", "left");
  const WallTime since{std::chrono::milliseconds{clock_ms_ + 1}};
  pour_out("measured", "left");  // 29.8 ml
  const auto ends = [&](const char* key, PourState state, control::Delivery delivery) {
    control::Pour pour = wish(key, "left");
    start(pour);
    pour.state = PourState::sending;
    step(pour, PourState::accepted, control::Cause::device_accepted);
    step(pour, PourState::unclear, control::Cause::contact_lost);
    pour.delivery = delivery;
    const auto from = std::exchange(pour.state, state);
    ASSERT_TRUE(is<control::Written>(write(control::StepWrite{from, pour})));
  };
  using control::Basis;
  const auto ml = [](int amount) { return Microlitres{1000 * amount}; };
  ends("commanded", PourState::done, {Basis::command, ml(30), ml(6), ml(0), ml(36)});  // 30 ml
  ends("partial", PourState::partial, {Basis::time, ml(12), ml(1), ml(0), ml(14)});    // 12 ml
  ends("unknown", PourState::unknown, {Basis::none, ml(0), ml(0), ml(3), ml(36)});     // 19.5 ml
  ends("nothing", PourState::not_poured, {Basis::none, ml(0), ml(0), ml(0), ml(0)});
  write(control::StartWrite{wish("refused", "left"), control::Cause::no_glass});
  start(wish("open", "left"));
  pour_out("other", "right");
  pour_out_service("cup", "right");  // no guest's

  const auto totals = totals_of({"right", "left", "unused"}, since);
  ASSERT_EQ(totals.size(), 3U);
  EXPECT_EQ(totals[0].tap.view(), "right");
  EXPECT_EQ(totals[0].pours, 1);
  EXPECT_EQ(totals[0].delivered, Microlitres{29'800});
  EXPECT_EQ(totals[1].pours, 4);
  EXPECT_EQ(totals[1].delivered, Microlitres{29'800 + 30'000 + 12'000 + 19'500});
  EXPECT_EQ(totals[2].pours, 0);
  EXPECT_EQ(totals[2].delivered, Microlitres{0});
  EXPECT_EQ(totals_of({"left"}, WallTime{}).at(0).pours, 5);
}

TEST_F(LogReader, FindsAPourWithItsHistory) {
  open_log();
  open_reader();
  pour_out("a", "main");
  const auto found = find("a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->pour.state, PourState::done);
  EXPECT_EQ(found->pour.user.view(), "ada");
  ASSERT_EQ(found->history.size(), 3U);
  EXPECT_EQ(found->history[0].from, PourState::fresh);
  EXPECT_EQ(found->history[0].to, PourState::sending);
  EXPECT_EQ(found->history[0].cause, control::Cause::checks_passed);
  EXPECT_EQ(found->history[2].to, PourState::done);
  EXPECT_EQ(found->history[2].at, found->pour.updated_at);
  EXPECT_FALSE(find("b"));
}

TEST_F(LogReader, TurnsReadsAwayWhenTooManyWait) {
  open_log();
  // The reader's thread is kept at its first answer, so that the others have to wait.
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  const auto main_thread = std::this_thread::get_id();
  const Post post = mailbox_.post();
  const auto held_back = [=](std::move_only_function<void()> task) {
    if (std::this_thread::get_id() != main_thread) opened.wait();
    post(std::move(task));
  };
  auto reader = SqliteLogReader::open(file_, held_back, {.reads_waiting_max = 4}).value();
  int answered = 0;
  int overloaded = 0;
  for (int i = 0; i < 10; ++i) {
    reader->read_log({}, [&](const auto& result) {
      ++answered;
      if (!result && result.error() == ReadError::overloaded) ++overloaded;
    });
  }
  gate.set_value();
  mailbox_.run_until([&answered] { return answered == 10; });
  EXPECT_GE(overloaded, 5);
  EXPECT_LE(overloaded, 6);
}

TEST_F(LogReader, ReadsOnWhenWhatItReadWasTaken) {
  open_log();
  std::atomic<int> on_their_way = 0;
  std::atomic<int> most = 0;
  const Post post = mailbox_.post();
  const auto counted = [&](std::move_only_function<void()> task) {
    most = std::max<int>(most, ++on_their_way);
    post([&on_their_way, task = std::move(task)]() mutable {
      --on_their_way;
      task();
    });
  };
  auto reader = SqliteLogReader::open(file_, counted).value();
  int answered = 0;
  for (int i = 0; i < 200; ++i) reader->read_log({}, [&answered](const auto&) { ++answered; });
  mailbox_.run_until([&answered] { return answered == 200; });
  EXPECT_EQ(most, 1);
}

TEST_F(LogReader, AnswersEveryReadEvenWhenItIsClosed) {
  open_log();
  open_reader();
  int answered = 0;
  for (int i = 0; i < 20; ++i) reader_->read_log({}, [&answered](const auto&) { ++answered; });
  reader_.reset();
  mailbox_.run_until([&answered] { return answered == 20; });
}

TEST_F(LogReader, RefusesAFileThatIsNoLog) {
  EXPECT_FALSE(SqliteLogReader::open(file_, mailbox_.post()));
  tamper("CREATE TABLE recipes(name TEXT)");
  EXPECT_FALSE(SqliteLogReader::open(file_, mailbox_.post()));
}

}  // namespace
}  // namespace pourtocol::database::testing
