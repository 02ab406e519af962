// Why the board started, and whether starting the radio is what keeps it from staying up.
#pragma once

#include <esp_system.h>

namespace pourtocol::board {

/// For the log: "brown-out", "task watchdog", …
[[nodiscard]] const char* name_of(esp_reset_reason_t reason) noexcept;

/// Counts starts of the network that ended in a crash, in memory that survives a reset but not a
/// power cut. A machine whose radio is broken (or that has none, in an emulator) must not reboot
/// for ever: after three crashes it stays up without a network, pump safe and button working.
class BootGuard {
 public:
  /// Once, at boot.
  explicit BootGuard(esp_reset_reason_t reason) noexcept;

  [[nodiscard]] bool network_may_start() const noexcept;
  /// Right before and right after what may crash.
  void network_starts() noexcept;
  void network_is_up() noexcept;
};

}  // namespace pourtocol::board
