// A coordinator with one tap, a log that does what it should, and devices that are played by hand:
// the verbs of the scenario tests.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/control/coordinator.hpp"
#include "backend/control/wording.hpp"
#include "backend/ledger/ledger.hpp"
#include "backend/ledger/memory_storage.hpp"

namespace pourtocol::control::testing {

using namespace std::chrono_literals;

inline RequestId rid(std::string_view text) {
  return *RequestId::parse(text);
}
inline TapName tap_named(std::string_view text) {
  return *TapName::parse(text);
}
inline UserToken user_named(std::string_view text) {
  return *UserToken::from(text);
}

class Bar : public ::testing::Test {
 protected:
  static Settings one_tap() {
    Settings settings;
    TapSettings tap;
    tap.name = tap_named("main");
    tap.address = "http://main.test";
    settings.taps.push_back(tap);
    settings.clock = *ClockId::from("one count of time");
    settings.poll_least = 0ms;  // so that a story may tell one change right after another
    return settings;
  }
  static Settings two_taps() {
    Settings settings = one_tap();
    settings.taps.push_back(settings.taps[0]);
    settings.taps[1].name = tap_named("side");
    return settings;
  }

  explicit Bar(Settings settings = one_tap()) : coordinator_{std::move(settings)} {
    happen(Begin{});
  }

  // -- the world's verbs --

  void happen(const Event& event) {
    Effects effects;
    coordinator_.handle(event, {.instant = now_, .wall = WallTime{} + 1h}, effects);
    for (Effect& effect : effects) carry_out(effect);
  }

  /// Time passes until `duration` is over; whatever falls due on the way happens, and the device
  /// answers what it is asked (a long poll when its wait is over).
  void wait(Duration duration) {
    const Instant end = now_ + duration;
    while (true) {
      const Instant next = std::min(coordinator_.next_deadline(), status_due());
      if (next > end) break;
      now_ = std::max(now_, next);
      if (status_due() <= now_) answer_status();
      if (coordinator_.next_deadline() <= now_) happen(TimePassed{});
    }
    now_ = end;
    happen(TimePassed{});
  }

  /// The server ends without a word and is started again; what was under way it has forgotten.
  void server_restarts(Settings settings = one_tap()) {
    status_calls_.clear();
    order_call_.reset();
    std::destroy_at(&coordinator_);
    std::construct_at(&coordinator_, std::move(settings));
    happen(Begin{});
  }

  // -- the guest's verbs --

  Ticket order(std::int64_t amount_ml, std::string_view id, std::string_view user = "ann",
               std::optional<TapName> tap = {}) {
    const Ticket ticket{++tickets_};
    DispenseRequest request{
        .amount_ml = amount_ml, .user = user_named(user), .tap = tap, .key = rid(id)};
    happen(DispenseAsked{.ticket = ticket, .request = request, .id = rid(id)});
    return ticket;
  }
  Ticket stop(StopScope scope = AllTaps{}) {
    const Ticket ticket{++tickets_};
    happen(StopAsked{.ticket = ticket, .scope = scope});
    return ticket;
  }
  /// Names the newest stop that is shown, unless it says another.
  Ticket resume(ResumeScope scope = AllTaps{}) { return resume_from(newest_stop(), scope); }
  Ticket resume_from(std::optional<StopNumber> stop, ResumeScope scope = AllTaps{}) {
    const Ticket ticket{++tickets_};
    happen(ResumeAsked{.ticket = ticket, .request = {.scope = scope, .stop = stop}});
    return ticket;
  }
  StopNumber newest_stop() const {
    auto newest = StopNumber::none;
    for (std::uint32_t i = 0; i < coordinator_.tap_count(); ++i) {
      newest = std::max(newest, coordinator_.tap_view(TapIndex{i}, now_).stop);
    }
    return newest;
  }

  // -- the host's verbs --

  Ticket run(DispenseRequest request, std::string_view id) {
    const Ticket ticket{++tickets_};
    request.key = rid(id);
    request.user = user_named("host");
    happen(DispenseAsked{.ticket = ticket, .request = request, .id = rid(id)});
    return ticket;
  }
  Ticket calibration(std::optional<protocol::CalibrationAction> action,
                     std::string_view tap = "main") {
    return calibration(
        CalibrationRequest{.tap = tap_named(tap), .user = user_named("host"), .action = action});
  }
  Ticket calibration(CalibrationRequest request) {
    const Ticket ticket{++tickets_};
    happen(CalibrationAsked{.ticket = ticket, .request = std::move(request)});
    return ticket;
  }

  // -- the device's verbs --

  /// Every device shows `status` to every status call from now on, and its uptime goes on; absent:
  /// it does not answer.
  void device_shows(std::optional<protocol::DeviceStatus> status) {
    shown_ = {.status = std::move(status), .since = now_};
    answer_status();
  }
  /// The device at that tap's address shows another than the rest.
  void device_shows_at(std::uint32_t tap, std::optional<protocol::DeviceStatus> status) {
    shown_at_[TapIndex{tap}] = {.status = std::move(status), .since = now_};
    answer_status();
  }
  void device_is_silent() { device_shows(std::nullopt); }
  /// Something else answers in its place.
  void something_else_answers() {
    failure_ = {.why = NoStatus::not_a_device, .detail = "no status: <html>"};
    device_is_silent();
  }

  void device_fails(NoStatus why, std::string detail) {
    failure_ = {.why = why, .detail = std::move(detail)};
    device_is_silent();
  }

  static protocol::DeviceStatus idle(std::chrono::seconds uptime = 100s, bool glass = true) {
    protocol::DeviceStatus status;
    status.glass_present = glass;
    status.uptime = uptime;
    return status;
  }
  static protocol::DeviceStatus pouring(std::chrono::seconds uptime = 100s) {
    protocol::DeviceStatus status = idle(uptime);
    status.state = protocol::DeviceState::pouring;
    return status;
  }

  /// Answers the status calls under way, or lets them fail if the device is silent.
  void answer_status() {
    for (const auto& [tap, asked] : std::exchange(status_calls_, {})) {
      StatusResult result = failure_;
      const auto own = shown_at_.find(tap);
      const auto& shown = own == shown_at_.end() ? shown_ : own->second;
      if (shown.status) {
        protocol::DeviceStatus status = *shown.status;
        status.uptime += std::chrono::floor<std::chrono::seconds>(now_ - shown.since);
        result = StatusReceived{status};
      }
      happen(StatusAnswered{
          .tap = tap, .call = asked.call.id, .asked_at = asked.at, .result = result});
    }
  }
  void answer_order(OrderResult result) {
    ASSERT_TRUE(order_call_) << "no order is under way";
    const CallDeviceOrder call = *std::exchange(order_call_, std::nullopt);
    happen(OrderAnswered{.tap = call.tap, .call = call.id, .result = std::move(result)});
  }
  void accept() { answer_order(protocol::OrderAccepted{}); }
  void lose_answer() { answer_order(protocol::UnclearAnswer::timed_out); }
  /// The order under way, a guest's.
  const protocol::DispenseOrder& drink() const {
    return std::get<protocol::DispenseOrder>(order_call_->call.order);
  }
  /// The order under way, a service run.
  const protocol::ServiceOrder& service_run() const {
    return std::get<protocol::ServiceOrder>(order_call_->call.order);
  }
  void answer_calibration(CalibrationResult result) {
    ASSERT_TRUE(calibration_call_) << "nobody asks about the calibration";
    const CallDeviceCalibration call = *std::exchange(calibration_call_, std::nullopt);
    happen(CalibrationAnswered{.tap = call.tap, .call = call.id, .result = std::move(result)});
  }
  Ticket take_over(std::optional<MachineId> machine, std::string_view tap = "main") {
    const Ticket ticket{++tickets_};
    happen(MachineAsked{
        .ticket = ticket,
        .request = {.tap = tap_named(tap), .user = user_named("host"), .machine = machine}});
    return ticket;
  }
  /// Answers the oldest stop under way.
  void answer_stop(StopResult result) {
    ASSERT_FALSE(stop_calls_.empty()) << "no stop is under way";
    const CallDeviceStop call = stop_calls_.front();
    stop_calls_.pop_front();
    happen(StopAnswered{.tap = call.tap, .call = call.id, .result = result});
  }

  // -- the log's verbs --

  /// From now on writes wait until `log_answers()`; or fail, though the file can be read; or fail
  /// with a file that cannot even be read; or there is no room for a start.
  void log_waits() { log_mode_ = LogMode::waits; }
  void log_fails() { log_mode_ = LogMode::fails; }
  void log_is_gone() { log_mode_ = LogMode::gone; }
  void log_is_full_up() { log_mode_ = LogMode::full_up; }
  void log_works() { log_mode_ = LogMode::works; }
  void log_answers() {
    log_mode_ = LogMode::works;
    for (auto& write : std::exchange(waiting_writes_, {})) write_now(write);
  }
  /// Only the oldest write that waits is done.
  void log_answers_one() {
    ASSERT_FALSE(waiting_writes_.empty()) << "no write waits";
    const SubmitWrite oldest = waiting_writes_.front();
    waiting_writes_.pop_front();
    write_now(oldest);
  }

  // -- what came of it --

  const DispenseAnswer* answer_to(Ticket ticket) const {
    for (const auto& answer : answers_) {
      if (answer.ticket == ticket) return &answer.answer;
    }
    return nullptr;
  }
  const CalibrationAnswer* calibration_answer_to(Ticket ticket) const {
    for (const auto& answer : calibration_answers_) {
      if (answer.ticket == ticket) return &answer.answer;
    }
    return nullptr;
  }
  AnswerCode code_of(Ticket ticket) const {
    const DispenseAnswer* answer = answer_to(ticket);
    EXPECT_NE(answer, nullptr) << "not answered";
    return answer == nullptr ? AnswerCode::pending : answer->code;
  }
  const Pour& logged(std::string_view id) const {
    const Pour* pour = ledger_.pour(rid(id));
    EXPECT_NE(pour, nullptr) << "not in the log: " << id;
    static const Pour nothing;
    return pour == nullptr ? nothing : *pour;
  }
  /// The states a pour went through, in the log's words.
  std::string course_of(std::string_view id) const {
    std::string course;
    for (const auto& step : ledger_.transitions()) {
      if (step.request_id != rid(id)) continue;
      if (!course.empty()) course += " ";
      course += std::string{name_of(step.to)} + "/" + std::string{name_of(step.cause)};
    }
    return course;
  }

  Instant now_{Instant{} + 1h};
  ledger::MemoryStorage ledger_;
  Coordinator coordinator_;
  std::vector<AnswerDispense> answers_;
  std::vector<AnswerStop> stop_answers_;
  std::vector<AnswerResume> resume_answers_;
  std::vector<AnswerCalibration> calibration_answers_;
  std::vector<AnswerMachine> machine_answers_;
  std::map<TapIndex, int> doubts_;  ///< of a tap's address
  std::vector<std::string> warnings_;
  std::optional<CallDeviceOrder> order_call_;
  std::deque<CallDeviceStop> stop_calls_;
  std::optional<CallDeviceCalibration> calibration_call_;
  int orders_sent_ = 0;
  int statuses_asked_ = 0;
  int recoveries_ = 0;
  bool shutdown_ready_ = false;
  int changes_told_ = 0;

 private:
  enum class LogMode : std::uint8_t { works, waits, fails, gone, full_up };
  struct Asked {
    CallDeviceStatus call;
    Instant at{};
  };
  struct Shown {
    std::optional<protocol::DeviceStatus> status;
    Instant since{};
  };

  void carry_out(Effect& effect) {
    if (auto* write = std::get_if<SubmitWrite>(&effect)) {
      if (log_mode_ == LogMode::waits) {
        waiting_writes_.push_back(*write);
      } else {
        write_now(*write);
      }
    } else if (std::holds_alternative<RecoverStore>(effect)) {
      ++recoveries_;
      if (log_mode_ == LogMode::gone) return happen(RecoverResult{RecoverFailed{"no disk"}});
      happen(RecoverResult{ledger::present_state(ledger_)});
    } else if (auto* status = std::get_if<CallDeviceStatus>(&effect)) {
      status_calls_[status->tap] = {.call = *status, .at = now_};
      ++statuses_asked_;
    } else if (auto* order = std::get_if<CallDeviceOrder>(&effect)) {
      order_call_ = *order;
      ++orders_sent_;
    } else if (auto* stop = std::get_if<CallDeviceStop>(&effect)) {
      stop_calls_.push_back(*stop);
    } else if (auto* calibration = std::get_if<CallDeviceCalibration>(&effect)) {
      calibration_call_ = *calibration;
    } else if (auto* told = std::get_if<AnswerCalibration>(&effect)) {
      calibration_answers_.push_back(*told);
    } else if (auto* taken = std::get_if<AnswerMachine>(&effect)) {
      machine_answers_.push_back(*taken);
    } else if (auto* doubt = std::get_if<DoubtDeviceAddress>(&effect)) {
      ++doubts_[doubt->tap];
    } else if (auto* warning = std::get_if<Warn>(&effect)) {
      warnings_.push_back(warning->text);
    } else if (auto* answer = std::get_if<AnswerDispense>(&effect)) {
      answers_.push_back(*answer);
    } else if (auto* stopped = std::get_if<AnswerStop>(&effect)) {
      stop_answers_.push_back(*stopped);
    } else if (auto* resumed = std::get_if<AnswerResume>(&effect)) {
      resume_answers_.push_back(*resumed);
    } else if (std::holds_alternative<TapChanged>(effect)) {
      ++changes_told_;
    } else if (std::holds_alternative<ShutdownReady>(effect)) {
      shutdown_ready_ = true;
    }
  }
  void write_now(const SubmitWrite& write) {
    WriteReply reply{.id = write.id, .result = Failed{"disk full"}, .row = {}};
    const bool is_start = std::holds_alternative<StartWrite>(write.write);
    if (log_mode_ == LogMode::full_up && is_start) {
      reply.result = Overloaded{};
    } else if (log_mode_ != LogMode::fails && log_mode_ != LogMode::gone) {
      reply = ledger::apply(ledger_, {}, write.write);
    }
    reply.id = write.id;
    happen(reply);
  }
  Instant status_due() const {
    Instant due = Instant::max();
    for (const auto& [tap, asked] : status_calls_) {
      due = std::min(due, asked.at + asked.call.call.wait + 10ms);
    }
    return due;
  }

  std::uint64_t tickets_ = 0;
  std::map<TapIndex, Asked> status_calls_;
  Shown shown_;
  std::map<TapIndex, Shown> shown_at_;
  StatusFailed failure_{.why = NoStatus::unreachable, .detail = "timed out"};
  LogMode log_mode_ = LogMode::works;
  std::deque<SubmitWrite> waiting_writes_;
};

}  // namespace pourtocol::control::testing
