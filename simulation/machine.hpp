// One dispenser of the simulated party: the real firmware core on a virtual board, with power that
// fails and a loop that hangs, and with a record of what truly flowed under which request id.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "firmware/core/board_loop.hpp"
#include "firmware/simulator/plant/plant.hpp"
#include "firmware/simulator/plant/virtual_board.hpp"
#include "simulation/bugs.hpp"
#include "simulation/schedule.hpp"

namespace pourtocol::simulation {

class Machine {
 public:
  /// One span of the pump being on, under the id whose order switched it on.
  struct Labelled {
    RequestId id;         ///< empty: no order did
    std::size_t episode;  ///< index into `plant().episodes()`
    bool sensor_honest = true;
    bool resumed = false;  ///< the device went on with what it was pouring, for the remainder
    /// How long the glass had truly stood there; as long as can be where no sensor could tell.
    Duration glass_for = Duration::max();
    /// How long it had truly been gone when the pump went on; 0: it was there.
    Duration glass_gone_for{0};
    bool beyond_software = false;  ///< a welded relay or a siphon had its part in it
  };

  Machine(Schedule& schedule, TapName name, int protocol, Random random, Bug bug);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // -- as the network sees it --

  /// Powered and its loop running: it takes requests and answers them.
  [[nodiscard]] bool responsive() const noexcept { return loop_ != nullptr && !hung_; }
  [[nodiscard]] int protocol() const noexcept { return protocol_; }
  [[nodiscard]] firmware::OrderReply take_order(const protocol::DispenseOrder& order);
  [[nodiscard]] firmware::OrderReply take_service(const protocol::ServiceOrder& order);
  [[nodiscard]] protocol::CalibrationReport calibration() const { return loop_->calibration(); }
  [[nodiscard]] protocol::CalibrationAnswer take_calibration(const protocol::GuardedAction& asked);
  /// False: it names an order that has not come, and is not remembered.
  bool take_stop(const protocol::StopOrder& order);
  /// Calls `answer` when the status is another than `after`, or when `wait` is over; never if power
  /// is lost before.
  void take_status(std::optional<std::uint64_t> after, Duration wait,
                   std::move_only_function<void(protocol::DeviceStatus)> answer);

  // -- as the world sees it --

  void place_glass();
  void lift_glass();
  void cut_power(Duration off);
  /// Power goes and comes back `times` times within `length`, perhaps while the board still boots.
  void brown_out(Duration length, std::int64_t times);
  /// Power goes at the next write to flash, in the middle of it.
  void tear_next_write(std::size_t bytes) { flash_.cut_power_at_next_write(bytes); }
  void hang(Duration time);
  void lose_flash() { flash_.lose(); }
  void set_flash_failing(bool failing, bool written_anyway) {
    flash_.set_failing(failing, written_anyway);
  }
  void spike_sensor(Duration length);
  void set_sensor(firmware::SensorMode mode);
  void set_clogged(bool clogged) { plant_.set_clogged(schedule_.now(), clogged); }
  void set_meter_dead(bool dead) { plant_.set_meter_dead(schedule_.now(), dead); }
  void let_air_in(Duration length) { plant_.let_air_in(schedule_.now(), length); }
  void hold_stop_button(bool held);
  /// One of so many readings of the glass sensor is false; 0: it is well again.
  void flicker(std::int64_t one_of);
  void empty_bottle(Microlitres left, Duration length);
  void connect_full_bottle();
  /// What is left of chance goes: a healthy sensor misreads nothing.
  void steady_sensor() { plant_.steady_sensor(); }
  void refill_if_low();
  /// What no software can help: liquid runs through the standing pump, or the relay is welded.
  void set_siphon(FlowRate leak);
  void weld_relay(bool welded);

  // -- the truth --

  [[nodiscard]] firmware::Plant& plant() noexcept { return plant_; }
  [[nodiscard]] const std::vector<Labelled>& labelled() const noexcept { return labelled_; }
  [[nodiscard]] const TapName& name() const noexcept { return name_; }
  /// What it is, for people.
  [[nodiscard]] std::string description() const;
  [[nodiscard]] Instant booted_at() const noexcept { return booted_at_; }
  /// What has flowed under this id.
  [[nodiscard]] Microlitres came_of(const RequestId& id);
  /// Whether it lost its power while it poured this order.
  [[nodiscard]] bool was_cut_off(const RequestId& id) const { return cut_off_.contains(id); }
  /// Pump state brought up to this instant.
  [[nodiscard]] bool pump_on();
  /// The pump is on, or what it pumped is still coming.
  [[nodiscard]] bool is_pouring();
  /// Whether what is said of this order can be held against the truth: no siphon and no welded
  /// relay had a part in it.
  [[nodiscard]] bool answers_for(const RequestId& id) const {
    return !beyond_software_.contains(id);
  }

 private:
  struct HeldStatus {
    std::uint64_t after = 0;
    Instant until{};
    std::move_only_function<void(protocol::DeviceStatus)> answer;
  };

  void boot();
  void step();
  void note_episodes();
  void note_order(const firmware::OrderReply& reply, const RequestId& id);
  void note_misfortune();
  [[nodiscard]] bool is_beyond_software() const;
  void answer_held();
  [[nodiscard]] protocol::DeviceStatus shown_status();

  Schedule& schedule_;
  TapName name_;
  int protocol_;
  Bug bug_;
  Random random_;
  firmware::Calibrated calibrated_;
  firmware::Plant plant_;
  firmware::VirtualFlash flash_;
  std::unique_ptr<firmware::VirtualBoard> board_;
  std::unique_ptr<firmware::BoardLoop<firmware::VirtualBoard>> loop_;  ///< null: no power
  bool hung_ = false;
  bool sensor_honest_ = true;
  bool flickers_ = false;
  Instant lies_until_{};
  std::uint64_t boots_ = 0;
  std::optional<BootId> first_boot_;
  Instant first_booted_at_{};
  std::uint64_t renamed_ = 0;
  std::vector<HeldStatus> held_;
  /// What the device pours, by the id the server knows it by, and since which boot.
  struct Running {
    RequestId id;
    std::uint64_t boot = 0;
    bool begun = false;  ///< the pump has been on for it
  };
  std::optional<Running> running_;
  bool siphoning_ = false;
  bool welded_ = false;
  Instant misfortune_until_{};  ///< its last drops may count for the pour that follows
  std::set<RequestId> beyond_software_;
  std::set<RequestId> cut_off_;
  bool stop_held_ = false;
  Instant bottle_stays_until_{};
  Instant booted_at_{};
  Instant glass_placed_at_{};
  bool placed_under_a_lie_ = false;  ///< the sensor said already that one was there
  Instant glass_lifted_at_{};
  Instant hung_until_{};
  [[nodiscard]] Duration glass_for() const;
  [[nodiscard]] Duration glass_gone_for() const;
  std::vector<Labelled> labelled_;
};

}  // namespace pourtocol::simulation
