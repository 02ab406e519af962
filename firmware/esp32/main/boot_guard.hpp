// Why the board started, and whether starting the radio is what keeps it from staying up.
#pragma once

#include <esp_system.h>

#include "firmware/esp32/main/settings.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::board {

/// For the log: "brown-out", "task watchdog", …
[[nodiscard]] const char* name_of(esp_reset_reason_t reason) noexcept;

/// The same in the words of the protocol, for the status.
[[nodiscard]] protocol::ResetReason reset_reason_of(esp_reset_reason_t reason) noexcept;

/// Counts starts of the radio that ended in a reset. A machine whose radio is broken (or whose
/// supply breaks down under it, or that has none, in an emulator) must not reboot for ever: after
/// three of them it stays up without a network, pump safe and button working, and tries again at
/// the next power-on. The record is kept in NVS, for not every reset leaves memory as it was.
class BootGuard {
 public:
  /// Once, at boot, after `load_settings`.
  explicit BootGuard(esp_reset_reason_t reason) noexcept;

  [[nodiscard]] bool radio_may_start() const noexcept;
  // What came of it. Each writes flash: only while nothing pours.
  void radio_stays_off() noexcept;
  void radio_starts() noexcept;  ///< right before what may crash
  void radio_has_started() noexcept;

 private:
  RadioRecord record_;
};

}  // namespace pourtocol::board
