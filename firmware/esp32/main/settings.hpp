// The board's settings, in NVS.
#pragma once

#include <cstdint>
#include <span>

#include "firmware/core/tuning.hpp"
#include "firmware/esp32/portable/machine_settings.hpp"

namespace pourtocol::board {

/// Opens NVS and reads what is there. What cannot be read is as it is on a new board, and the log
/// says so. Once, at boot, before `save_settings`.
[[nodiscard]] Settings load_settings() noexcept;

/// Writes flash, so only while the machine is held. False: it may be partly done, and every part is
/// whole by itself.
[[nodiscard]] bool save_settings(const Settings& settings) noexcept;

/// What a hand at the machine has confirmed (`firmware::encode_confirmed`), beside the other
/// settings. The control task's, with the pump off. False: what was there is there still.
[[nodiscard]] bool save_confirmed(std::span<const std::uint8_t> bytes) noexcept;

/// The next boot opens the setup page.
void ask_for_portal() noexcept;

/// The setup network's passphrase: made of `random_bits` when it is first needed, the same from
/// then on.
[[nodiscard]] Passphrase portal_passphrase(std::uint64_t random_bits) noexcept;

/// Whether this board's journal was formatted once. From then on an empty one is a loss.
[[nodiscard]] bool journal_was_formatted() noexcept;
void remember_journal_formatted() noexcept;

/// How starting the radio has gone (`boot_guard.hpp`).
struct RadioRecord {
  int crashes = 0;        ///< in a row
  bool starting = false;  ///< it was being started and nobody has said since that it went well
};
[[nodiscard]] RadioRecord load_radio_record() noexcept;
void save_radio_record(const RadioRecord& record) noexcept;

/// What the machine takes itself for until its journal knows better (Kconfig).
[[nodiscard]] firmware::Tuning tuning_unless_known() noexcept;

}  // namespace pourtocol::board
