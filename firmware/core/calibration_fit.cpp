// The arithmetic of a calibration, in floating point: it happens a few times in a machine's life,
// and least squares in integers are nobody's friend.
#include <algorithm>
#include <cmath>

#include "firmware/core/behaviour.hpp"
#include "firmware/core/calibration.hpp"
#include "firmware/core/spreads.hpp"

namespace pourtocol::firmware {

namespace {

using protocol::CalibrationRefusal;
using protocol::ProposalSource;
using protocol::Share;

using Runs = FixedVector<CupRun, protocol::calibration_runs_max>;

constexpr double one = 10'000;

/// A cup is read to 1 ml: even within ± 1 ml, in µl.
constexpr double reading_error = 577;
/// What is known of start delay and coast before anything was measured, in µl: 80..300 ms at 12..25
/// ml/s, and 0.5..3 ml.
constexpr double offset_error_before = 2'500;
/// What a bottle holds and what the tube leaves in it, in ten-thousandths: a label of 700 ml may be
/// 1.5 % off (directive 76/211/EEC), and most are far better.
constexpr double bottle_error = 80;
/// A bottle tells of the supply's mean while it lasted. By the middle of the next one the supply
/// has moved on by half of its ± 3 % or more.
constexpr double supply_error_in_bottle = 220;
constexpr std::int64_t bottle_off_max = 250;  // thousandths

/// The two pours at which the error of a line is judged, in µl.
constexpr double small_pour = 15'000;
constexpr double large_pour = 60'000;

double share(std::int64_t ten_thousandths) {
  return static_cast<double>(ten_thousandths) / one;
}

double number(Microlitres volume) {
  return static_cast<double>(volume.count());
}

double square(double value) {
  return value * value;
}

template <class T>
T rounded(double value) {
  return static_cast<T>(std::llround(value));
}

std::uint16_t to_error(double value) {
  return rounded<std::uint16_t>(std::clamp(std::ceil(value), 1.0, 2'500.0));
}

/// Likely deviation of one cup, squared, apart from what the flow itself does.
double variance_of_cup(const CupRun& run) {
  return square(reading_error) + run.spans * square(number(spreads::drops_error));
}

/// The same with all that a timed run adds: supply from pour to pour, start delay and coast.
double variance_of_timed(const CupRun& run, const Behaviour& behaviour) {
  const double by_supply = number(*run.measured) * share(spreads::pour_error);
  const double by_start =
      number(behaviour.flow.over(behaviour.start_delay)) * share(spreads::inertia_error);
  const double by_coast = number(behaviour.coast) * share(spreads::inertia_error);
  return variance_of_cup(run) + square(by_supply) / run.spans +
         run.spans * (square(by_start) + square(by_coast));
}

/// How much wider than likely the runs lie around their fit; at least 1, so that two runs that
/// agree by chance prove nothing.
double excess(double sum_of_squares, int degrees) {
  return degrees > 0 ? std::clamp(std::sqrt(sum_of_squares / degrees), 1.0, 3.0) : 1.0;
}

/// cup = flow * time + offset * spans. The time is without the start delay believed so far, for
/// nothing flows in it at whatever level; the offset is what coast and drops make up for each span,
/// and what the delay is off. Its prior keeps the line steady where all runs are alike.
struct Line {
  double flow = 0;    // µl per ms, from a full bottle
  double offset = 0;  // µl
  double var_flow = 0, var_offset = 0, covariance = 0;
};

double offset_before(const Behaviour& behaviour) {
  return number(behaviour.coast) + number(spreads::drops_expected);
}

double time_of(const CupRun& run, const Behaviour& behaviour) {
  const auto flowing = run.on_time - run.spans * behaviour.start_delay;
  return static_cast<double>(flowing.count()) * share(run.level);
}

Line fit_line(const Runs& runs, const Behaviour& behaviour) {
  const double prior = offset_before(behaviour);
  const double prior_weight = 1 / square(offset_error_before);
  double tt = 0, tn = 0, nn = prior_weight, tv = 0, nv = prior * prior_weight;
  for (const CupRun& run : runs) {
    if (!run.measured) continue;
    const double weight = 1 / variance_of_timed(run, behaviour);
    const double time = time_of(run, behaviour);
    tt += weight * time * time;
    tn += weight * time * run.spans;
    nn += weight * run.spans * run.spans;
    tv += weight * time * number(*run.measured);
    nv += weight * run.spans * number(*run.measured);
  }
  const double determinant = tt * nn - tn * tn;
  return {.flow = (nn * tv - tn * nv) / determinant,
          .offset = (tt * nv - tn * tv) / determinant,
          .var_flow = nn / determinant,
          .var_offset = tt / determinant,
          .covariance = -tn / determinant};
}

double predicted(const Line& line, const CupRun& run, const Behaviour& behaviour) {
  return line.flow * time_of(run, behaviour) + line.offset * run.spans;
}

/// The line's own error as one that grows with the pour and one that does not.
void put_errors(const Line& line, double factor, Calibration& calibration) {
  const auto variance = [&](double pour) {
    const double time = (pour - line.offset) / line.flow;
    return square(factor) *
           (square(time) * line.var_flow + line.var_offset + 2 * time * line.covariance);
  };
  const double small = variance(small_pour);
  const double large = variance(large_pour);
  const double slope = std::max(0.0, (large - small) / (square(large_pour) - square(small_pour)));
  const double constant = std::max(0.0, small - slope * square(small_pour));
  calibration.flow_error = to_error(std::sqrt(slope) * one);
  calibration.offset_error =
      Microlitres{rounded<std::int64_t>(std::min(std::ceil(std::sqrt(constant)), 5'000.0))};
}

/// Start delay and coast cannot be told apart by a cup: the delay stays what it was as far as the
/// coast then lies within what pumps do.
void put_offset(double offset, double flow, Calibration& calibration) {
  const double drops = number(spreads::drops_expected);
  const double delay = static_cast<double>(calibration.start_delay.count());
  const double coast = std::clamp(offset - drops, 300.0, 4'500.0);
  calibration.coast = Microlitres{rounded<std::int64_t>(coast)};
  calibration.start_delay = Milliseconds{
      rounded<std::int64_t>(std::clamp(delay + (coast + drops - offset) / flow, 0.0, 2'000.0))};
}

std::optional<Proposal> fit_timed(const Runs& runs, const Behaviour& behaviour,
                                  Calibration calibration) {
  const Line line = fit_line(runs, behaviour);
  if (!(line.flow > 2 && line.flow < 50)) return std::nullopt;
  double squares = 0;
  double relative = 0;
  int count = 0;
  for (const CupRun& run : runs) {
    if (!run.measured) continue;
    const double off = number(*run.measured) - predicted(line, run, behaviour);
    squares += square(off) / variance_of_timed(run, behaviour);
    relative += square(off / std::max(predicted(line, run, behaviour), 1'000.0));
    ++count;
  }
  calibration.flow = FlowRate{rounded<std::int64_t>(line.flow * 1'000)};
  calibration.start_delay = behaviour.start_delay;
  put_offset(line.offset, line.flow, calibration);
  put_errors(line, excess(squares, count - 2), calibration);
  return Proposal{.calibration = calibration,
                  .spread = Share{rounded<std::int32_t>(std::sqrt(relative / count) * one)},
                  .from = ProposalSource::runs};
}

/// Flow, start delay and coast as the meter saw them, with the factor by which it was off.
void put_observed(const Runs& runs, double factor, Calibration& calibration) {
  double flow = 0;
  double delay = 0;
  double coast = 0;
  int count = 0;
  for (const CupRun& run : runs) {
    if (!run.measured || !run.observed) continue;
    flow += static_cast<double>(run.observed->flow.microlitres_per_second()) / share(run.level);
    delay += static_cast<double>(run.observed->start_delay.count());
    coast += number(run.observed->coast);
    ++count;
  }
  if (count == 0) return;
  calibration.flow = FlowRate{rounded<std::int64_t>(flow * factor / count)};
  calibration.flow_error = 200;
  calibration.start_delay = Milliseconds{rounded<std::int64_t>(delay / count)};
  calibration.coast = Microlitres{rounded<std::int64_t>(coast * factor / count)};
}

std::optional<Proposal> fit_metered(const Runs& runs, FlowRate metered_at,
                                    Calibration calibration) {
  double metered = 0;
  double cups = 0;
  double variance = 0;
  int count = 0;
  const auto cup_without_drops = [](const CupRun& run) {
    return number(*run.measured) - run.spans * number(spreads::drops_expected);
  };
  for (const CupRun& run : runs) {
    if (!run.measured) continue;
    metered += number(run.metered);
    cups += cup_without_drops(run);
    variance += variance_of_cup(run) + square(number(run.metered) * share(spreads::repeat_error));
    ++count;
  }
  if (metered <= 0 || cups <= 0) return std::nullopt;
  const double factor = cups / metered;
  double squares = 0;
  double relative = 0;
  for (const CupRun& run : runs) {
    if (!run.measured) continue;
    const double off = cup_without_drops(run) - factor * number(run.metered);
    squares += square(off) /
               (variance_of_cup(run) + square(number(run.metered) * share(spreads::repeat_error)));
    relative += square(off / std::max(number(run.metered), 1'000.0));
  }
  put_observed(runs, factor, calibration);
  // The runs were metered by pulses of another flow than the one these will be taken to be of.
  const double moved = share(share_counted(calibration.flow)) / share(share_counted(metered_at));
  const double pulses = static_cast<double>(calibration.pulses_per_litre) / factor * moved;
  if (!(pulses >= 500 && pulses <= 100'000)) return std::nullopt;
  calibration.pulses_per_litre = rounded<std::uint32_t>(pulses);
  calibration.meter_error =
      to_error(std::sqrt(variance) / metered * excess(squares, count - 1) * one);
  return Proposal{.calibration = calibration,
                  .spread = Share{rounded<std::int32_t>(std::sqrt(relative / count) * one)},
                  .from = ProposalSource::runs};
}

}  // namespace

std::optional<Proposal> fit(const Runs& runs, const Config& config, const Tuning& tuning) noexcept {
  if (std::none_of(runs.begin(), runs.end(), [](const CupRun& run) { return run.measured; })) {
    return std::nullopt;
  }
  Calibration calibration = tuning.calibrated() ? tuning.calibration : factory_calibration();
  calibration.pulses_per_litre = tuning.calibration.pulses_per_litre;
  calibration.pump_power = config.pump_power;
  // A meter sees more of the pump than a cup does; where it saw no run whole, the cup must do.
  const Behaviour behaviour = expect(config, tuning);
  auto proposal = fit_timed(runs, behaviour, calibration);
  if (proposal && config.metered) {
    proposal = fit_metered(runs, behaviour.metered_at, proposal->calibration);
  }
  if (!proposal || !validate(proposal->calibration)) return std::nullopt;
  return proposal;
}

std::expected<Proposal, CalibrationRefusal> fit_bottle(const Config& config, const Tuning& tuning,
                                                       Microlitres last) noexcept {
  if (config.bottle == Microlitres{0}) return std::unexpected(CalibrationRefusal::no_bottle);
  if (!tuning.calibrated() || tuning.bottle_poured < Microlitres{config.bottle.count() / 2}) {
    return std::unexpected(CalibrationRefusal::not_enough_poured);
  }
  // Of a timed last pour, half on average.
  const Microlitres doubtful =
      config.metered ? Microlitres{0} : std::min(last, tuning.bottle_poured);
  const Microlitres left = tuning.bottle_poured - Microlitres{doubtful.count() / 2};
  const std::int64_t off = config.bottle.count() * 1'000 / left.count() - std::int64_t{1'000};
  if (std::abs(off) > bottle_off_max) return std::unexpected(CalibrationRefusal::not_plausible);

  // Two opinions on one factor, weighed by their likely errors.
  Calibration calibration = tuning.calibration;
  const double seen = number(config.bottle) / number(left);
  double before = 0;
  double evidence = 0;
  if (config.metered) {
    before = square(calibration.meter_error);
    evidence = square(bottle_error);
  } else {
    const double wear =
        static_cast<double>(tuning.pours_since) * spreads::wear_error_per_10000_pours / one;
    // What the supply did to this bottle it will not do to the next; what the level did, it will.
    const double level =
        static_cast<double>(spreads::level_loss) / (2 * spreads::level_loss_error_divisor);
    before = square(calibration.flow_error) + square(wear) + square(level);
    const double by_last = number(doubtful) / number(left) * one / std::sqrt(12.0);
    evidence = square(bottle_error) + square(supply_error_in_bottle) + square(by_last);
  }
  const double gain = before / (before + evidence);
  const double factor = 1 + gain * (seen - 1);
  const double error = std::sqrt(gain * evidence);
  const double flow = static_cast<double>(tuning.flow.microlitres_per_second()) * factor;
  calibration.flow = FlowRate{rounded<std::int64_t>(flow)};
  if (config.metered) {
    calibration.pulses_per_litre = rounded<std::uint32_t>(calibration.pulses_per_litre / factor);
    calibration.meter_error = to_error(error);
    calibration.start_delay = tuning.start_delay;
    calibration.coast = tuning.coast;
  } else {
    calibration.flow_error = to_error(error);
  }
  if (!validate(calibration)) return std::unexpected(CalibrationRefusal::not_plausible);
  return Proposal{.calibration = calibration,
                  .spread = Share{rounded<std::int32_t>((seen - 1) * one)},
                  .from = ProposalSource::bottle};
}

}  // namespace pourtocol::firmware
