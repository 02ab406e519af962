// How much simulated machines differ from each other and from pour to pour: one table, with its
// sources. What the core takes for granted of a machine stands in `firmware/core/spreads.hpp`; the
// core never sees this one.
#pragma once

namespace pourtocol::firmware {

/// Even between its limits.
struct Range {
  double low;
  double high;
};

/// Shares are of the value itself, "±" is even between the limits unless it says otherwise. What
/// names no source is the project's own assumption: no data sheet tells it.
struct PlantSpreads {
  // From machine to machine.
  /// Pump on to the first flow: the motor's start, and the line.
  Range start_delay_ms{80, 300};
  /// 2-3 ml are in the air at 10 ml/s when a pump stops, less with a short spout; drops are not in
  /// it.
  Range coast_ml{0.5, 3};
  /// What is printed on small peristaltic heads.
  Range label_ml_s{9, 12.5};
  /// Small submersible pumps give 12 ml/s at 3 V and 25 ml/s at 5 V (measured for the project's
  /// prototypes), so 0.25 V on the supply is 6.5 %; peristaltic heads stay 29 % below their label,
  /// ± 3 % between units.
  double supply_offset = 0.065;
  double head_to_head = 0.03;
  /// YF-S401: a few per cent off its 5.88 pulses per ml.
  double meter_to_meter = 0.03;
  /// How a meter's loss grows towards low flow: 1 evenly, less: late.
  Range meter_curve{0.5, 1.3};

  // Over an evening.
  /// The supply's effect on the flow, from one extreme to the other within hours: the same for a
  /// small pump, a strong one and a strong one that is slowed.
  double supply_drift = 0.03;
  /// There and back.
  Range drift_hours{4, 8};
  /// Flow from a nearly empty bottle, less than from a full one.
  double level_loss = 0.10;
  /// Tubes, over 2,000 pours; each machine's own share of it.
  double wear = 0.05;

  // From pour to pour.
  double supply = 0.01;
  double start_delay = 0.15;
  double coast = 0.15;
  double meter_repeat = 0.005;
  /// Reads so much low at its lowest flow (5 ml/s), right from 10 ml/s on.
  double meter_low_flow = 0.08;
  /// Drops of 0.05 ml, 0.1-0.5 ml in all.
  Range drops_ml{0.1, 0.5};

  // The glass sensor.
  /// HC-SR04: errs by 3 mm, and now and then finds something at 4-5 cm: in one of a thousand
  /// measurements, that is once a minute.
  double echo_error_mm = 3;
  double echo_spike = 0.001;

  /// All of them `factor` times as wide, about the same middle; what cannot be less than nothing
  /// ends a little above it. The sensor stays what it is, for it does not meter, and the evening as
  /// long.
  [[nodiscard]] PlantSpreads widened(double factor) const noexcept;
};

}  // namespace pourtocol::firmware
