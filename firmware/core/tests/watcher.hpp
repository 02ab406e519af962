// Watches a dispenser from outside, whatever it is told: every promise of safety.md that the core
// makes alone (3, 4, 5, 7, 12, 13) is checked against what the machine truly did, by rules written
// here once more and not with the core's own. Host only. Driven by RapidCheck (properties_test.cpp)
// and by libFuzzer (event_stream_fuzz.cpp).
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>

#include "core/time.hpp"
#include "firmware/core/dispenser.hpp"
#include "firmware/core/journal.hpp"
#include "firmware/core/spreads.hpp"
#include "firmware/core/tests/memory_flash.hpp"
#include "firmware/core/tests/true_machine.hpp"

namespace pourtocol::firmware {

/// A promise was broken. Nothing catches it but whoever tells of it.
struct RuleBroken : std::logic_error {
  using std::logic_error::logic_error;
};

inline void must(bool holds, const char* rule) {
  if (!holds) throw RuleBroken{rule};
}

/// A machine, and what is believed of it, which must be valid.
struct World {
  Config config;
  Tuning tuning;
  bool by_echo = false;  ///< an ultrasonic sensor
  TrueMachine::Nature nature{};
  std::uint32_t ticks = 0;     ///< of the board's counter at the first boot
  std::size_t journal_at = 0;  ///< where in the ring a new machine's journal begins
  std::int64_t flash_ms = 0;   ///< how long a write takes
};

class Watcher {
 public:
  explicit Watcher(const World& world);

  // What may happen, in any order.
  void pass(std::uint32_t ms);
  /// One turn of the control loop.
  void turn();
  void order(const protocol::DispenseOrder& order);
  void service(const protocol::ServiceOrder& order);
  void calibrate(const protocol::CalibrationAction& action);
  void stop(const protocol::StopOrder& order);
  void place_glass() { glass_ = true; }
  void lift_glass();
  /// The sensor's next reading is false.
  void misread() { misread_ = true; }
  void silence_sensor(bool silent) { silent_ = silent; }
  void press_stop(bool pressed) { stop_pressed_ = pressed; }
  void kill_meter(bool dead);
  /// Pulses that nothing flowed for: from here on nobody can know what truly came.
  void knock_meter(std::uint32_t pulses) {
    knocks_ += pulses;
    volumes_known_ = run_volume_known_ = false;
  }
  void let_flash_fail(bool fails) { flash_.works = !fails; }
  void let_flash_deny(bool denies) { flash_.reports_failure = denies; }
  /// The next record is torn after so many bytes, and power goes at once.
  void tear_next_record(std::size_t bytes) { tear_at_ = bytes; }
  void reboot(std::uint32_t ticks);

  [[nodiscard]] Uptime uptime() const { return uptime_now_; }
  [[nodiscard]] BootId boot_id() const { return BootId{boots_}; }
  [[nodiscard]] const Tuning& tuning() const { return dispenser_->tuning(); }
  [[nodiscard]] protocol::CalibrationReport calibration() const {
    return dispenser_->calibration();
  }
  [[nodiscard]] bool run_is_open() const { return run_open_; }
  [[nodiscard]] bool pump_is_on() const { return machine_.is_on(); }
  [[nodiscard]] int runs() const { return runs_; }

 private:
  /// What an order or service run asked for.
  struct Asked {
    RequestId id;
    std::optional<protocol::OrderGuard> guard;
    std::int64_t most = 0;  ///< µl that it may bring
    bool sound = false;     ///< its amount or extent is within bounds
    protocol::Purpose purpose = protocol::Purpose::pour;
    bool known = false;  ///< an earlier one of that id is remembered
  };

  void boot();
  void ask(const Asked& asked, const Event& event);
  [[nodiscard]] hal::GlassInput read_glass();
  void measure_echo();
  void watch_reading(bool seen, Uptime gap_max, Uptime confirm);
  [[nodiscard]] Tick read_sensors();
  void deliver(const Event& event);
  [[nodiscard]] std::optional<JournalWritten> carry_out(const Effects& effects);
  void open_run();
  void switch_on(Milliseconds cut_off);
  [[nodiscard]] std::optional<bool> journal(const Record& record);
  void check_glass_rule();
  void check_status();
  void check_truth(const protocol::RecentPour& pour);
  void check_tuning() const;
  /// ε and δ are the house's own, and promised (safety.md, "Words").
  [[nodiscard]] static constexpr std::int64_t most_of(std::int64_t millilitres) {
    return millilitres * spreads::order_high + spreads::order_extra.count();
  }
  [[nodiscard]] bool remembers(const RequestId& id) const;
  [[nodiscard]] Milliseconds confirm() const;
  /// It is no faster than what is known of it allows. A bottle that nobody told of, or what a dead
  /// meter taught, makes it faster; then the receipt of a meter that loses pulses is not promised.
  [[nodiscard]] bool knows_its_speed() const {
    const Tuning& known = tuning();
    const std::int64_t fastest = known.flow.microlitres_per_second() * spreads::flow_high / 1000;
    return world_.config.bottle == Microlitres{0} &&
           (!known.calibrated() || world_.nature.flow <= fastest);
  }

  World world_;
  TrueMachine machine_;
  MemoryFlash flash_;
  std::optional<Journal<MemoryFlash>> journal_;
  std::optional<Dispenser> dispenser_;
  std::optional<UptimeCounter> counter_;
  std::uint64_t boots_ = 0;

  std::int64_t now_ = 0;  ///< ms of the world
  std::uint32_t ticks_ = 0;
  Uptime uptime_now_{0};
  std::int64_t turn_at_ = 0;
  std::int64_t late_at_ = -1'000'000;  ///< when the loop last came back from being late

  // The glass: as it is, as it is read, and what the readings amount to.
  bool glass_ = false;
  std::int64_t unseen_since_true_ = 0;  ///< no glass is there, and nothing said otherwise since
  bool misread_ = false;
  bool silent_ = false;
  hal::EchoReading echo_;
  std::int64_t echo_at_ = -1'000'000;  ///< when it was measured
  std::uint32_t echo_looked_at_ = 0;
  bool echo_seen_ = false;
  Uptime echo_looked_{0};
  bool settled_ = false;
  bool last_seen_ = false;
  Uptime last_reading_{0};
  std::optional<Uptime> seen_since_;
  std::optional<Uptime> unseen_since_;
  bool stop_pressed_ = false;
  std::optional<Uptime> button_free_at_;  ///< or a run was open
  bool hand_ = false;                     ///< at the machine, when something was last accepted
  std::uint32_t knocks_ = 0;

  std::optional<std::size_t> tear_at_;
  bool power_went_ = false;
  std::optional<RequestId> recorded_;
  std::optional<Tuning> durable_;

  std::optional<Asked> asked_;  ///< while its event is being handled
  std::optional<Asked> run_;    ///< the last one that was taken
  bool run_open_ = false;       ///< its end has not been told yet
  bool run_begun_ = false;      ///< the pump has been on for it
  std::int64_t run_opened_at_ = 0;
  bool volumes_known_ = true;  ///< the meter, or its calibration, has not been lied to
  bool run_volume_known_ = true;
  bool receipt_holds_ = true;
  int runs_ = 0;
  int replies_ = 0;
  int calibration_replies_ = 0;
  std::optional<protocol::DeviceStatus> last_status_;
  protocol::DeviceStatus kept_status_;  ///< brought up to date after each event
};

}  // namespace pourtocol::firmware
