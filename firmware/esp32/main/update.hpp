// New firmware over the network: signed, written beside the one that runs, and taken back by the
// bootloader unless it proves itself.
#pragma once

#include <esp_http_server.h>
#include <esp_ota_ops.h>

#include <array>
#include <atomic>

#include "firmware/esp32/main/control_task.hpp"

namespace pourtocol::board {

class Update {
 public:
  explicit Update(ControlTask& control) noexcept : control_{control} {}
  Update(const Update&) = delete;
  Update& operator=(const Update&) = delete;

  /// `POST /update`, whose body is the signed image. Refused with 409 while the machine pours or
  /// another update comes in, with 403 in a build that could not check a signature. While it comes
  /// in, orders are answered with 503; a stop and a status work. The httpd task.
  esp_err_t begin(httpd_req_t* request) noexcept;

  /// True if this image runs on trial and has not proved itself yet.
  [[nodiscard]] static bool on_trial() noexcept;
  /// It has: it stays.
  static void pass_trial() noexcept;
  /// It has not: the machine restarts with the one before. Returns only if there is none.
  static void fail_trial() noexcept;

 private:
  static void run_task(void* update) noexcept;
  /// Receives, checks and installs the image; an HTTP status and a JSON object.
  struct Outcome {
    int status;
    const char* json;
  };
  [[nodiscard]] Outcome install() noexcept;
  /// Reads the body piece by piece into the flash behind `handle`. False: it did not come, or could
  /// not be written.
  [[nodiscard]] bool receive(esp_ota_handle_t handle) noexcept;

  ControlTask& control_;
  std::atomic<bool> running_{false};
  // The update task's, while one runs.
  httpd_req_t* request_ = nullptr;
  std::array<char, 2048> chunk_;  ///< not on the stack, most of which checking a signature takes
};

}  // namespace pourtocol::board
