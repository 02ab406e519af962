// One simulated machine, drawn at random and hidden from the core.
//
// Sources: small submersible pumps give 12 ml/s at 3 V and 25 ml/s at 5 V; 2-3 ml are in the air at
// 10 ml/s when the pump stops; drops of 0.05 ml, 0.1-0.5 ml in all; a YF-S401 gives 98 Hz per
// l/min, a few per cent off from unit to unit and reading low at low flow.
#pragma once

#include "core/random.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "firmware/core/config.hpp"

namespace pourtocol::firmware {

struct PlantSpec {
  FlowRate flow{12'000};               ///< with a full bottle; drawn from 10..25 ml/s
  double flow_loss_when_empty = 0.10;  ///< flow falls with the level, by this share in all
  double flow_spread = 0.02;           ///< from pour to pour, ± this share
  Duration start_delay{150'000};       ///< drawn from 80..300 ms
  Microlitres coast{1'500};            ///< drawn from 0.5..3 ml; never more than was pumped
  double pour_spread = 0.15;           ///< start delay and coast, from pour to pour, ± this share
  Microlitres drops_max{500};          ///< drawn from 0.1 ml to this after each pour
  Duration air{0};              ///< how long an unprimed line gives air first, at the first pour
  Microlitres bottle{700'000};  ///< in the bottle at the start
  Microlitres bottle_full{700'000};
  bool has_meter = false;
  double pulses_per_litre = 5880;  ///< true ones of this unit; drawn within ± 3 % of the label
  double meter_spread = 0.005;     ///< from pour to pour, ± this share
  double meter_loss_at_low_flow = 0.08;  ///< reads this much low at 5 ml/s, right from 10 ml/s

  [[nodiscard]] static PlantSpec draw(Random& random) noexcept;
};

/// What a careful person's calibration of this machine would have found: near the truth, not at it
/// (flow ± 1.5 %, delay ± 3 %, coast ± 5 %, pulses per litre ± 1.5 %).
[[nodiscard]] Config calibrate(const PlantSpec& spec, Random& random) noexcept;

}  // namespace pourtocol::firmware
