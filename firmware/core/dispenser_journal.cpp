// How a dispenser keeps its journal: what is written when, and what follows once it is.
#include <algorithm>

#include "core/assert.hpp"
#include "firmware/core/dispenser.hpp"

namespace pourtocol::firmware {

using protocol::Fault;
using protocol::PourOutcome;
using protocol::RecentPour;
using protocol::Refusal;
using protocol::StopReason;

void Dispenser::handle_written(bool ok, Effects& effects) noexcept {
  POURTOCOL_ASSERT(writing_ != Writing::nothing);
  const Writing what = writing_;
  writing_ = Writing::nothing;
  set_fault(Fault::journal_failed, !ok);
  if (!ok) retry_at_ = now_ + journal_retry;
  switch (what) {
    case Writing::started:
      handle_started(ok, effects);
      break;
    case Writing::checkpoint:
      if (!ok && pour_->phase() == Pour::Phase::pumping) {
        stop_pump(StopReason::journal_failed, effects);
      }
      break;
    case Writing::ended:
      remember(pour_->result(), ok);
      pour_.reset();
      idle_since_.reset();
      break;
    case Writing::remembered:
      if (ok) {
        first_unsaved()->saved = true;
        save_next(effects);
      }
      break;
    case Writing::tuned:
      handle_tuned(ok, effects);
      break;
    case Writing::nothing:
    case Writing::probe:
      break;
  }
}

void Dispenser::handle_started(bool ok, Effects& effects) noexcept {
  if (!ok) {
    --pours_total_;
    pour_.reset();
    refuse(wish_, rejected(Refusal::fault, "The journal could not be written."), effects);
    return;
  }
  // Writing may have taken long enough for the glass to be gone.
  if (!glass_.there() || stop_pressed_) {
    RecentPour nothing = pour_->if_power_were_lost();
    nothing.outcome = PourOutcome::cancelled;
    nothing.stop_reason = stop_pressed_ ? StopReason::stop_requested : StopReason::glass_removed;
    nothing.max = nothing.uncertainty = Microlitres{0};
    pour_.reset();
    remember(nothing, false);
    effects.push_back(
        Reply{stop_pressed_ ? rejected(Refusal::cancelled, "The stop button was pressed.")
                            : rejected(Refusal::no_glass, "The glass was taken away meanwhile.")});
    save_next(effects);
    return;
  }
  if (glass_.certain(now_)) {
    switch_on(effects);
  } else {
    pour_->wait(now_);
  }
  published_ = Microlitres{0};
  published_at_ = now_;
  ++version_;
  effects.push_back(Reply{protocol::OrderAccepted{.repeated = false}});
}

void Dispenser::remember(const RecentPour& pour, bool saved) noexcept {
  ring_.push_back_dropping_oldest({.pour = pour, .saved = saved});
  ++version_;
}

Dispenser::Remembered* Dispenser::first_unsaved() noexcept {
  for (Remembered& remembered : ring_) {
    if (!remembered.saved) return &remembered;
  }
  return nullptr;
}

/// Writes what the journal still lacks; when it lacks nothing but failed last, tries whether it
/// works.
void Dispenser::save_next(Effects& effects) noexcept {
  const bool failed = faults_.contains(Fault::journal_failed);
  if (failed && now_ < retry_at_) return;
  if (const Remembered* unsaved = first_unsaved()) {
    write(Writing::remembered, RecordKind::ended, unsaved->pour, effects);
  } else if (failed) {
    write(Writing::probe, RecordKind::probe, {}, effects);
  }
}

void Dispenser::write(Writing what, RecordKind kind, const RecentPour& pour,
                      Effects& effects) noexcept {
  POURTOCOL_ASSERT(writing_ == Writing::nothing);
  writing_ = what;
  effects.push_back(WriteJournal{{.kind = kind,
                                  .pour = pour,
                                  .pours_total = pours_total_,
                                  .tuning = proposed_tuning_.value_or(tuning_)}});
}

}  // namespace pourtocol::firmware
