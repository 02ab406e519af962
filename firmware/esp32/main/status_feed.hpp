// GET /status, and those of its askers who wait for a change.
#pragma once

#include <esp_http_server.h>
#include <freertos/FreeRTOS.h>
#include <freertos/semphr.h>
#include <freertos/task.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "firmware/esp32/main/control_task.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::board {

/// A held request keeps its connection and nothing else: the server's task goes on, and a task of
/// this class answers when the status changes or the time is over.
class StatusFeed {
 public:
  /// Starts the task. Once, before the control task, which it asks to be notified by.
  void start(ControlTask& control) noexcept;

  /// The route's handler. The httpd task.
  esp_err_t answer(httpd_req_t* request) noexcept;

 private:
  struct Held {
    httpd_req_t* request = nullptr;
    std::uint64_t after = 0;
    std::int64_t due_us = 0;
    std::uint64_t address = 0;  ///< of who asks
  };
  /// Fewer than the server has connections: held ones are never closed to make room.
  static constexpr std::size_t held_max = 6;
  static constexpr std::size_t stack_bytes = 8 * 1024;

  static void run_task(void* feed) noexcept;
  [[noreturn]] void run() noexcept;
  [[nodiscard]] bool hold(httpd_req_t* request, std::uint64_t after,
                          std::uint64_t wait_ms) noexcept;
  /// Takes a request that is due out of those that are held; a null pointer if none is.
  [[nodiscard]] httpd_req_t* take_due(std::uint64_t version) noexcept;
  [[nodiscard]] TickType_t until_next_due() noexcept;

  ControlTask* control_ = nullptr;
  TaskHandle_t task_ = nullptr;
  SemaphoreHandle_t mutex_ = nullptr;
  std::array<Held, held_max> held_;  ///< guarded by `mutex_`

  // One of each per task that answers: 8 kB on a stack would be much.
  StatusSnapshot asked_;
  protocol::MessageBuffer asked_text_;
  StatusSnapshot fed_;
  protocol::MessageBuffer fed_text_;

  StaticSemaphore_t mutex_storage_;
  StaticTask_t task_storage_;
  alignas(16) std::array<StackType_t, stack_bytes / sizeof(StackType_t)> stack_;
};

}  // namespace pourtocol::board
