#include "firmware/esp32/main/control_task.hpp"

#include <esp_err.h>
#include <esp_rom_sys.h>
#include <esp_task_wdt.h>
#include <esp_timer.h>
#include <sdkconfig.h>

#include <type_traits>

#include "core/assert.hpp"

namespace pourtocol::board {

namespace {

/// The core asks for a turn every 10 ms at least; the simulation gives it one every 5 ms.
constexpr TickType_t period = pdMS_TO_TICKS(5);
static_assert(period > 0, "CONFIG_FREERTOS_HZ must be 1000 (sdkconfig.defaults)");
constexpr std::int64_t patience_us = 2'000'000;

TickType_t ticks_until(std::int64_t deadline_us) {
  const std::int64_t left = deadline_us - esp_timer_get_time();
  return left <= 0 ? 0 : pdMS_TO_TICKS(static_cast<std::uint32_t>(left / 1'000)) + 1;
}

bool pouring(const protocol::DeviceStatus& status) {
  return status.state == protocol::DeviceState::pouring;
}

#if CONFIG_POURTOCOL_PROVE_WATCHDOG
/// What no firmware of ours should ever do, for once on purpose.
void hang_in_mid_pour(const protocol::DeviceStatus& status) {
  const auto& details = status.details;
  if (!details || !details->pour || details->pour->delivered < Microlitres{5'000}) return;
  esp_rom_printf("hanging, to prove the watchdog\n");
  for (;;) esp_rom_delay_us(1'000);
}
#endif

}  // namespace

void ControlTask::start(Board& board, const firmware::Config& config,
                        const firmware::Tuning& unless_known, bool in_service,
                        protocol::ResetReason reason) noexcept {
  POURTOCOL_ASSERT(task_ == nullptr);
  static_assert(std::is_trivially_copyable_v<Request> && std::is_trivially_copyable_v<Reply>,
                "queues copy bytes");
  board_ = &board;
  config_ = config;
  unless_known_ = unless_known;
  reset_reason_ = reason;
  if (!in_service) holds_.hold(Holder::no_guard);
  requests_ = xQueueCreateStatic(requests_max, sizeof(Request), requests_memory_.data(),
                                 &requests_storage_);
  replies_ = xQueueCreateStatic(1, sizeof(Reply), replies_memory_.data(), &replies_storage_);
  asking_ = xSemaphoreCreateMutexStatic(&asking_storage_);
  starter_ = xTaskGetCurrentTaskHandle();
  // Above the radio's tasks where they share its core, and away from them where there are two.
  task_ = xTaskCreateStaticPinnedToCore(&ControlTask::run_task, "control", stack_bytes, this,
                                        configMAX_PRIORITIES - 1, stack_.data(), &task_storage_,
                                        portNUM_PROCESSORS - 1);
  (void)ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
}

void ControlTask::run_task(void* control) noexcept {
  static_cast<ControlTask*>(control)->run();
}

void ControlTask::run() noexcept {
  loop_.emplace(*board_, config_, unless_known_);
  publish();
  // From here on a turn that does not come is a reset.
  ESP_ERROR_CHECK(esp_task_wdt_add(nullptr));
  xTaskNotifyGive(starter_);
  TickType_t next = xTaskGetTickCount();
  for (;;) {
    answer_requests();
    loop_->step();
    publish();
#if CONFIG_POURTOCOL_PROVE_WATCHDOG
    hang_in_mid_pour(newest_.status);
#endif
    (void)esp_task_wdt_reset();
    const TickType_t now = xTaskGetTickCount();
    // Unsigned, so that a wrap of the counter is no event. Turns that were missed are not made up.
    if (now - next >= period) next = now;
    const TickType_t wait = next + period - now;
    if (ulTaskNotifyTake(pdTRUE, wait) == 0) next += period;
  }
}

void ControlTask::answer_requests() noexcept {
  Request request;
  while (xQueueReceive(requests_, &request, 0) == pdTRUE) {
    const Reply reply{.number = request.number, .answer = answer(request.question)};
    (void)xQueueOverwrite(replies_, &reply);
  }
}

ControlTask::Answer ControlTask::answer(const Question& question) noexcept {
  if (const auto* hold = std::get_if<Hold>(&question)) {
    if (pouring(loop_->status())) return Held{};
    holds_.hold(hold->holder);
    return std::monostate{};
  }
  if (const auto* release = std::get_if<Release>(&question)) {
    holds_.release(release->holder);
    return std::monostate{};
  }
  if (const auto* order = std::get_if<protocol::StopOrder>(&question)) {
    const auto refused = loop_->handle_stop(*order);
    if (refused) return firmware::OrderReply{*refused};
    return std::monostate{};
  }
  if (std::holds_alternative<AskCalibration>(question)) return loop_->calibration();
  // Not refused by the core, for a refusal would be final: the order is not looked at at all.
  if (holds_.any()) return Held{};
  if (const auto* order = std::get_if<protocol::DispenseOrder>(&question)) {
    return loop_->handle_order(*order);
  }
  if (const auto* order = std::get_if<protocol::ServiceOrder>(&question)) {
    return loop_->handle_service(*order);
  }
  const auto* asked = std::get_if<protocol::GuardedAction>(&question);
  const auto report = loop_->handle_calibration(asked->action, asked->guard);
  if (!report) return report.error();
  return *report;
}

void ControlTask::publish() noexcept {
  // The core does not know why it was started.
  if (loop_->refresh(newest_.status)) newest_.status.details->reset_reason = reset_reason_;
  newest_.version = loop_->version();
  if (!status_.try_put(newest_)) return;  // somebody is reading: the next turn is near
  if (newest_.version == announced_) return;
  announced_ = newest_.version;
  if (TaskHandle_t watcher = watcher_.load()) xTaskNotifyGive(watcher);
}

std::optional<ControlTask::Answer> ControlTask::ask(const Question& question) noexcept {
  const std::int64_t deadline = esp_timer_get_time() + patience_us;
  if (xSemaphoreTake(asking_, ticks_until(deadline)) != pdTRUE) return std::nullopt;
  const Request request{.number = ++asked_, .question = question};
  std::optional<Answer> answer;
  if (xQueueSend(requests_, &request, ticks_until(deadline)) == pdTRUE) {
    xTaskNotifyGive(task_);
    Reply reply;
    while (!answer && xQueueReceive(replies_, &reply, ticks_until(deadline)) == pdTRUE) {
      if (reply.number == request.number) answer = reply.answer;
    }
  }
  xSemaphoreGive(asking_);
  return answer;
}

template <class T>
ControlTask::Replied<T> ControlTask::ask_for(const Question& question) noexcept {
  const auto answer = ask(question);
  if (!answer) return std::unexpected(NoReply::timed_out);
  if (const auto* reply = std::get_if<T>(&*answer)) return *reply;
  return std::unexpected(NoReply::held);
}

ControlTask::Replied<firmware::OrderReply> ControlTask::order(
    const protocol::DispenseOrder& order) noexcept {
  return ask_for<firmware::OrderReply>(order);
}

ControlTask::Replied<firmware::OrderReply> ControlTask::service(
    const protocol::ServiceOrder& order) noexcept {
  return ask_for<firmware::OrderReply>(order);
}

ControlTask::Replied<protocol::CalibrationAnswer> ControlTask::calibrate(
    const protocol::GuardedAction& asked) noexcept {
  const auto answer = ask(asked);
  if (!answer) return std::unexpected(NoReply::timed_out);
  if (const auto* report = std::get_if<protocol::CalibrationReport>(&*answer)) {
    return protocol::CalibrationAnswer{*report};
  }
  if (const auto* refused = std::get_if<protocol::CalibrationRefused>(&*answer)) {
    return protocol::CalibrationAnswer{std::unexpect, *refused};
  }
  return std::unexpected(NoReply::held);
}

ControlTask::Replied<protocol::CalibrationReport> ControlTask::calibration() noexcept {
  return ask_for<protocol::CalibrationReport>(AskCalibration{});
}

ControlTask::Replied<std::optional<protocol::OrderRejected>> ControlTask::stop(
    const protocol::StopOrder& order) noexcept {
  using Refused = std::optional<protocol::OrderRejected>;
  const auto answer = ask(order);
  if (!answer) return std::unexpected(NoReply::timed_out);
  const auto* reply = std::get_if<firmware::OrderReply>(&*answer);
  if (reply == nullptr) return Refused{};
  const auto* refused = std::get_if<protocol::OrderRejected>(reply);
  POURTOCOL_ASSERT(refused != nullptr);
  return Refused{*refused};
}

bool ControlTask::hold(Holder holder) noexcept {
  const auto held = ask_for<std::monostate>(Hold{holder});
  // An answer that came too late would hold the machine for ever.
  if (!held && held.error() == NoReply::timed_out) release(holder);
  return held.has_value();
}

void ControlTask::release(Holder holder) noexcept {
  (void)ask_for<std::monostate>(Release{holder});
}

}  // namespace pourtocol::board
