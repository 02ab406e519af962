#include "firmware/core/calibration.hpp"

#include <algorithm>

#include "firmware/core/behaviour.hpp"
#include "firmware/core/confirmed.hpp"
#include "firmware/core/spreads.hpp"
#include "firmware/core/uncertainty.hpp"

namespace pourtocol::firmware {

namespace {

using protocol::CalibrationRefusal;
using protocol::ProposalSource;
using protocol::Share;

constexpr std::uint16_t pours_until_check = 1'000;
constexpr std::int32_t drift_until_check = 1'000;  // ten-thousandths
constexpr std::int32_t error_until_check = 400;

}  // namespace

Tuning accept(const Proposal& proposal, const Config& config, const Tuning& tuning) noexcept {
  Tuning accepted = fresh_tuning(proposal.calibration);
  // A bottle that has said all it can must not be asked twice.
  accepted.bottle_poured =
      proposal.from == ProposalSource::bottle ? config.bottle : tuning.bottle_poured;
  return accepted;
}

Share estimated_error(const Config& config, const Tuning& tuning) noexcept {
  if (!tuning.calibrated()) return Share{5'000};
  const Behaviour behaviour = expect(config, tuning);
  SumOfSquares sum;
  if (config.metered) {
    sum.add(behaviour.meter_error);
    sum.add(spreads::repeat_error);
  } else {
    sum.add(behaviour.flow_error);
    sum.add(spreads::supply_error);
  }
  return Share{static_cast<std::int32_t>(sum.root())};
}

Share drift(const Tuning& tuning) noexcept {
  if (!tuning.calibrated()) return Share{0};
  const std::int64_t calibrated = tuning.calibration.flow.microlitres_per_second();
  const std::int64_t off = tuning.flow.microlitres_per_second() - calibrated;
  return Share{static_cast<std::int32_t>(off * 10'000 / calibrated)};
}

bool check_weigh_due(const Config& config, const Tuning& tuning) noexcept {
  const std::int32_t drifted = drift(tuning).ten_thousandths();
  return !tuning.calibrated() || tuning.pours_since >= pours_until_check ||
         drifted >= drift_until_check || drifted <= -drift_until_check ||
         estimated_error(config, tuning).ten_thousandths() >= error_until_check;
}

CupRun* Calibrator::find(const RequestId& id) noexcept {
  for (CupRun& run : runs_) {
    if (run.id == id) return &run;
  }
  return nullptr;
}

void Calibrator::add(const CupRun& run) noexcept {
  runs_.push_back_dropping_oldest(run);
}

std::expected<void, CalibrationRefusal> Calibrator::measured(const RequestId& id, Microlitres cup,
                                                             const Config& config,
                                                             const Tuning& tuning) noexcept {
  CupRun* const run = find(id);
  if (run == nullptr) return std::unexpected(CalibrationRefusal::no_such_run);
  const auto before = run->measured;
  run->measured = cup;
  const auto fitted = fit(runs_, config, tuning);
  if (!fitted) {
    run->measured = before;
    return std::unexpected(CalibrationRefusal::not_plausible);
  }
  proposal_ = fitted;
  return {};
}

std::expected<void, CalibrationRefusal> Calibrator::drop(const RequestId& id, const Config& config,
                                                         const Tuning& tuning) noexcept {
  if (find(id) == nullptr) return std::unexpected(CalibrationRefusal::no_such_run);
  FixedVector<CupRun, protocol::calibration_runs_max> kept;
  for (const CupRun& run : runs_) {
    if (run.id != id) kept.push_back(run);
  }
  runs_ = kept;
  proposal_ = fit(runs_, config, tuning);
  return {};
}

std::expected<void, CalibrationRefusal> Calibrator::bottle_empty(const Config& config,
                                                                 const Tuning& tuning,
                                                                 Microlitres last) noexcept {
  const auto fitted = fit_bottle(config, tuning, last);
  if (!fitted) return std::unexpected(fitted.error());
  proposal_ = *fitted;
  return {};
}

void Calibrator::discard() noexcept {
  runs_.clear();
  proposal_.reset();
}

protocol::CalibrationReport Calibrator::report(const Config& config,
                                               const Tuning& tuning) const noexcept {
  const Calibration& calibration = tuning.calibration;
  protocol::CalibrationReport report;
  report.calibrated = tuning.calibrated();
  report.confirmed = is_confirmed(config, tuning);
  report.flow = calibration.flow;
  report.start_delay = tuning.start_delay;
  report.coast = tuning.coast;
  report.flow_error = Share{calibration.flow_error};
  if (config.metered) {
    report.pulses_per_litre = calibration.pulses_per_litre;
    report.meter_error = Share{calibration.meter_error};
  }
  report.learned_flow = tuning.flow;
  report.pours_since = tuning.pours_since;
  report.drift = drift(tuning);
  report.estimated_error = estimated_error(config, tuning);
  report.check_weigh_due = check_weigh_due(config, tuning);
  report.bottle = config.bottle;
  report.bottle_poured = tuning.bottle_poured;
  for (const CupRun& run : runs_) {
    report.runs.push_back(
        {.request_id = run.id, .measured = run.measured, .reckoned = run.reckoned});
  }
  if (proposal_) {
    const Calibration& proposed = proposal_->calibration;
    auto& shown = report.proposal.emplace();
    shown.flow = proposed.flow;
    shown.start_delay = proposed.start_delay;
    shown.coast = proposed.coast;
    if (config.metered) shown.pulses_per_litre = proposed.pulses_per_litre;
    shown.flow_error = Share{config.metered ? proposed.meter_error : proposed.flow_error};
    shown.spread = proposal_->spread;
    shown.from = proposal_->from;
  }
  return report;
}

}  // namespace pourtocol::firmware
