// What a boot learns from the journal.
#pragma once

#include <cstdint>
#include <optional>

#include "core/fixed_vector.hpp"
#include "firmware/core/record.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::firmware {

struct History {
  protocol::RecentPours recent;  ///< oldest first
  /// A pour with a start and no end: power was lost. Its outcome is already `interrupted`, its
  /// interval runs from the last checkpoint to the most that can have flowed. It is not in
  /// `recent`.
  std::optional<protocol::RecentPour> interrupted;
  std::uint32_t pours_total = 0;
  /// What the machine knew of itself last; nothing on a new one, or if the journal was lost.
  std::optional<Tuning> tuning;
  /// False: there may have been pours that are neither in `recent` nor were displaced from it.
  bool whole = false;
  friend bool operator==(const History&, const History&) = default;
};

/// Replays records, oldest first, into a `History`. One gap makes it not whole; it is whole again
/// when every pour it remembers is newer than the gap, for then the gap hides nothing that would
/// still be remembered.
class HistoryBuilder {
 public:
  /// A slot of the ring in which a record should be but is not, or one out of sequence.
  void add_gap() noexcept;
  void add(const Record& record) noexcept;
  /// Call last.
  [[nodiscard]] History finish() noexcept;

 private:
  void close_open_pour() noexcept;

  History history_;
  std::optional<protocol::RecentPour> open_;
  std::size_t remembered_since_gap_ = 0;
  bool whole_ = false;
};

}  // namespace pourtocol::firmware
