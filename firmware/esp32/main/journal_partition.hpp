// The flash that holds the journal: a partition of its own (partitions.csv).
#pragma once

#include <esp_partition.h>

#include <cstddef>
#include <cstdint>

#include "firmware/hal/journal_store.hpp"

namespace pourtocol::board {

/// A `hal::JournalStore` over the partition `journal`, in sectors of 4096 bytes. After `open`: the
/// control task.
class JournalPartition {
 public:
  /// False: there is no such partition, or flash encryption covers it (an erased slot would then
  /// not read as erased).
  [[nodiscard]] bool open() noexcept;

  /// True if every byte is as the factory left it: a board that never ran this firmware.
  [[nodiscard]] bool blank() noexcept;

  [[nodiscard]] std::size_t sector_count() noexcept;
  [[nodiscard]] std::size_t slots_per_sector() noexcept;
  [[nodiscard]] bool read_slot(std::size_t index, firmware::hal::Slot& out) noexcept;
  [[nodiscard]] bool write_slot(std::size_t index, const firmware::hal::Slot& in) noexcept;
  [[nodiscard]] bool erase_sector(std::size_t index) noexcept;

 private:
  const esp_partition_t* partition_ = nullptr;
};

}  // namespace pourtocol::board
