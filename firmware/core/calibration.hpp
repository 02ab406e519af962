// The calibration wizard: runs into a measuring cup, what the cup showed, and the calibration that
// follows. Also the one without a cup: a bottle that is empty against what was reckoned to have
// left it. Nothing here touches the pump; a proposal holds only once somebody accepts it.
//
// Wizardry worth knowing (docs/accuracy.md): big runs show the flow, runs of many small portions
// into one cup show what start delay and coast make up. Three and five are as many as fit.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "core/fixed_vector.hpp"
#include "core/ids.hpp"
#include "core/units.hpp"
#include "firmware/core/config.hpp"
#include "firmware/core/metering.hpp"
#include "firmware/core/tuning.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::firmware {

/// One run into the cup, as the machine saw it.
struct CupRun {
  RequestId id;
  Milliseconds on_time{0};      ///< the pump's
  int spans = 1;                ///< how often it was switched on
  Microlitres metered;          ///< by the meter and the pulses per litre of then; 0 without one
  Microlitres reckoned;         ///< what the machine took it for
  std::int64_t level = 10'000;  ///< `level_share` of then
  std::optional<Metering::Observed> observed;  ///< by the meter, if it saw all of one span
  std::optional<Microlitres> measured;         ///< what the cup showed
};

struct Proposal {
  Calibration calibration;
  protocol::Share spread;  ///< of the runs around what they agree on
  protocol::ProposalSource from = protocol::ProposalSource::runs;
};

/// A fit of runs whose cups were read (the others are ignored), by least squares with the weights
/// of their likely deviations. A cup is taken to be read to 1 ml. Nothing if no run was measured or
/// what follows no pump could be (`validate`). `tuning` is what the runs were made with.
[[nodiscard]] std::optional<Proposal> fit(
    const FixedVector<CupRun, protocol::calibration_runs_max>& runs, const Config& config,
    const Tuning& tuning) noexcept;

/// What an empty bottle says. `last` is what the last pour was taken for: without a meter nobody
/// knows how much of it the bottle still gave. Refused without a bottle's size, with less than half
/// of it reckoned to have left, or if it contradicts the calibration by more than a quarter.
[[nodiscard]] std::expected<Proposal, protocol::CalibrationRefusal> fit_bottle(
    const Config& config, const Tuning& tuning, Microlitres last) noexcept;

/// What the machine knows once `proposal` was accepted.
[[nodiscard]] Tuning accept(const Proposal& proposal, const Config& config,
                            const Tuning& tuning) noexcept;

/// What a pour may be off by now: the calibration's error and what has come to it since. 1 sigma.
[[nodiscard]] protocol::Share estimated_error(const Config& config, const Tuning& tuning) noexcept;
/// Of the learned flow from the calibrated one.
[[nodiscard]] protocol::Share drift(const Tuning& tuning) noexcept;
/// It is time to pour into a cup and look: after 1,000 pours, with a drift of 10 %, or an estimated
/// error of 4 %.
[[nodiscard]] bool check_weigh_due(const Config& config, const Tuning& tuning) noexcept;

/// The runs and the proposal of a calibration under way. Kept in memory only: a reboot forgets it.
class Calibrator {
 public:
  /// The oldest run makes room.
  void add(const CupRun& run) noexcept;
  [[nodiscard]] std::expected<void, protocol::CalibrationRefusal> measured(
      const RequestId& id, Microlitres cup, const Config& config, const Tuning& tuning) noexcept;
  [[nodiscard]] std::expected<void, protocol::CalibrationRefusal> drop(
      const RequestId& id, const Config& config, const Tuning& tuning) noexcept;
  [[nodiscard]] std::expected<void, protocol::CalibrationRefusal> bottle_empty(
      const Config& config, const Tuning& tuning, Microlitres last) noexcept;
  void discard() noexcept;

  [[nodiscard]] const std::optional<Proposal>& proposal() const noexcept { return proposal_; }
  [[nodiscard]] protocol::CalibrationReport report(const Config& config,
                                                   const Tuning& tuning) const noexcept;

 private:
  [[nodiscard]] CupRun* find(const RequestId& id) noexcept;

  FixedVector<CupRun, protocol::calibration_runs_max> runs_;
  std::optional<Proposal> proposal_;
};

}  // namespace pourtocol::firmware
