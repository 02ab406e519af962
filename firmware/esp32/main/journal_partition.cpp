#include "firmware/esp32/main/journal_partition.hpp"

#include <esp_log.h>

namespace pourtocol::board {

namespace {

constexpr const char* tag = "journal";
constexpr std::size_t sector_bytes = 4096;
constexpr auto journal_subtype = static_cast<esp_partition_subtype_t>(0x40);

}  // namespace

bool JournalPartition::open() noexcept {
  partition_ = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, journal_subtype, "journal");
  if (partition_ == nullptr) {
    ESP_LOGE(tag, "the partition table has no journal");
    return false;
  }
  if (partition_->encrypted) {
    ESP_LOGE(tag, "the journal's partition must not be encrypted");
    return false;
  }
  return true;
}

bool JournalPartition::blank() noexcept {
  for (std::size_t i = 0; i < sector_count() * slots_per_sector(); ++i) {
    firmware::hal::Slot slot;
    if (!read_slot(i, slot) || !firmware::hal::is_erased(slot)) return false;
  }
  return true;
}

std::size_t JournalPartition::sector_count() noexcept {
  return partition_->size / sector_bytes;
}

std::size_t JournalPartition::slots_per_sector() noexcept {
  return sector_bytes / firmware::hal::slot_bytes;
}

bool JournalPartition::read_slot(std::size_t index, firmware::hal::Slot& out) noexcept {
  return esp_partition_read(partition_, index * firmware::hal::slot_bytes, out.data(),
                            out.size()) == ESP_OK;
}

bool JournalPartition::write_slot(std::size_t index, const firmware::hal::Slot& in) noexcept {
  return esp_partition_write(partition_, index * firmware::hal::slot_bytes, in.data(), in.size()) ==
         ESP_OK;
}

bool JournalPartition::erase_sector(std::size_t index) noexcept {
  return esp_partition_erase_range(partition_, index * sector_bytes, sector_bytes) == ESP_OK;
}

}  // namespace pourtocol::board
