// How the machine is expected to behave in the pour at hand: what it knows about itself, corrected
// for the level of the bottle. Everything that reckons a pour reckons with this.
#pragma once

#include <cstdint>
#include <optional>

#include "core/units.hpp"
#include "firmware/core/config.hpp"
#include "firmware/core/spreads.hpp"
#include "firmware/core/tuning.hpp"

namespace pourtocol::firmware {

struct Behaviour {
  FlowRate flow;                                  ///< expected now
  Milliseconds start_delay{0};                    ///< from pump on to the first flow
  Microlitres coast;                              ///< after pump off; drops not included
  std::optional<std::uint32_t> pulses_per_litre;  ///< absent: no meter
  FlowRate metered_at;        ///< the flow at which `pulses_per_litre` was found
  std::uint32_t flow_error;   ///< standard error of `flow` but for the supply, in ten-thousandths
  std::uint32_t meter_error;  ///< of `pulses_per_litre`, in ten-thousandths
  Microlitres offset_error;   ///< of start delay and coast together

  // Bounds of what it may be, by `spreads.hpp`, around what was calibrated, what was learned and
  // what a hand at the machine has confirmed: no calibration that only came over the network makes
  // them narrower.
  FlowRate fastest;
  FlowRate slowest;
  /// What the pump gives from a full bottle, as it was calibrated, or more where more was learned
  /// or confirmed, or where nobody confirmed anything; absent where nobody calibrated. However slow
  /// a meter says it is, it may be this: the meter may be losing pulses, and have taught the
  /// machine that it is slow.
  std::optional<FlowRate> known_flow;
  Milliseconds earliest_start{0};
  Milliseconds latest_start{0};
  Microlitres most_coast;  ///< and never more than was pumped
  /// True volume per metered volume, in thousandths.
  std::int64_t meter_low = spreads::meter_low;
  std::int64_t meter_high = spreads::meter_high;
  /// The bounds are wider than those of the calibration: nobody has confirmed it at the machine
  /// (`confirmed.hpp`). A pour may then end before it has brought what was asked for.
  bool widened = false;
  /// After a pause: the most that may still coast of what was pumped before it.
  Microlitres still_moving{};
};

/// `config` and `tuning` must be valid. Of a machine not calibrated nothing is expected but that it
/// is some pump: enough to run it into a measuring cup.
[[nodiscard]] Behaviour expect(const Config& config, const Tuning& tuning) noexcept;

/// The share of a full bottle's flow, in ten-thousandths, that the bottle gives at its level. Where
/// no bottle was told: that of a half-full one.
[[nodiscard]] std::int64_t level_share(const Config& config, const Tuning& tuning) noexcept;

}  // namespace pourtocol::firmware
