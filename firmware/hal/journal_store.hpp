// The flash that holds the journal, as a ring of sectors of slots. A board offers the bare flash;
// which slot is next, what is in it and when a sector is erased is the core's affair
// (`core/journal.hpp`).
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace pourtocol::firmware::hal {

/// One slot: the unit of writing.
inline constexpr std::size_t slot_bytes = 128;
using Slot = std::array<std::uint8_t, slot_bytes>;

/// A slot as erasing leaves it: every bit set.
[[nodiscard]] constexpr bool is_erased(const Slot& slot) noexcept {
  for (const auto byte : slot) {
    if (byte != 0xFF) return false;
  }
  return true;
}

/// Slots are numbered from 0 to `sector_count() * slots_per_sector() - 1`, sector after sector.
/// All of it may fail (worn out, brown-out), and a power cut in mid-write may leave any part of a
/// slot written: the core reads back and checks.
template <class T>
concept JournalStore = requires(T store, std::size_t index, Slot& out, const Slot& in) {
  { store.sector_count() }
  noexcept->std::same_as<std::size_t>;
  { store.slots_per_sector() }
  noexcept->std::same_as<std::size_t>;
  /// Copies slot `index` to `out`. False: it could not be read.
  { store.read_slot(index, out) }
  noexcept->std::same_as<bool>;
  /// Writes an erased slot. True: it is durable. False: it may hold all, part or none of `in`.
  { store.write_slot(index, in) }
  noexcept->std::same_as<bool>;
  /// Erases all slots of sector `index`. False: they may hold anything.
  { store.erase_sector(index) }
  noexcept->std::same_as<bool>;
};

}  // namespace pourtocol::firmware::hal
