// The physics behind a virtual dispenser: pump, line, bottle, meter and glass, on virtual time.
//
// Deterministic: the same spec, seed and calls give the same drops on every machine. Time is handed in
// with every call and must not go back; between calls nothing need be stepped, everything is reckoned
// when next asked for. The hardware cut-off is the plant's own: it acts at its instant even when nobody
// calls for an hour. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/random.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "firmware/hal/board.hpp"
#include "firmware/simulator/plant/plant_spec.hpp"

namespace pourtocol::firmware {

/// The truth about one unbroken span of the pump being on, with what coasted and dripped after it.
struct Episode {
  Instant started;
  Instant ended;       ///< pump off; while it is on, the last instant reckoned
  bool pump_on = true;
  bool final = false;  ///< nothing more will flow that belongs here
  Microlitres total;   ///< out of the spout
  Microlitres in_glass;           ///< of it, what a glass caught
  Duration longest_without_glass{0};  ///< the longest time the pump was on with no glass there
  bool glass_at_start = false;
  friend bool operator==(const Episode&, const Episode&) = default;
};

/// What the glass sensor is made to say.
enum class SensorMode : std::uint8_t {
  works,
  stuck_present,
  stuck_absent,
  silent,    ///< no valid reading
};

class Plant {
 public:
  Plant(const PlantSpec& spec, Random random, Instant now);

  // The board's side ---------------------------------------------------------------------------
  void switch_pump_on(Instant now, Duration cut_off);
  void renew_cut_off(Instant now, Duration cut_off);
  void switch_pump_off(Instant now);
  [[nodiscard]] std::uint32_t pulses(Instant now);
  [[nodiscard]] hal::GlassReading read_glass(Instant now);

  // The world's side ---------------------------------------------------------------------------
  void place_glass(Instant now);
  void lift_glass(Instant now);
  /// Sets what is in the bottle.
  void fill_bottle(Instant now, Microlitres volume);
  void set_clogged(Instant now, bool clogged);
  /// A dead meter stands still whatever flows.
  void set_meter_dead(Instant now, bool dead);
  /// Air for `length` of pumping before liquid comes.
  void let_air_in(Instant now, Duration length);
  void set_sensor(Instant now, SensorMode mode);
  /// Until `now + length` the sensor says the opposite of the truth.
  void spike_sensor(Instant now, Duration length);
  /// Each reading says the opposite of the truth with this probability.
  void set_sensor_noise(double probability) { sensor_noise_ = probability; }
  /// A welded relay: the pump runs whatever the board does. No promise of any software holds then.
  void set_relay_welded(Instant now, bool welded);
  /// Liquid trickles through the standing pump, past the meter.
  void set_leak(Instant now, FlowRate leak);

  // The truth ----------------------------------------------------------------------------------
  /// Reckons everything up to `now`.
  void advance(Instant now);
  [[nodiscard]] bool pump_on() const { return pump_on_; }
  [[nodiscard]] bool glass_present() const { return glass_present_; }
  [[nodiscard]] Microlitres bottle() const;
  /// Out of the spout since the beginning.
  [[nodiscard]] Microlitres total() const;
  /// Oldest first. Grows for as long as the plant lives unless `forget_final_episodes` is called.
  [[nodiscard]] const std::vector<Episode>& episodes() const { return episodes_; }
  /// Drops the episodes that can no longer change, for simulations of millions of pours.
  void forget_final_episodes();
  [[nodiscard]] const PlantSpec& spec() const { return spec_; }

 private:
  enum class Flow : std::uint8_t { still, starting, running, coasting };

  void flow_until(Instant now);
  void enter(Flow flow, Instant now);
  void pour_out(double microlitres, double metered_share);
  void drip();
  [[nodiscard]] std::optional<Instant> next_change() const;
  void change(Instant now);
  void stop_running(Instant now);

  PlantSpec spec_;
  Random random_;
  Instant now_;

  bool pump_on_ = false;
  bool relay_welded_ = false;
  std::optional<Instant> cut_off_;

  Flow flow_state_ = Flow::still;
  Instant flow_since_;
  std::optional<Instant> flow_until_;
  double rate_ = 0;          ///< µl per µs while running
  double run_volume_ = 0;    ///< pumped since the flow began
  double coast_volume_ = 0;  ///< all that this coast will bring
  double meter_factor_ = 1;
  std::optional<Instant> drip_at_;
  double leak_rate_ = 0;

  bool clogged_ = false;
  bool meter_dead_ = false;
  Duration air_left_{0};
  bool glass_present_ = false;
  double bottle_ = 0;   ///< µl
  double total_ = 0;    ///< µl
  double metered_ = 0;  ///< pulses, with their fraction

  SensorMode sensor_mode_ = SensorMode::works;
  double sensor_noise_ = 0;
  Instant spike_until_;

  double episode_total_ = 0;
  double episode_in_glass_ = 0;
  Instant without_glass_since_;
  std::vector<Episode> episodes_;
};

}  // namespace pourtocol::firmware
