// Flash in memory, with the ways in which flash fails.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "firmware/hal/journal_store.hpp"

namespace pourtocol::firmware {

/// 16 sectors of 32 slots, as on a real board.
class MemoryFlash {
 public:
  MemoryFlash() noexcept { lose(); }

  [[nodiscard]] std::size_t sector_count() const noexcept { return 16; }
  [[nodiscard]] std::size_t slots_per_sector() const noexcept { return 32; }
  [[nodiscard]] bool read_slot(std::size_t index, hal::Slot& out) noexcept {
    out = slots_[index];
    return readable && index != unreadable;
  }
  [[nodiscard]] bool write_slot(std::size_t index, const hal::Slot& in) noexcept {
    if (!works) return false;
    last = index;
    for (std::size_t i = 0; i < kept_bytes; ++i) slots_[index][i] &= in[i];
    return kept_bytes == hal::slot_bytes && !reports_failure;
  }
  [[nodiscard]] bool erase_sector(std::size_t index) noexcept {
    if (!works || !erases) return false;
    ++erasures;
    std::fill_n(slots_.begin() + static_cast<std::ptrdiff_t>(32 * index), 32, erased());
    return true;
  }

  void lose() noexcept { slots_.fill(erased()); }
  void corrupt(std::size_t index) noexcept { slots_[index][40] ^= 4U; }

  bool works = true;
  bool erases = true;
  bool readable = true;
  std::optional<std::size_t> unreadable;     ///< a single slot that is
  bool reports_failure = false;              ///< though it writes
  std::size_t kept_bytes = hal::slot_bytes;  ///< fewer: writes are torn
  std::size_t last = 0;
  int erasures = 0;

 private:
  static hal::Slot erased() {
    hal::Slot slot;
    slot.fill(0xFF);
    return slot;
  }
  std::array<hal::Slot, 512> slots_;
};

}  // namespace pourtocol::firmware
