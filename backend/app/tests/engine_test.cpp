#include "backend/app/engine.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <fstream>

#include "backend/ledger/ledger.hpp"
#include "backend/ledger/memory_storage.hpp"

namespace pourtocol::app {
namespace {

using namespace std::chrono_literals;

/// A log in memory that answers from the event loop, as the port demands.
class PostedLog final : public control::AuditLog {
 public:
  PostedLog(boost::asio::io_context& context, control::AuditLogListener& listener)
      : context_{context}, listener_{listener} {}
  void submit(control::WriteId id, control::StoreWrite write) override {
    boost::asio::post(context_, [this, id, write = std::move(write)] {
      listener_.on_reply(ledger::apply(ledger, id, write));
    });
  }
  void recover() override {
    boost::asio::post(context_, [this] { listener_.on_recovered(ledger::present_state(ledger)); });
  }
  ledger::MemoryStorage ledger;

 private:
  boost::asio::io_context& context_;
  control::AuditLogListener& listener_;
};

/// A device of the seed's contract that is always ready and takes every order.
class ReadyDevice final : public control::DeviceLink {
 public:
  ReadyDevice(boost::asio::io_context& context, control::DeviceLinkListener& listener)
      : context_{context}, listener_{listener} {}
  void call_status(control::TapIndex tap, control::CallId id, const control::StatusCall&) override {
    protocol::DeviceStatus status;
    status.glass_present = true;
    if (ours) status.details.emplace();
    boost::asio::post(context_, [this, tap, id, status, asked_at = Engine::now()] {
      listener_.on_status(tap, id, asked_at, control::StatusReceived{status});
    });
  }
  void call_calibration(control::TapIndex tap, control::CallId id,
                        const control::CalibrationCall&) override {
    boost::asio::post(context_, [this, tap, id] {
      protocol::CalibrationReport report;
      report.flow = FlowRate{12'100};
      listener_.on_calibration(tap, id, report);
    });
  }
  void call_order(control::TapIndex tap, control::CallId id, const control::OrderCall&) override {
    ++orders;
    boost::asio::post(context_,
                      [this, tap, id] { listener_.on_order(tap, id, protocol::OrderAccepted{}); });
  }
  void call_stop(control::TapIndex tap, control::CallId id, const control::StopCall&) override {
    boost::asio::post(
        context_, [this, tap, id] { listener_.on_stop(tap, id, control::StopResult::stopped); });
  }
  void doubt_address(control::TapIndex) override { ++doubts; }
  int orders = 0;
  int doubts = 0;
  bool ours = false;  ///< it speaks version 2

 private:
  boost::asio::io_context& context_;
  control::DeviceLinkListener& listener_;
};

class EngineTest : public ::testing::Test {
 protected:
  static control::Settings one_tap() {
    control::Settings settings;
    settings.taps.emplace_back().name = *TapName::parse("main");
    return settings;
  }
  EngineTest() {
    engine_.connect(log_, device_);
    engine_.begin([this] { ready_ = true; });
    run_until([this] { return ready_; });
  }
  template <class Condition>
  void run_until(Condition condition) {
    while (!condition()) ASSERT_EQ(context_.run_one_for(10s), 1U) << "nothing happens any more";
  }
  static control::DispenseRequest wish() {
    return {.amount_ml = 30, .user = *UserToken::from("ann"), .tap = {}, .key = {}};
  }

  boost::asio::io_context context_;
  Engine engine_{context_, one_tap()};
  PostedLog log_{context_, engine_};
  ReadyDevice device_{context_, engine_};
  bool ready_ = false;
};

TEST_F(EngineTest, CarriesAWishThroughToTheDeviceAndBack) {
  std::optional<control::DispenseAnswer> answer;
  engine_.dispense(wish(), [&](control::DispenseAnswer a) { answer = std::move(a); });
  run_until([&] { return answer.has_value(); });
  EXPECT_EQ(answer->code, control::AnswerCode::pouring);
  EXPECT_EQ(device_.orders, 1);
  EXPECT_EQ(answer->request_id.view().size(), 32U) << "128 random bits, for it came without a key";
  EXPECT_EQ(engine_.last_log_id(), 1);
}

TEST_F(EngineTest, CarriesALookAtACalibrationToTheDeviceAndBack) {
  device_.ours = true;
  engine_.dispense(wish(), [](const control::DispenseAnswer&) {});  // it is asked anew
  std::optional<control::CalibrationAnswer> answer;
  run_until([&] { return engine_.tap_view(control::TapIndex{0}).status->details.has_value(); });
  engine_.calibration({.tap = *TapName::parse("main"), .user = {}, .action = {}},
                      [&](control::CalibrationAnswer a) { answer = std::move(a); });
  run_until([&] { return answer.has_value(); });
  ASSERT_EQ(answer->code, control::CalibrationCode::ok) << answer->message;
  EXPECT_EQ(answer->report->flow, FlowRate{12'100});
}

TEST_F(EngineTest, MayBeAskedAgainFromWithinAnAnswer) {
  int answers = 0;
  engine_.dispense(wish(), [&](const control::DispenseAnswer&) {
    ++answers;
    engine_.dispense(wish(), [&](const control::DispenseAnswer& second) {
      ++answers;
      EXPECT_EQ(second.code, control::AnswerCode::busy);
    });
  });
  run_until([&] { return answers == 2; });
}

TEST_F(EngineTest, TellsItsListenerOfEveryRow) {
  struct Listener final : control::ChangeListener {
    void on_tap_changed(control::TapIndex) override { ++changes; }
    void on_log_row(const control::LogRow& row) override { rows.push_back(row); }
    int changes = 0;
    std::vector<control::LogRow> rows;
  } listener;
  engine_.listen(&listener);
  engine_.dispense(wish(), [](const control::DispenseAnswer&) {});
  run_until([&] { return !listener.rows.empty(); });
  EXPECT_EQ(listener.rows[0].status, control::EventStatus::started);
  EXPECT_GT(listener.changes, 0);
  engine_.listen(nullptr);
}

Duration up_by_the_kernel() {
  double seconds = 0;
  std::ifstream{"/proc/uptime"} >> seconds;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{seconds});
}

TEST(EngineClock, CountsFromTheBootOfThisComputerAndWhileItSleeps) {
  const Duration before = up_by_the_kernel() - 10ms;
  const Duration now = Engine::now().time_since_epoch();
  EXPECT_LE(before, now);
  EXPECT_LE(now, up_by_the_kernel() + 20ms);
  EXPECT_EQ(Engine::clock().size(), 36U) << "the kernel's name for that boot";
  EXPECT_EQ(Engine::clock(), Engine::clock());
}

TEST_F(EngineTest, EndsAtOnceWhenNothingIsOpen) {
  bool done = false;
  engine_.shut_down([&] { done = true; });
  EXPECT_TRUE(done);
  std::optional<control::AnswerCode> code;
  engine_.dispense(wish(), [&](const control::DispenseAnswer& a) { code = a.code; });
  EXPECT_EQ(code, control::AnswerCode::shutting_down);
}

}  // namespace
}  // namespace pourtocol::app
