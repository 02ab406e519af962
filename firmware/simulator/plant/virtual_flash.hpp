// Flash that survives a power cut, because whoever simulates the machine keeps it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "firmware/core/config.hpp"
#include "firmware/hal/journal_store.hpp"

namespace pourtocol::firmware {

class VirtualFlash {
 public:
  /// As it leaves the factory: erased and formatted (`format_journal`). 16 sectors of 32 slots: 64
  /// KiB.
  VirtualFlash();

  // hal::JournalStore --------------------------------------------------------------------------
  [[nodiscard]] std::size_t sector_count() const noexcept { return sectors_; }
  [[nodiscard]] std::size_t slots_per_sector() const noexcept { return slots_per_sector_; }
  [[nodiscard]] bool read_slot(std::size_t index, hal::Slot& out) noexcept;
  [[nodiscard]] bool write_slot(std::size_t index, const hal::Slot& in) noexcept;
  [[nodiscard]] bool erase_sector(std::size_t index) noexcept;

  // ---- The settings, which have a place of their own
  /// Keeps what a hand has confirmed. False: what was kept before is there still.
  [[nodiscard]] bool keep_confirmed(std::span<const std::uint8_t> bytes) noexcept;
  /// `config` with what was kept; as it is where nothing ever was.
  [[nodiscard]] Config with_confirmed(Config config) const noexcept;

  // ---- Faults
  /// While failing, writes and erasures return false. `written_anyway`: and yet they happen.
  void set_failing(bool failing, bool written_anyway = false) noexcept;
  /// The next write keeps only its first `bytes` and power is gone: it and all after it fail until
  /// `restore_power`.
  void cut_power_at_next_write(std::size_t bytes) noexcept { tear_at_ = bytes; }
  /// False after such a cut: the board must be treated as without power from that instant on.
  [[nodiscard]] bool powered() const noexcept { return powered_; }
  void restore_power() noexcept {
    powered_ = true;
    tear_at_.reset();
  }
  /// The journal all erased, the factory's formatting too: lost flash. The settings are elsewhere.
  void lose() noexcept;
  /// Flips one bit of slot `index`: ageing.
  void corrupt(std::size_t index) noexcept;

  // ---- For keeping it in a file
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return bytes_; }
  /// False, and nothing done, if the size is neither this flash's nor that of one from before
  /// anything could be confirmed, which had the journal only.
  [[nodiscard]] bool load(std::span<const std::uint8_t> bytes) noexcept;

  /// Index of the slot last written, to aim a fault at.
  [[nodiscard]] std::optional<std::size_t> last_written() const noexcept { return last_written_; }
  [[nodiscard]] std::uint64_t writes() const noexcept { return writes_; }
  [[nodiscard]] std::uint64_t erasures() const noexcept { return erasures_; }

 private:
  static constexpr std::size_t sectors_ = 16;
  static constexpr std::size_t slots_per_sector_ = 32;
  static constexpr std::size_t journal_bytes_ = sectors_ * slots_per_sector_ * hal::slot_bytes;

  std::vector<std::uint8_t> bytes_;  ///< the journal, and after it what is confirmed
  bool failing_ = false;
  bool written_anyway_ = false;
  bool powered_ = true;
  std::optional<std::size_t> tear_at_;
  std::optional<std::size_t> last_written_;
  std::uint64_t writes_ = 0;
  std::uint64_t erasures_ = 0;
};

}  // namespace pourtocol::firmware
