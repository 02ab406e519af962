#include "firmware/esp32/main/status_feed.hpp"

#include <esp_timer.h>

#include <algorithm>
#include <ranges>
#include <utility>

#include "core/assert.hpp"
#include "firmware/esp32/main/http_exchange.hpp"
#include "firmware/esp32/portable/held_requests.hpp"

namespace pourtocol::board {

namespace {

constexpr UBaseType_t priority = 6;  // above the server: what has changed goes out first

/// Sends the answer of a request that was held, and gives it back.
void finish(httpd_req_t* request, const protocol::DeviceStatus& status,
            protocol::MessageBuffer& text) {
  const bool sent =
      respond(request, status_line(200), protocol::encode_status(status, text)) == ESP_OK;
  give_back(request, sent);
}

}  // namespace

void StatusFeed::start(ControlTask& control) noexcept {
  POURTOCOL_ASSERT(task_ == nullptr);
  control_ = &control;
  mutex_ = xSemaphoreCreateMutexStatic(&mutex_storage_);
  task_ = xTaskCreateStaticPinnedToCore(&StatusFeed::run_task, "status feed", stack_bytes, this,
                                        priority, stack_.data(), &task_storage_, tskNO_AFFINITY);
  control.notify_on_change(task_);
}

esp_err_t StatusFeed::answer(httpd_req_t* request) noexcept {
  control_->read_status(asked_);
  const auto after = query_number(request, "after", asked_.version + 1);
  const auto wait_ms = query_number(request, "wait_ms", 0);
  if (!after || !wait_ms) {
    return respond(
        request, status_line(400),
        protocol::encode_refusal(protocol::Refusal::bad_order,
                                 "after and wait_ms must be whole numbers", asked_text_));
  }
  if (*after == asked_.version && *wait_ms > 0 && hold(request, *after, *wait_ms)) return ESP_OK;
  return respond(request, status_line(200), protocol::encode_status(asked_.status, asked_text_));
}

bool StatusFeed::hold(httpd_req_t* request, std::uint64_t after, std::uint64_t wait_ms) noexcept {
  constexpr auto wait_ms_max = static_cast<std::uint64_t>(protocol::status_wait_max.count());
  const auto wait_us = static_cast<std::int64_t>(std::min(wait_ms, wait_ms_max) * 1'000);
  const std::uint64_t address = address_of(request);
  bool held = false;
  xSemaphoreTake(mutex_, portMAX_DELAY);
  auto taken = held_ | std::views::filter([](const Held& one) { return one.request; }) |
               std::views::transform(&Held::address);
  const bool may = may_be_held(taken, address, held_.size());
  const auto free = std::ranges::find(held_, nullptr, &Held::request);
  httpd_req_t* copy = nullptr;
  if (may && free != held_.end() && httpd_req_async_handler_begin(request, &copy) == ESP_OK) {
    *free = {.request = copy,
             .after = after,
             .due_us = esp_timer_get_time() + wait_us,
             .address = address};
    held = true;
  }
  xSemaphoreGive(mutex_);
  // Also for a change that came while this was being decided.
  if (held) xTaskNotifyGive(task_);
  return held;
}

void StatusFeed::run_task(void* feed) noexcept {
  static_cast<StatusFeed*>(feed)->run();
}

void StatusFeed::run() noexcept {
  for (;;) {
    (void)ulTaskNotifyTake(pdTRUE, until_next_due());
    control_->read_status(fed_);
    while (httpd_req_t* request = take_due(fed_.version)) finish(request, fed_.status, fed_text_);
  }
}

httpd_req_t* StatusFeed::take_due(std::uint64_t version) noexcept {
  const std::int64_t now = esp_timer_get_time();
  httpd_req_t* due = nullptr;
  xSemaphoreTake(mutex_, portMAX_DELAY);
  for (Held& held : held_) {
    if (held.request == nullptr || (held.after == version && now < held.due_us)) continue;
    due = std::exchange(held.request, nullptr);
    break;
  }
  xSemaphoreGive(mutex_);
  return due;
}

TickType_t StatusFeed::until_next_due() noexcept {
  const std::int64_t now = esp_timer_get_time();
  TickType_t wait = portMAX_DELAY;
  xSemaphoreTake(mutex_, portMAX_DELAY);
  for (const Held& held : held_) {
    if (held.request == nullptr) continue;
    const std::int64_t left_ms = std::max<std::int64_t>(held.due_us - now, 0) / 1'000 + 1;
    wait = std::min<TickType_t>(wait, pdMS_TO_TICKS(static_cast<std::uint32_t>(left_ms)));
  }
  xSemaphoreGive(mutex_);
  return wait;
}

}  // namespace pourtocol::board
