#include "firmware/core/record.hpp"

#include <span>

#include "core/enumeration.hpp"
#include "firmware/core/crc32.hpp"
#include "firmware/testing/check.hpp"

namespace pourtocol::firmware {
namespace {

NumberedRecord full_record() {
  NumberedRecord numbered;
  numbered.sequence = 0xFEDCBA98U;
  numbered.record.kind = RecordKind::ended;
  numbered.record.pours_total = 0x01020304U;
  numbered.record.pour = {.request_id = *RequestId::parse(
                              "0123456789012345678901234567890123456789012345678901234567890123"),
                          .requested = Millilitres{60},
                          .outcome = protocol::PourOutcome::cancelled,
                          .stop_reason = protocol::StopReason::power_lost,
                          .measure = protocol::Measure::time,
                          .delivered = Microlitres{59'999},
                          .uncertainty = Microlitres{3'000},
                          .min = Microlitres{1},
                          .max = Microlitres{69'000}};
  return numbered;
}

TEST(Record, ComesBackAsItWasWritten) {
  const auto decoded = decode_record(encode_record(full_record()));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, full_record());
}

/// What a full flow error's place in the slot holds, for a machine calibrated at `power`.
std::uint16_t stored_flow_error(PumpPower power) {
  NumberedRecord numbered = full_record();
  numbered.record.tuning.calibration.flow_error = 2'500;
  numbered.record.tuning.calibration.pump_power = power;
  const hal::Slot slot = encode_record(numbered);
  EXPECT_EQ(decode_record(slot)->record, numbered.record);
  return static_cast<std::uint16_t>(slot[102] | slot[103] << 8);
}

TEST(Record, OfASlowedPumpIsNoneToFirmwareThatKnowsOnlyFullPower) {
  EXPECT_EQ(stored_flow_error(full_power), 2'500);
  for (PumpPower power = lowest_power; power < full_power; power += power_step) {
    EXPECT_GT(stored_flow_error(power), 2'500);
  }
}

TEST(Record, EveryFlippedBitIsNoticed) {
  const hal::Slot good = encode_record(full_record());
  for (std::size_t byte = 0; byte < good.size(); ++byte) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      hal::Slot bad = good;
      bad[byte] = static_cast<std::uint8_t>(bad[byte] ^ 1U << bit);
      EXPECT_FALSE(decode_record(bad).has_value());
    }
  }
}

TEST(Record, EveryTornWriteIsNoticed) {
  const hal::Slot whole = encode_record(full_record());
  for (std::size_t kept = 0; kept + 1 < whole.size(); ++kept) {
    hal::Slot torn = whole;
    for (std::size_t i = kept; i < torn.size(); ++i) torn[i] = 0xFF;
    EXPECT_FALSE(decode_record(torn).has_value());
  }
}

TEST(Record, ErasedFlashIsNoRecord) {
  hal::Slot erased;
  erased.fill(0xFF);
  EXPECT_FALSE(decode_record(erased).has_value());
  erased.fill(0);
  EXPECT_FALSE(decode_record(erased).has_value());
}

/// The full record with another byte at `at`, and a checksum that says it belongs there.
hal::Slot record_with(std::size_t at, std::uint8_t value) {
  hal::Slot slot = encode_record(full_record());
  slot[at] = value;
  const std::uint32_t crc = crc32(std::span{slot}.first(hal::slot_bytes - 4));
  for (std::size_t i = 0; i < 4; ++i) {
    slot[hal::slot_bytes - 4 + i] = static_cast<std::uint8_t>(crc >> (8 * i));
  }
  return slot;
}

TEST(Record, AnotherFormatIsNotKnown) {
  EXPECT_TRUE(decode_record(record_with(0, 2)).has_value());
  EXPECT_FALSE(decode_record(record_with(0, 1)).has_value());
  EXPECT_FALSE(decode_record(record_with(0, 3)).has_value());
}

TEST(Record, OfAnotherFormatIsNotTakenForTorn) {
  EXPECT_FALSE(is_torn(record_with(0, 3)));
}

/// Takes a record through flash and back for every value that `value_of` may have. Its byte is at
/// `at`; the number behind the last enumerator's is one that only a later firmware can have
/// written.
template <class Enum, Enum first = Enum{}, class ValueOf>
void expect_each_comes_back(std::size_t at, ValueOf value_of) {
  for (const Enum value : enumerators<Enum, first>) {
    NumberedRecord numbered = full_record();
    value_of(numbered.record) = value;
    const hal::Slot slot = encode_record(numbered);
    EXPECT_EQ(slot[at], static_cast<std::uint8_t>(value));
    const auto decoded = decode_record(slot);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(*decoded, numbered);
  }
  const auto last = static_cast<std::uint8_t>(enumerators<Enum, first>.back());
  EXPECT_FALSE(decode_record(record_with(at, static_cast<std::uint8_t>(last + 1))).has_value());
}

TEST(Record, OfEveryKindComesBack) {
  expect_each_comes_back<RecordKind, RecordKind::formatted>(
      1, [](Record& record) -> RecordKind& { return record.kind; });
}

TEST(Record, OfEveryOutcomeComesBack) {
  expect_each_comes_back<protocol::PourOutcome>(
      3, [](Record& record) -> protocol::PourOutcome& { return record.pour.outcome; });
}

TEST(Record, OfEveryStopReasonComesBack) {
  expect_each_comes_back<protocol::StopReason>(
      4, [](Record& record) -> protocol::StopReason& { return record.pour.stop_reason; });
}

TEST(Record, OfEveryMeasureComesBack) {
  expect_each_comes_back<protocol::Measure>(
      5, [](Record& record) -> protocol::Measure& { return record.pour.measure; });
}

TEST(Record, OfEveryPurposeComesBack) {
  expect_each_comes_back<protocol::Purpose>(
      7, [](Record& record) -> protocol::Purpose& { return record.pour.purpose; });
}

TEST(Record, ValuesOfAnotherFirmwareAreNotKnown) {
  EXPECT_FALSE(decode_record(record_with(1, 0)).has_value());  // the kind
  for (const std::size_t at : {1U, 3U, 4U, 5U, 6U, 7U}) {
    EXPECT_FALSE(decode_record(record_with(at, 0xFE)).has_value());
  }
}

TEST(Record, AnIdThatNobodyMayHaveIsNone) {
  EXPECT_FALSE(decode_record(record_with(40, '\n')).has_value());
}

TEST(Record, ATuningOutOfItsBoundsIsNotBelieved) {
  NumberedRecord numbered = full_record();
  numbered.record.tuning.calibration.flow = FlowRate{1'999};
  EXPECT_FALSE(decode_record(encode_record(numbered)).has_value());
  EXPECT_FALSE(decode_record(record_with(103, 0xD0)).has_value());  // a pump at 35 % power
}

}  // namespace
}  // namespace pourtocol::firmware
