// One record of the journal, and its form in flash.
#pragma once

#include <cstdint>
#include <optional>

#include "firmware/core/tuning.hpp"
#include "firmware/hal/journal_store.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::firmware {

enum class RecordKind : std::uint8_t {
  formatted = 1,   ///< the first of a new machine: before it there was nothing
  lost = 2,        ///< at boot no record was found: what was before is not known
  started = 3,     ///< an order was taken; the pump goes on only after this is durable
  checkpoint = 4,  ///< how far the running pour is
  ended = 5,       ///< how a pour ended; also `interrupted`, found at boot, and `cancelled`
  probe = 6,       ///< says nothing: written to learn whether the flash works again
  tuned = 7,       ///< a calibration was accepted or a bottle connected
};

/// `pour` is complete for `ended`. For `started` and `checkpoint` its `min` and `max` are what
/// would be true if power were lost right after this record.
struct Record {
  RecordKind kind = RecordKind::probe;
  protocol::RecentPour pour{};
  std::uint32_t pours_total = 0;  ///< `started` records up to and including this one
  /// What the machine knew of itself then; means nothing in `formatted` and `lost`.
  Tuning tuning{};
  friend bool operator==(const Record&, const Record&) = default;
};

/// A record with its place in the order of writing. Sequence numbers grow by one per record; two
/// with one number mean that the writing of the first was reported as failed, and only the second
/// counts.
struct NumberedRecord {
  std::uint32_t sequence = 0;
  Record record;
  friend bool operator==(const NumberedRecord&, const NumberedRecord&) = default;
};

[[nodiscard]] hal::Slot encode_record(const NumberedRecord& numbered) noexcept;

/// Nothing if the slot is erased, torn, corrupt, or of a format not known.
[[nodiscard]] std::optional<NumberedRecord> decode_record(const hal::Slot& slot) noexcept;
/// Whether the slot is what a write that ended early leaves: of the checksum, which comes last,
/// what is there is right, and the rest is erased. A record that was whole and rotted is not.
[[nodiscard]] bool is_torn(const hal::Slot& slot) noexcept;

}  // namespace pourtocol::firmware
