#include "firmware/core/record.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

#include "core/enumeration.hpp"
#include "firmware/core/crc32.hpp"

namespace pourtocol::firmware {

namespace {

// A slot, little-endian:
//   0 format  1 kind  2 requested (ml)  3 outcome  4 stop reason  5 measure  6 length of the id
//   7 purpose  8 sequence  12 pours total  16 delivered  20 uncertainty  24 min  28 max (µl, 4
//   bytes each)  32 id (64 bytes, zeros after it)  96 tuning (28 bytes)  124 CRC-32 of all before
// Its tuning, 2 bytes each but for two of 4:
//   96 flow (µl/s)  98 start delay (ms)  100 coast (µl)  102 flow error (low 12 bits) and how far
//   the pump is below its full power, in steps of 5 % (high 4 bits)  104 meter error
//   106 offset error  108 pulses per litre (4)  112 flow  114 start delay  116 coast as learned
//   118 pours since  120 poured from the bottle (µl, 4)
constexpr std::uint8_t format_version = 2;
constexpr std::size_t id_at = 32;
constexpr std::size_t tuning_at = 96;
constexpr std::size_t crc_at = hal::slot_bytes - 4;
static_assert(id_at + RequestId::length_max <= tuning_at);
// Firmware from before pumps could be slowed takes the flow error of a slowed one for out of its
// range, and the record for none: it must not pour at full power by the calibration of less.
constexpr unsigned power_shift = 12;
constexpr std::uint16_t flow_error_bits = (1U << power_shift) - 1;
static_assert((full_power - lowest_power) / power_step < 1 << (16 - power_shift));

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

void put_short(hal::Slot& slot, std::size_t at, std::int64_t value) {
  slot[at] = static_cast<std::uint8_t>(value);
  slot[at + 1] = static_cast<std::uint8_t>(value >> 8);
}

std::uint16_t get_short(const hal::Slot& slot, std::size_t at) {
  return static_cast<std::uint16_t>(slot[at] | slot[at + 1] << 8);
}

void put_tuning(hal::Slot& slot, const Tuning& tuning) {
  const Calibration& calibration = tuning.calibration;
  put_short(slot, tuning_at, calibration.flow.microlitres_per_second());
  put_short(slot, tuning_at + 2, calibration.start_delay.count());
  put_short(slot, tuning_at + 4, calibration.coast.count());
  const int below_full = (full_power - calibration.pump_power) / power_step;
  put_short(slot, tuning_at + 6, calibration.flow_error | below_full << power_shift);
  put_short(slot, tuning_at + 8, calibration.meter_error);
  put_short(slot, tuning_at + 10, calibration.offset_error.count());
  put(slot, tuning_at + 12, calibration.pulses_per_litre);
  put_short(slot, tuning_at + 16, tuning.flow.microlitres_per_second());
  put_short(slot, tuning_at + 18, tuning.start_delay.count());
  put_short(slot, tuning_at + 20, tuning.coast.count());
  put_short(slot, tuning_at + 22, tuning.pours_since);
  put(slot, tuning_at + 24, tuning.bottle_poured);
}

Tuning get_tuning(const hal::Slot& slot) {
  Tuning tuning;
  Calibration& calibration = tuning.calibration;
  calibration.flow = FlowRate{get_short(slot, tuning_at)};
  calibration.start_delay = Milliseconds{get_short(slot, tuning_at + 2)};
  calibration.coast = Microlitres{get_short(slot, tuning_at + 4)};
  const std::uint16_t flow_error = get_short(slot, tuning_at + 6);
  calibration.flow_error = flow_error & flow_error_bits;
  calibration.pump_power =
      static_cast<PumpPower>(full_power - (flow_error >> power_shift) * power_step);
  calibration.meter_error = get_short(slot, tuning_at + 8);
  calibration.offset_error = Microlitres{get_short(slot, tuning_at + 10)};
  calibration.pulses_per_litre = get(slot, tuning_at + 12);
  tuning.flow = FlowRate{get_short(slot, tuning_at + 16)};
  tuning.start_delay = Milliseconds{get_short(slot, tuning_at + 18)};
  tuning.coast = Microlitres{get_short(slot, tuning_at + 20)};
  tuning.pours_since = get_short(slot, tuning_at + 22);
  tuning.bottle_poured = get_volume(slot, tuning_at + 24);
  return tuning;
}

bool known_values(const hal::Slot& slot) {
  return numbers_enumerator<RecordKind, RecordKind::formatted>(slot[1]) &&
         numbers_enumerator<protocol::PourOutcome>(slot[3]) &&
         numbers_enumerator<protocol::StopReason>(slot[4]) &&
         numbers_enumerator<protocol::Measure>(slot[5]) && slot[6] <= RequestId::length_max &&
         numbers_enumerator<protocol::Purpose>(slot[7]);
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
  slot[7] = static_cast<std::uint8_t>(pour.purpose);
  put(slot, 8, numbered.sequence);
  put(slot, 12, record.pours_total);
  put(slot, 16, pour.delivered);
  put(slot, 20, pour.uncertainty);
  put(slot, 24, pour.min);
  put(slot, 28, pour.max);
  std::ranges::copy(id, slot.begin() + id_at);
  put_tuning(slot, record.tuning);
  put(slot, crc_at, crc32(std::span{slot}.first(crc_at)));
  return slot;
}

bool is_torn(const hal::Slot& slot) noexcept {
  if (get(slot, crc_at) == 0xFFFFFFFFU) return true;
  hal::Slot whole = slot;
  put(whole, crc_at, crc32(std::span{slot}.first(crc_at)));
  const auto wrong = std::ranges::mismatch(slot, whole).in1;
  return wrong != slot.end() &&
         std::all_of(wrong, slot.end(), [](std::uint8_t byte) { return byte == 0xFF; });
}

std::optional<NumberedRecord> decode_record(const hal::Slot& slot) noexcept {
  if (slot[0] != format_version) return std::nullopt;
  if (get(slot, crc_at) != crc32(std::span{slot}.first(crc_at))) return std::nullopt;
  if (!known_values(slot)) return std::nullopt;
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
  pour.purpose = static_cast<protocol::Purpose>(slot[7]);
  record.tuning = get_tuning(slot);
  if (!validate(record.tuning)) return std::nullopt;
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
