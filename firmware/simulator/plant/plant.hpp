// The physics behind a virtual dispenser: pump, line, bottle, meter, glass and tag, on virtual
// time.
//
// Deterministic: the same spec, seed and calls give the same drops on every machine. Time is handed
// in with every call and must not go back; between calls nothing need be stepped, everything is
// reckoned when next asked for. The hardware cut-off is the plant's own: it acts at its instant
// even when nobody calls for an hour. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/random.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "firmware/hal/board.hpp"
#include "firmware/simulator/plant/plant_spec.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::firmware {

/// The truth about one unbroken span of the pump being on, with what coasted and dripped after it.
struct Episode {
  Instant started;
  Instant ended;  ///< pump off; while it is on, the last instant reckoned
  bool pump_on = true;
  bool final = false;                 ///< nothing more will flow that belongs here
  Microlitres total;                  ///< out of the spout
  Microlitres in_glass;               ///< of it, what a glass caught
  Duration longest_without_glass{0};  ///< the longest time the pump was on with no glass there
  bool glass_at_start = false;
  friend bool operator==(const Episode&, const Episode&) = default;
};

/// What the glass sensor is made to say.
enum class SensorMode : std::uint8_t {
  works,
  stuck_present,
  stuck_absent,
  silent,  ///< no valid reading
};

/// An NFC tag's id, as the protocol carries it.
using TagId = decltype(protocol::NfcReading::uid);

class Plant {
 public:
  Plant(const PlantSpec& spec, Random random, Instant now);

  // ---- The board's side
  void switch_pump_on(Instant now, Duration cut_off);
  void renew_cut_off(Instant now, Duration cut_off);
  void switch_pump_off(Instant now);
  /// From the pump's next start on; see `PlantSpec`.
  void set_pump_power(PumpPower power) { spec_.pump_power = power; }
  [[nodiscard]] std::uint32_t pulses(Instant now);
  [[nodiscard]] hal::GlassInput read_glass(Instant now);
  [[nodiscard]] protocol::NfcReading read_tag() const;

  // ---- The world's side
  void place_glass(Instant now);
  void lift_glass(Instant now);
  /// Lays the tag with this id on the reader; an empty one: takes away what lies there.
  void lay_tag(const TagId& uid) { tag_ = uid; }
  /// Sets what is in the bottle.
  void fill_bottle(Instant now, Microlitres volume);
  void set_clogged(Instant now, bool clogged);
  /// A dead meter stands still whatever flows.
  void set_meter_dead(Instant now, bool dead);
  /// Air for `length` of pumping before liquid comes.
  void let_air_in(Instant now, Duration length);
  void set_sensor(Instant now, SensorMode mode);
  /// Until `now + length` the sensor says the opposite of the truth (an ultrasonic one, whose glass
  /// is gone: that something is at 4-5 cm).
  void spike_sensor(Instant now, Duration length);
  /// When an ultrasonic sensor last found something although no glass was there, whatever the
  /// cause.
  [[nodiscard]] Instant misread_at() const { return misread_at_; }
  /// From now on it misreads nothing by itself.
  void steady_sensor() { spec_.spreads.echo_spike = 0; }
  /// Each reading says the opposite of the truth with this probability.
  void set_sensor_noise(double probability) { sensor_noise_ = probability; }
  /// A welded relay: the pump runs whatever the board does. No promise of any software holds then.
  void set_relay_welded(Instant now, bool welded);
  /// Liquid siphons through the standing pump and its meter, whenever the pump is off.
  void set_leak(Instant now, FlowRate leak);

  // ---- The truth
  /// Reckons everything up to `now`.
  void advance(Instant now);
  /// Whether the pump turns, for whatever reason.
  [[nodiscard]] bool pump_on() const { return motor_on_; }
  [[nodiscard]] bool glass_present() const { return glass_present_; }
  [[nodiscard]] Microlitres bottle() const;
  /// Out of the spout since the beginning.
  [[nodiscard]] Microlitres total() const;
  /// Oldest first. Grows for as long as the plant lives unless `forget_final_episodes` is called.
  [[nodiscard]] const std::vector<Episode>& episodes() const { return episodes_; }
  /// Drops the episodes that can no longer change, for simulations of millions of pours.
  void forget_final_episodes();
  [[nodiscard]] const PlantSpec& spec() const { return spec_; }
  /// What the pump gives now from a bottle at its level, but for the chance of each pour.
  [[nodiscard]] FlowRate flow_now() const;

 private:
  enum class Flow : std::uint8_t {
    still,
    starting,  ///< the pump turns, nothing comes yet
    running,
    coasting,  ///< falling off linearly to nothing
  };

  [[nodiscard]] std::optional<Instant> next_change() const;
  void change(Instant at);
  void flow_until(Instant until);
  void flow_out(double microlitres, double metered_share);
  void update_motor(Instant at);
  void start_motor(Instant at);
  void stop_motor(Instant at);
  void begin_flow(Instant at);
  void end_coast(Instant at);
  void drip();
  void finish_episode();
  [[nodiscard]] double share_metered(double microlitres_per_second) const;
  [[nodiscard]] double supply_drift() const;
  [[nodiscard]] bool seems_present(Instant at);
  void measure_echo(Instant now);
  [[nodiscard]] double around(double value, double spread);

  PlantSpec spec_;
  Instant misread_at_{};
  Random random_;
  Instant now_;

  bool output_on_ = false;  ///< the board's pin
  std::optional<Instant> cut_off_at_;
  bool relay_welded_ = false;
  bool motor_on_ = false;

  Flow flow_ = Flow::still;
  Instant flow_since_;
  std::optional<Instant> flow_ends_;  ///< of `starting` and `coasting`
  Duration delay_{0};                 ///< this pour's
  double rate_ = 0;                   ///< µl per µs while running
  double pumped_ = 0;                 ///< µl since the flow began, and `moving_`
  double moving_ = 0;                 ///< µl that still coasted when the motor started
  double coast_ = 0;                  ///< µl that this coast brings in all
  double meter_factor_ = 1;           ///< this pour's
  std::optional<Instant> drip_at_;
  double leak_ = 0;  ///< µl per µs

  bool clogged_ = false;
  bool meter_dead_ = false;
  Duration air_left_;
  bool glass_present_ = false;
  TagId tag_;
  double bottle_;      ///< µl
  double total_ = 0;   ///< µl
  double turned_ = 0;  ///< the meter, in pulses with their fraction

  SensorMode sensor_mode_ = SensorMode::works;
  double sensor_noise_ = 0;
  Instant began_;
  std::int64_t pours_ = 0;
  Instant next_echo_;  ///< when the ultrasonic sensor is to measure again
  Instant echo_known_at_;
  hal::EchoReading echo_;
  hal::EchoReading echo_before_;
  Instant spike_until_;

  double episode_total_ = 0;     ///< µl
  double episode_in_glass_ = 0;  ///< µl
  Instant without_glass_since_;
  std::vector<Episode> episodes_;
};

}  // namespace pourtocol::firmware
