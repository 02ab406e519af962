// What a dispenser learns, and what it is told about itself.
#include <algorithm>
#include <type_traits>
#include <variant>

#include "core/assert.hpp"
#include "firmware/core/behaviour.hpp"
#include "firmware/core/confirmed.hpp"
#include "firmware/core/dispenser.hpp"
#include "firmware/core/learning.hpp"

namespace pourtocol::firmware {

using protocol::CalibrationRefusal;
using protocol::CalibrationRefused;
using protocol::Fault;
using protocol::Purpose;

namespace {

std::string_view sentence_of(CalibrationRefusal refusal) {
  switch (refusal) {
    case CalibrationRefusal::no_such_run:
      return "There is no run of that id to be measured.";
    case CalibrationRefusal::nothing_to_accept:
      return "No calibration is proposed: measure some runs first.";
    case CalibrationRefusal::busy:
      return "The pump is running; wait until it has finished.";
    case CalibrationRefusal::no_bottle:
      return "Nobody has said what a bottle holds; set it in the dispenser's settings.";
    case CalibrationRefusal::not_enough_poured:
      return "Less than half a bottle was poured since it was full; calibrate with a cup.";
    case CalibrationRefusal::not_plausible:
      return "No pump could be like that; look at the cup and the runs again.";
    case CalibrationRefusal::journal_failed:
      return "The journal could not be written; nothing was changed.";
    case CalibrationRefusal::wrong_boot:
      return "The dispenser has restarted since this was asked; nothing was changed.";
    case CalibrationRefusal::expired:
      return "This came too late; nothing was changed.";
    case CalibrationRefusal::hand_needed:
      return "Far from what was confirmed. Look at cup, glass, ml/cl and bottle; else hold stop "
             "for "
             "5 s and accept.";
    case CalibrationRefusal::bad_action:
    case CalibrationRefusal::other:
      break;
  }
  return "The dispenser cannot do that.";
}

CalibrationReply refused(CalibrationRefusal refusal) {
  return {CalibrationRefused{.refusal = refusal,
                             .text = protocol::RefusalText::truncated(sentence_of(refusal))}};
}

/// On average over the beginnings of its `spans`, for that is what a pour is planned by. Where no
/// bottle was told, a calibration is made from a full one: its instructions say so.
std::int64_t level_at_calibration(const Config& config, Tuning tuning, Microlitres delivered,
                                  int spans) {
  if (config.bottle == Microlitres{0}) return 10'000;
  const std::int64_t times = std::max(spans, 1);
  tuning.bottle_poured += Microlitres{delivered.count() * (times - 1) / (2 * times)};
  return level_share(config, tuning);
}

}  // namespace

void Dispenser::handle_calibration(const CalibrationReceived& asked, Effects& effects) noexcept {
  POURTOCOL_ASSERT(writing_ == Writing::nothing);
  if (const auto late = lateness_of(asked.guard)) {
    effects.push_back(refused(*late == Lateness::other_boot ? CalibrationRefusal::wrong_boot
                                                            : CalibrationRefusal::expired));
    return;
  }
  const protocol::CalibrationAction& action = asked.action;
  std::expected<void, CalibrationRefusal> done;
  if (const auto* measured = std::get_if<protocol::MeasuredRun>(&action)) {
    done = calibrator_.measured(measured->request_id, measured->measured, config_, tuning_);
  } else if (const auto* drop = std::get_if<protocol::DropRun>(&action)) {
    done = calibrator_.drop(drop->request_id, config_, tuning_);
  } else if (std::holds_alternative<protocol::DiscardCalibration>(action)) {
    calibrator_.discard();
  } else if (std::holds_alternative<protocol::BottleEmpty>(action)) {
    const Microlitres last = ring_.empty() ? Microlitres{0} : ring_.back().pour.delivered;
    done = calibrator_.bottle_empty(config_, tuning_, last);
  } else if (std::holds_alternative<protocol::ClearFaults>(action)) {
    clear_seen_faults();
    set_fault(Fault::idle_flow, false);
    idle_since_.reset();
  } else if (pour_) {
    done = std::unexpected(CalibrationRefusal::busy);
  } else if (std::holds_alternative<protocol::NewBottle>(action)) {
    if (config_.bottle > Microlitres{0}) {
      Tuning tuning = tuning_;
      tuning.bottle_poured = Microlitres{0};
      propose_tuning(tuning, false, effects);
      return;
    }
    done = std::unexpected(CalibrationRefusal::no_bottle);
  } else if (calibrator_.proposal()) {
    accept_proposal(effects);
    return;
  } else {
    done = std::unexpected(CalibrationRefusal::nothing_to_accept);
  }
  effects.push_back(done ? CalibrationReply{} : refused(done.error()));
}

/// Somebody holds the stop button who means that, and not to stop something.
bool Dispenser::held_by_hand() const noexcept {
  return stop_pressed_ && stop_free_at_ && now_ - *stop_free_at_ >= hand_after;
}

void Dispenser::accept_proposal(Effects& effects) noexcept {
  const Proposal& proposal = *calibrator_.proposal();
  const bool by_hand = held_by_hand();
  if (!by_hand && needs_hand(proposal.calibration, config_)) {
    effects.push_back(refused(CalibrationRefusal::hand_needed));
    return;
  }
  propose_tuning(accept(proposal, config_, tuning_), by_hand, effects);
}

/// It holds once the journal has it.
void Dispenser::propose_tuning(const Tuning& tuning, bool by_hand, Effects& effects) noexcept {
  proposed_by_hand_ = by_hand;
  proposed_tuning_ = tuning;
  write(Writing::tuned, RecordKind::tuned, {}, effects);
}

void Dispenser::handle_tuned(bool ok, Effects& effects) noexcept {
  POURTOCOL_ASSERT(proposed_tuning_.has_value());
  if (ok) {
    // Runs of before were metered and reckoned by what no longer holds.
    if (proposed_tuning_->calibration != tuning_.calibration) calibrator_.discard();
    tuning_ = *proposed_tuning_;
    ++version_;
    // Without power before that is kept, the bounds are those of both until it is accepted again.
    if (proposed_by_hand_) {
      config_.confirmed = tuning_.calibration;
      keep_at_ = now_;
      keep_confirmed(effects);
    }
  }
  proposed_tuning_.reset();
  effects.push_back(ok ? CalibrationReply{} : refused(CalibrationRefusal::journal_failed));
}

void Dispenser::keep_confirmed(Effects& effects) noexcept {
  if (!keep_at_ || now_ < *keep_at_) return;
  keep_at_.reset();
  effects.push_back(KeepConfirmed{config_.confirmed});
}

void Dispenser::learn_from_pour() noexcept {
  const protocol::RecentPour result = pour_->result();
  const bool ordinary = result.purpose == Purpose::pour || result.purpose == Purpose::calibrate;
  if (result.purpose == Purpose::calibrate && pour_->spans() > 0) {
    calibrator_.add(
        {.id = result.request_id,
         .on_time = pour_->on_time(),
         .spans = pour_->spans(),
         .metered = pour_->metered(),
         .reckoned = result.delivered,
         .level = level_at_calibration(config_, tuning_, result.delivered, pour_->spans()),
         .observed = pour_->observed(),
         .measured = std::nullopt});
  }
  tuning_ = learn(config_, tuning_,
                  {.delivered = result.delivered,
                   .observed = ordinary ? pour_->observed() : std::nullopt,
                   .ran_dry = result.stop_reason == protocol::StopReason::no_flow});
}

}  // namespace pourtocol::firmware
