// One simulated machine, drawn at random and hidden from the core, which sees only what the pins of
// a board show.
#pragma once

#include "core/random.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "firmware/core/config.hpp"
#include "firmware/core/tuning.hpp"
#include "firmware/simulator/plant/plant_spreads.hpp"

namespace pourtocol::firmware {

enum class PumpKind : std::uint8_t {
  small_submersible,   ///< 12 ml/s at 3 V
  strong_submersible,  ///< 25 ml/s at 5 V
  peristaltic,         ///< 6 to 9 ml/s
};
inline constexpr int pump_kind_count = 3;

/// What its data sheet, and what is known of its kind, lets one expect.
[[nodiscard]] FlowRate flow_as_bought(PumpKind pump) noexcept;

enum class SensorKind : std::uint8_t {
  contact,  ///< a microswitch or light barrier: says at once whether something stands there
  echo,     ///< HC-SR04: a distance each 60 ms
};

struct PlantSpec {
  PumpKind pump = PumpKind::small_submersible;
  PlantSpreads spreads;
  FlowRate flow{12'000};  ///< new, from a full bottle, at the supply's middle and full power
  PumpPower pump_power = full_power;  ///< that the board gives it
  double drift_phase = 0;             ///< of the supply, in turns
  Duration drift_period = std::chrono::hours{5};
  double wear_per_pour = 0;       ///< share of the flow lost with each pour
  Duration start_delay{150'000};  ///< drawn from 80..300 ms
  Microlitres coast{1'500};       ///< drawn from 0.5..3 ml; never more than was pumped
  Microlitres drops_max{500};     ///< this machine's most after one pour
  Duration air{0};                ///< how long an unprimed line gives air first, at the first pour
  Microlitres bottle{700'000};    ///< in the bottle at the start
  Microlitres bottle_full{700'000};
  bool has_meter = false;
  double pulses_per_litre = 5880;  ///< true ones of this unit
  double meter_curve = 1;          ///< how its loss grows towards low flow: 1 evenly, less: late
  SensorKind sensor = SensorKind::contact;
  double glass_mm = 25;  ///< from an ultrasonic sensor to the glass
  double wall_mm = 300;  ///< and to what is there without one

  [[nodiscard]] static PlantSpec draw(Random& random) noexcept;
  [[nodiscard]] static PlantSpec draw(Random& random, PumpKind pump,
                                      const PlantSpreads& spreads) noexcept;

  /// `flow` at `pump_power`.
  [[nodiscard]] FlowRate flow_at_power() const noexcept;
  /// The share of its pulses that the meter gives at a flow.
  [[nodiscard]] double share_metered(double microlitres_per_second) const noexcept;
};

struct Calibrated {
  Config config;
  Tuning tuning;
};
/// What a careful person's calibration of this machine would have found: near the truth, not at it
/// (flow ± 1.5 %, delay ± 3 %, coast ± 5 %, pulses per litre ± 1 %), and confirmed at the machine,
/// as is of which kind its pump is. Not calibrated, where the pump has too little power to give 2
/// ml/s.
[[nodiscard]] Calibrated calibrate(const PlantSpec& spec, Random& random) noexcept;

}  // namespace pourtocol::firmware
