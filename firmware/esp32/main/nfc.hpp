// A PN532 on the I2C bus: which NFC tag lies on the machine.
#pragma once

#include <driver/i2c_types.h>

#include <cstdint>
#include <span>

#include "firmware/esp32/main/latest.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::board {

/// A `hal::TagReader`. A task of its own, of low priority, asks the reader five times a second; the
/// control task takes the newest answer.
class TagReader {
 public:
  TagReader() noexcept = default;
  TagReader(const TagReader&) = delete;
  TagReader& operator=(const TagReader&) = delete;

  /// Starts the task. A reader that does not answer is asked again and again: it may come later.
  void begin() noexcept;

  [[nodiscard]] protocol::NfcReading read_tag() noexcept;

 private:
  static void run_task(void* reader) noexcept;
  void run() noexcept;
  [[nodiscard]] bool open_bus() noexcept;
  [[nodiscard]] bool wake_up() noexcept;
  /// Sends a command and waits for its answer; the answer's length, or -1.
  [[nodiscard]] int ask(std::span<const std::uint8_t> command, std::span<std::uint8_t> answer,
                        int patience_ms) noexcept;
  [[nodiscard]] bool wait_until_ready(int patience_ms) noexcept;
  void look_for_tag() noexcept;

  i2c_master_bus_handle_t bus_ = nullptr;
  i2c_master_dev_handle_t device_ = nullptr;
  protocol::NfcReading reading_;  ///< the task's own
  int misses_ = 0;

  Latest<protocol::NfcReading> latest_;
  protocol::NfcReading seen_;  ///< the control task's copy
};

}  // namespace pourtocol::board
