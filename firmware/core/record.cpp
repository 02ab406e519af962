#include "firmware/core/record.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

namespace pourtocol::firmware {

namespace {

// A slot, little-endian:
//   0 format  1 kind  2 requested (ml)  3 outcome  4 stop reason  5 measure  6 length of the id  7
//   zero 8 sequence  12 pours total  16 delivered  20 uncertainty  24 min  28 max (µl, 4 bytes
//   each) 32 id (64 bytes, zeros after it)  96..123 zeros  124 CRC-32 of all before
constexpr std::uint8_t format_version = 1;
constexpr std::size_t id_at = 32;
constexpr std::size_t crc_at = hal::slot_bytes - 4;
static_assert(id_at + RequestId::length_max <= crc_at);

/// CRC-32 as in Ethernet and zip (polynomial 0xEDB88320, reflected), without a table: a record is
/// short.
std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const auto byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

void put(hal::Slot& slot, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) slot[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint32_t get(const hal::Slot& slot, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{slot[at + i]} << (8 * i);
  return value;
}

void put(hal::Slot& slot, std::size_t at, Microlitres volume) {
  put(slot, at, static_cast<std::uint32_t>(volume.count()));
}

Microlitres get_volume(const hal::Slot& slot, std::size_t at) {
  return Microlitres{static_cast<std::int64_t>(get(slot, at))};
}

}  // namespace

hal::Slot encode_record(const NumberedRecord& numbered) noexcept {
  const Record& record = numbered.record;
  const protocol::RecentPour& pour = record.pour;
  const std::string_view id = pour.request_id.view();
  hal::Slot slot{};
  slot[0] = format_version;
  slot[1] = static_cast<std::uint8_t>(record.kind);
  slot[2] = static_cast<std::uint8_t>(pour.requested.count());
  slot[3] = static_cast<std::uint8_t>(pour.outcome);
  slot[4] = static_cast<std::uint8_t>(pour.stop_reason);
  slot[5] = static_cast<std::uint8_t>(pour.measure);
  slot[6] = static_cast<std::uint8_t>(id.size());
  put(slot, 8, numbered.sequence);
  put(slot, 12, record.pours_total);
  put(slot, 16, pour.delivered);
  put(slot, 20, pour.uncertainty);
  put(slot, 24, pour.min);
  put(slot, 28, pour.max);
  std::ranges::copy(id, slot.begin() + id_at);
  put(slot, crc_at, crc32(std::span{slot}.first(crc_at)));
  return slot;
}

std::optional<NumberedRecord> decode_record(const hal::Slot& slot) noexcept {
  if (slot[0] != format_version) return std::nullopt;
  if (get(slot, crc_at) != crc32(std::span{slot}.first(crc_at))) return std::nullopt;
  if (slot[1] < static_cast<std::uint8_t>(RecordKind::formatted) ||
      slot[1] > static_cast<std::uint8_t>(RecordKind::probe) ||
      slot[3] > static_cast<std::uint8_t>(protocol::PourOutcome::cancelled) ||
      slot[4] > static_cast<std::uint8_t>(protocol::StopReason::power_lost) ||
      slot[5] > static_cast<std::uint8_t>(protocol::Measure::time) ||
      slot[6] > RequestId::length_max) {
    return std::nullopt;
  }
  NumberedRecord numbered;
  Record& record = numbered.record;
  protocol::RecentPour& pour = record.pour;
  numbered.sequence = get(slot, 8);
  record.kind = static_cast<RecordKind>(slot[1]);
  record.pours_total = get(slot, 12);
  pour.requested = Millilitres{slot[2]};
  pour.outcome = static_cast<protocol::PourOutcome>(slot[3]);
  pour.stop_reason = static_cast<protocol::StopReason>(slot[4]);
  pour.measure = static_cast<protocol::Measure>(slot[5]);
  pour.delivered = get_volume(slot, 16);
  pour.uncertainty = get_volume(slot, 20);
  pour.min = get_volume(slot, 24);
  pour.max = get_volume(slot, 28);
  if (slot[6] > 0) {
    std::array<char, RequestId::length_max> text{};
    std::copy_n(slot.begin() + id_at, slot[6], text.begin());
    const auto id = RequestId::parse({text.data(), slot[6]});
    if (!id) return std::nullopt;
    pour.request_id = *id;
  }
  return numbered;
}

}  // namespace pourtocol::firmware
