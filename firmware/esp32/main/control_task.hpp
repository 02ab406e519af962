// The one task that owns the core. Nothing else touches the pump, the sensors or the journal.
//
// Tasks of this application, and what each may call:
//
//   task         priority, core     calls
//   control      highest, the last  `BoardLoop`, the devices of `Board`; never waits for others
//   main         1, the first       start-up; then the setup button and the proof of an update
//   network      3                  Wi-Fi, mDNS, the setup network; may hang without harm
//   httpd        5                  `ControlTask`'s public functions, `StatusFeed::answer`
//   status feed  6                  `ControlTask::read_status`; answers held requests
//   update       4, while one runs  `ControlTask::hold`, `release`; esp_ota
//   portal dns   4, while set up    its socket
//   nfc          2                  the PN532; hands readings over through `Latest`
//   ESP-IDF's    its own            sys_evt and esp_timer call back into `Network`, nothing else
//   interrupts                      guard, echo, pulses: atomics and pins, no task's data
#pragma once

#include <freertos/FreeRTOS.h>
#include <freertos/queue.h>
#include <freertos/semphr.h>
#include <freertos/task.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <expected>
#include <optional>
#include <variant>

#include "firmware/core/board_loop.hpp"
#include "firmware/core/config.hpp"
#include "firmware/core/tuning.hpp"
#include "firmware/esp32/main/board.hpp"
#include "firmware/esp32/main/latest.hpp"
#include "firmware/esp32/portable/holds.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::board {

/// Why the core was not asked, or did not answer. Neither proves anything about the order: it is
/// answered with a 5xx, which the protocol calls unclear.
enum class NoReply : std::uint8_t {
  held,       ///< out of service: an update, a restart, or a guard timer that failed its test
  timed_out,  ///< the control task did not get to it; its watchdog will see to that
};

struct StatusSnapshot {
  protocol::DeviceStatus status;
  std::uint64_t version = 0;
};

class ControlTask {
 public:
  ControlTask() noexcept = default;
  ControlTask(const ControlTask&) = delete;
  ControlTask& operator=(const ControlTask&) = delete;

  /// Starts the task and returns when the journal is replayed and the first status is there.
  /// `in_service` false: no order will be taken, whatever is asked. `reason`: why this boot came
  /// about, for the status. `board` must live for ever.
  void start(Board& board, const firmware::Config& config, const firmware::Tuning& unless_known,
             bool in_service, protocol::ResetReason reason) noexcept;

  // Any task but the control task and the interrupts. Each waits for its turn and for the answer,
  // two seconds at the most: as long as flash may take to make room in the journal, and more.
  template <class T>
  using Replied = std::expected<T, NoReply>;
  [[nodiscard]] Replied<firmware::OrderReply> order(const protocol::DispenseOrder& order) noexcept;
  [[nodiscard]] Replied<firmware::OrderReply> service(const protocol::ServiceOrder& order) noexcept;
  [[nodiscard]] Replied<protocol::CalibrationAnswer> calibrate(
      const protocol::GuardedAction& asked) noexcept;
  [[nodiscard]] Replied<protocol::CalibrationReport> calibration() noexcept;
  /// Also while held. A refusal: it names an order that has not come, and is not remembered.
  [[nodiscard]] Replied<std::optional<protocol::OrderRejected>> stop(
      const protocol::StopOrder& order) noexcept;

  /// Takes the machine out of service. False: it is pouring (or does not answer), and goes on.
  [[nodiscard]] bool hold(Holder holder) noexcept;
  void release(Holder holder) noexcept;

  /// As of the last turn. Any task.
  void read_status(StatusSnapshot& snapshot) noexcept { status_.get(snapshot); }
  /// `task` is notified whenever the status has changed. Once, before `start`.
  void notify_on_change(TaskHandle_t task) noexcept { watcher_.store(task); }

 private:
  using Loop = firmware::BoardLoop<Board>;
  struct AskCalibration {};
  struct Hold {
    Holder holder;
  };
  struct Release {
    Holder holder;
  };
  struct Held {};  ///< the answer to what cannot be done while held, and to `Hold` while pouring
  using Question =
      std::variant<protocol::DispenseOrder, protocol::ServiceOrder, protocol::GuardedAction,
                   AskCalibration, protocol::StopOrder, Hold, Release>;
  using Answer = std::variant<std::monostate, firmware::OrderReply, protocol::CalibrationReport,
                              protocol::CalibrationRefused, Held>;
  /// A number, so that an answer that comes too late is not taken for the next one's.
  struct Request {
    std::uint32_t number = 0;
    Question question;
  };
  struct Reply {
    std::uint32_t number = 0;
    Answer answer;
  };

  static void run_task(void* control) noexcept;
  [[noreturn]] void run() noexcept;
  void answer_requests() noexcept;
  [[nodiscard]] Answer answer(const Question& question) noexcept;
  void publish() noexcept;

  [[nodiscard]] std::optional<Answer> ask(const Question& question) noexcept;
  template <class T>
  [[nodiscard]] Replied<T> ask_for(const Question& question) noexcept;

  static constexpr std::size_t stack_bytes = 16 * 1024;
  static constexpr UBaseType_t requests_max = 4;

  // Given to the task at its start.
  Board* board_ = nullptr;
  firmware::Config config_;
  firmware::Tuning unless_known_;
  protocol::ResetReason reset_reason_ = protocol::ResetReason::other;

  // The control task's own.
  std::optional<Loop> loop_;
  Holds holds_;
  std::uint64_t announced_ = 0;
  StatusSnapshot newest_;

  // Shared.
  Latest<StatusSnapshot> status_;
  std::atomic<TaskHandle_t> watcher_{nullptr};
  TaskHandle_t task_ = nullptr;
  TaskHandle_t starter_ = nullptr;
  QueueHandle_t requests_ = nullptr;
  QueueHandle_t replies_ = nullptr;
  SemaphoreHandle_t asking_ = nullptr;  ///< one question at a time
  std::uint32_t asked_ = 0;             ///< guarded by `asking_`

  // The memory of all this: nothing of it is on a heap.
  StaticTask_t task_storage_;
  StaticQueue_t requests_storage_;
  StaticQueue_t replies_storage_;
  StaticSemaphore_t asking_storage_;
  alignas(16) std::array<StackType_t, stack_bytes / sizeof(StackType_t)> stack_;
  alignas(Request) std::array<std::uint8_t, requests_max * sizeof(Request)> requests_memory_;
  alignas(Reply) std::array<std::uint8_t, sizeof(Reply)> replies_memory_;
};

}  // namespace pourtocol::board
