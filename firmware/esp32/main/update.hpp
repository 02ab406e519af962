// New firmware over the network: signed, written beside the one that runs, and taken back by the
// bootloader unless it proves itself.
#pragma once

#include <esp_http_server.h>
#include <esp_ota_ops.h>

#include <array>
#include <atomic>
#include <cstddef>

#include "firmware/esp32/main/control_task.hpp"
#include "firmware/esp32/portable/image_transfer.hpp"
#include "firmware/esp32/portable/machine_settings.hpp"
#include "firmware/esp32/portable/update_admission.hpp"

namespace pourtocol::board {

class Update {
 public:
  /// `key`: of updates. Must live for ever, as `control`.
  Update(ControlTask& control, const Key& key) noexcept : control_{control}, key_{key} {}
  Update(const Update&) = delete;
  Update& operator=(const Update&) = delete;

  /// `POST /update`, whose body is the signed image. `update_admission.hpp` tells who may,
  /// `firmware_image.hpp` which image: until both have been looked at, nothing in flash is touched
  /// and the machine pours on. Then, while the image comes in (`image_transfer.hpp`: for minutes at
  /// the most), orders are answered with 503; a stop and a status work. The httpd task.
  esp_err_t begin(httpd_req_t* request) noexcept;

  /// True if this image runs on trial and has not proved itself yet.
  [[nodiscard]] static bool on_trial() noexcept;
  /// It has: it stays.
  static void pass_trial() noexcept;
  /// It has not: the machine restarts with the one before. Returns only if there is none.
  static void fail_trial() noexcept;

 private:
  static void run_task(void* update) noexcept;
  /// Receives, checks and installs the image. Nothing: it is the next to boot.
  [[nodiscard]] std::optional<UpdateRefused> install() noexcept;
  /// Reads the whole body into the flash behind `handle`; its head is in `chunk_`.
  [[nodiscard]] std::optional<UpdateRefused> receive(ImageTransfer& transfer,
                                                     esp_ota_handle_t handle) noexcept;
  /// Some of the body into `chunk_` from `offset` on, `most` bytes at the most. 0: it ended.
  [[nodiscard]] std::size_t read_some(ImageTransfer& transfer, std::size_t offset,
                                      std::size_t most) noexcept;
  [[nodiscard]] std::expected<UpdateMeant, UpdateRefused> admit(httpd_req_t* request) noexcept;
  /// Whoever still sends reads no answer: reads on for a moment, for nothing.
  void let_it_be_read() noexcept;

  ControlTask& control_;
  const Key& key_;
  std::atomic<bool> running_{false};
  StatusSnapshot status_;  ///< the httpd task's
  // The update task's, while one runs.
  httpd_req_t* request_ = nullptr;
  UpdateMeant meant_;
  std::array<char, 2048> chunk_;  ///< not on the stack, most of which checking a signature takes
};

}  // namespace pourtocol::board
