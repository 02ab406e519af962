// The journal: a ring of records in flash, over whatever `hal::JournalStore` the board has.
//
// Sectors are filled one after the other and erased one ahead of the writing, oldest first. Erasing
// takes long enough (tenths of a second) to delay the glass's watch, so it happens only through
// `make_room`, which is called with the pump off and makes room for a whole pour. The ring is so
// large that the last 16 pours are never erased, and wear is spread evenly: at the most 26 records
// of 128 bytes per pour, a ring of 64 KiB is good for some two million pours of flash that bears
// 100,000 erasures.
//
// Power may go at any instant. A record torn by that was not yet acted upon, so it is skipped; a
// record that was whole and no longer is leaves a hole in the sequence, or, as the newest, more
// written than a torn one can have; and the history says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/assert.hpp"
#include "firmware/core/history.hpp"
#include "firmware/core/pour.hpp"
#include "firmware/core/record.hpp"
#include "firmware/hal/journal_store.hpp"

namespace pourtocol::firmware {

/// Made free before a pour begins, since nothing is erased while it runs: its own records, and a
/// few for stops that name other ids meanwhile.
inline constexpr std::size_t journal_room_for_pour = records_per_pour_max + 4;

template <hal::JournalStore Store>
class Journal {
 public:
  /// The store must outlive the journal and have room for 16 whole pours beside two sectors that
  /// are being erased. Nothing is read or written yet.
  explicit Journal(Store& store) noexcept : store_{store} {
    const std::size_t kept = slot_count() - 2 * store_.slots_per_sector();
    POURTOCOL_ASSERT(kept >= protocol::recent_pours_max * records_per_pour_max);
    POURTOCOL_ASSERT(store_.slots_per_sector() >= journal_room_for_pour);
  }

  /// Finds the end of the ring and replays it. Call once, at boot, before anything is written.
  /// Where not one record is found, a `lost` record is written.
  [[nodiscard]] History open() noexcept {
    find_newest();
    HistoryBuilder builder;
    if (newest_) {
      replay(builder);
      position_ = after(*newest_);
      if (rotted_after(*newest_)) builder.add_gap();
      skip_torn_slots();
      count_free_slots();
    } else {
      position_ = 0;
      builder.add_gap();
      if (make_room(1)) (void)append({.kind = RecordKind::lost});
    }
    return builder.finish();
  }

  /// Erases ahead until `records` can be written. Only with the pump off. At most one sector's
  /// worth.
  [[nodiscard]] bool make_room(std::size_t records) noexcept {
    POURTOCOL_ASSERT(records <= store_.slots_per_sector());
    while (free_ < records) {
      std::size_t next = (position_ + free_) % slot_count();
      if (next % store_.slots_per_sector() != 0) {
        // A slot in mid-sector is spoilt: go on with the next sector.
        next = (next / store_.slots_per_sector() + 1) * store_.slots_per_sector() % slot_count();
        position_ = next;
        free_ = 0;
      }
      if (!store_.erase_sector(next / store_.slots_per_sector())) return false;
      free_ += store_.slots_per_sector();
    }
    return true;
  }

  /// Writes one record into room made before. True: it is durable, and read back to be sure.
  [[nodiscard]] bool append(const Record& record) noexcept {
    if (free_ == 0) return false;
    const hal::Slot slot = encode_record({.sequence = next_sequence_, .record = record});
    const bool written = store_.write_slot(position_, slot);
    hal::Slot found{};
    const bool read = store_.read_slot(position_, found);
    if (!written && read && hal::is_erased(found)) return false;  // untouched: try it again later
    position_ = after(position_);
    --free_;
    if (!written || !read || found != slot) return false;
    ++next_sequence_;
    return true;
  }

 private:
  [[nodiscard]] std::size_t slot_count() const noexcept {
    return store_.sector_count() * store_.slots_per_sector();
  }
  [[nodiscard]] std::size_t after(std::size_t slot) const noexcept {
    return (slot + 1) % slot_count();
  }
  [[nodiscard]] std::optional<NumberedRecord> record_at(std::size_t index) noexcept {
    hal::Slot slot{};
    if (!store_.read_slot(index, slot)) return std::nullopt;
    return decode_record(slot);
  }
  [[nodiscard]] bool erased_at(std::size_t index) noexcept {
    hal::Slot slot{};
    return store_.read_slot(index, slot) && hal::is_erased(slot);
  }

  /// Of two slots close together in the ring: whether `a`, the higher index, is written after `b`.
  [[nodiscard]] bool comes_later(std::size_t a, std::size_t b) const noexcept {
    return a - b < slot_count() / 2;
  }

  void find_newest() noexcept {
    for (std::size_t i = 0; i < slot_count(); ++i) {
      const auto found = record_at(i);
      if (!found) continue;
      if (!newest_ || found->sequence > next_sequence_ - 1 ||
          (found->sequence == next_sequence_ - 1 && comes_later(i, *newest_))) {
        newest_ = i;
        next_sequence_ = found->sequence + 1;
      }
    }
  }

  /// Feeds the ring to `builder`, from the slot after the newest record round to the newest.
  void replay(HistoryBuilder& builder) noexcept {
    std::optional<NumberedRecord> held;  // not counted yet: the next one may replace it
    builder.add_gap();                   // what came before the oldest record is not known
    for (std::size_t n = 0, i = after(*newest_); n < slot_count(); ++n, i = after(i)) {
      const auto found = record_at(i);
      if (!found) continue;
      if (held && found->sequence != held->sequence) {
        builder.add(held->record);
        if (found->sequence != held->sequence + 1) builder.add_gap();
      }
      held = found;
    }
    if (held) builder.add(held->record);
  }

  /// Whether what stands behind the newest record, and is none, was one.
  [[nodiscard]] bool rotted_after(std::size_t newest) noexcept {
    const std::size_t sector = newest / store_.slots_per_sector();
    bool found = false;
    for (std::size_t n = 0, i = after(newest); n < journal_room_for_pour; ++n, i = after(i)) {
      hal::Slot slot{};
      if (!store_.read_slot(i, slot)) return true;
      if (hal::is_erased(slot)) return found;
      // Garbage of a sector whose erasure was cut off is followed by what it held before.
      if (decode_record(slot)) return false;
      if (is_torn(slot)) continue;
      if (i / store_.slots_per_sector() == sector) return true;
      found = true;
    }
    return false;
  }

  void skip_torn_slots() noexcept {
    while (position_ % store_.slots_per_sector() != 0 && !erased_at(position_)) {
      position_ = after(position_);
    }
  }

  void count_free_slots() noexcept {
    std::size_t i = position_;
    while (free_ < 2 * store_.slots_per_sector() && erased_at(i)) {
      ++free_;
      i = after(i);
    }
  }

  Store& store_;
  std::optional<std::size_t> newest_;
  std::uint32_t next_sequence_ = 1;
  std::size_t position_ = 0;
  std::size_t free_ = 0;  ///< erased slots from `position_` on
};

/// Prepares the flash of a new machine, so that its first boot knows that nothing was poured
/// before. All of it must be erased. Done once, when the machine is made.
template <hal::JournalStore Store>
[[nodiscard]] bool format_journal(Store& store) noexcept {
  return store.write_slot(
      0, encode_record({.sequence = 0, .record = {.kind = RecordKind::formatted}}));
}

}  // namespace pourtocol::firmware
