#include "firmware/core/history.hpp"

namespace pourtocol::firmware {

void HistoryBuilder::add_gap() noexcept {
  whole_ = false;
  remembered_since_gap_ = 0;
}

void HistoryBuilder::add(const Record& record) noexcept {
  const protocol::RecentPour& pour = record.pour;
  const bool continues = open_ && open_->request_id == pour.request_id;
  switch (record.kind) {
    case RecordKind::formatted:
      whole_ = true;
      break;
    case RecordKind::lost:
      add_gap();
      break;
    case RecordKind::started:
    case RecordKind::checkpoint:
      // A checkpoint opens a pour too: its start may have been in an erased sector, or in a gap.
      if (!continues) close_open_pour();
      open_ = pour;
      break;
    case RecordKind::ended:
      if (continues) {
        open_.reset();
      } else if (pour.outcome != protocol::PourOutcome::cancelled) {
        close_open_pour();
      }
      history_.recent.push_back_dropping_oldest(pour);
      ++remembered_since_gap_;
      break;
    case RecordKind::probe:
    case RecordKind::tuned:
      break;
  }
  history_.pours_total = record.pours_total;
  if (record.kind == RecordKind::formatted || record.kind == RecordKind::lost) {
    history_.tuning.reset();
  } else {
    history_.tuning = record.tuning;
  }
}

History HistoryBuilder::finish() noexcept {
  history_.interrupted = open_;
  history_.whole = whole_ || remembered_since_gap_ >= protocol::recent_pours_max;
  return history_;
}

// A pour without an end keeps what its last record foresaw for a loss of power, which holds
// whatever the missing end would have said. It may be older than a gap, so it does not count as
// newer.
void HistoryBuilder::close_open_pour() noexcept {
  if (!open_) return;
  history_.recent.push_back_dropping_oldest(*open_);
  open_.reset();
}

}  // namespace pourtocol::firmware
