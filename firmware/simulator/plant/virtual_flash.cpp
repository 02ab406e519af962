#include "firmware/simulator/plant/virtual_flash.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "firmware/core/journal.hpp"
#include "firmware/core/stored_config.hpp"

namespace pourtocol::firmware {

VirtualFlash::VirtualFlash() : bytes_(journal_bytes_ + stored_confirmed_bytes, 0xFF) {
  const bool formatted = format_journal(*this);
  POURTOCOL_ASSERT(formatted);
}

bool VirtualFlash::read_slot(std::size_t index, hal::Slot& out) noexcept {
  POURTOCOL_ASSERT(index < sectors_ * slots_per_sector_);
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(index * hal::slot_bytes),
              hal::slot_bytes, out.begin());
  return true;
}

bool VirtualFlash::write_slot(std::size_t index, const hal::Slot& in) noexcept {
  POURTOCOL_ASSERT(index < sectors_ * slots_per_sector_);
  if (!powered_) return false;
  if (failing_ && !written_anyway_) return false;
  std::size_t size = hal::slot_bytes;
  if (tear_at_) {
    size = std::min(*tear_at_, size);
    tear_at_.reset();
    powered_ = false;
  }
  for (std::size_t i = 0; i < size; ++i) {
    // Flash only ever clears bits; what is not erased before keeps its zeros.
    bytes_[index * hal::slot_bytes + i] &= in[i];
  }
  ++writes_;
  last_written_ = index;
  return powered_ && !failing_;
}

bool VirtualFlash::erase_sector(std::size_t index) noexcept {
  POURTOCOL_ASSERT(index < sectors_);
  if (!powered_) return false;
  if (failing_ && !written_anyway_) return false;
  const std::size_t sector_bytes = slots_per_sector_ * hal::slot_bytes;
  std::fill_n(bytes_.begin() + static_cast<std::ptrdiff_t>(index * sector_bytes), sector_bytes,
              std::uint8_t{0xFF});
  ++erasures_;
  return !failing_;
}

bool VirtualFlash::keep_confirmed(std::span<const std::uint8_t> bytes) noexcept {
  POURTOCOL_ASSERT(bytes.size() == stored_confirmed_bytes);
  if (!powered_ || (failing_ && !written_anyway_)) return false;
  std::ranges::copy(bytes, bytes_.begin() + journal_bytes_);
  ++writes_;
  return !failing_;
}

Config VirtualFlash::with_confirmed(Config config) const noexcept {
  const auto confirmed = decode_confirmed(std::span{bytes_}.subspan(journal_bytes_));
  if (confirmed) config.confirmed = *confirmed;
  return config;
}

void VirtualFlash::set_failing(bool failing, bool written_anyway) noexcept {
  failing_ = failing;
  written_anyway_ = written_anyway;
}

void VirtualFlash::lose() noexcept {
  std::fill_n(bytes_.begin(), journal_bytes_, std::uint8_t{0xFF});
}

void VirtualFlash::corrupt(std::size_t index) noexcept {
  POURTOCOL_ASSERT(index < sectors_ * slots_per_sector_);
  bytes_[index * hal::slot_bytes + hal::slot_bytes / 2] ^= 1U;
}

bool VirtualFlash::load(std::span<const std::uint8_t> bytes) noexcept {
  if (bytes.size() != bytes_.size() && bytes.size() != journal_bytes_) return false;
  std::ranges::fill(bytes_, std::uint8_t{0xFF});
  std::ranges::copy(bytes, bytes_.begin());
  return true;
}

}  // namespace pourtocol::firmware
