// One dispenser of the simulated party: the real firmware core on a virtual board, with power that
// fails and a loop that hangs, and with a record of what truly flowed under which request id.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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
  };

  Machine(Schedule& schedule, TapName name, int protocol, Random random, Bug bug);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // -- as the network sees it --

  /// Powered and its loop running: it takes requests and answers them.
  [[nodiscard]] bool responsive() const noexcept { return loop_ != nullptr && !hung_; }
  [[nodiscard]] int protocol() const noexcept { return protocol_; }
  [[nodiscard]] firmware::OrderReply take_order(const protocol::DispenseOrder& order);
  void take_stop(const protocol::StopOrder& order);
  /// Calls `answer` when the status is another than `after`, or when `wait` is over; never if power
  /// is lost before.
  void take_status(std::optional<std::uint64_t> after, Duration wait,
                   std::move_only_function<void(protocol::DeviceStatus)> answer);

  // -- as the world sees it --

  void place_glass();
  void lift_glass();
  void cut_power(Duration off);
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
  void refill_if_low();

  // -- the truth --

  [[nodiscard]] firmware::Plant& plant() noexcept { return plant_; }
  [[nodiscard]] const std::vector<Labelled>& labelled() const noexcept { return labelled_; }
  [[nodiscard]] const TapName& name() const noexcept { return name_; }
  /// Pump state brought up to this instant.
  [[nodiscard]] bool pump_on();
  /// The pump is on, or what it pumped is still coming.
  [[nodiscard]] bool is_pouring();

 private:
  struct HeldStatus {
    std::uint64_t after = 0;
    Instant until{};
    std::move_only_function<void(protocol::DeviceStatus)> answer;
  };

  void boot();
  void step();
  void note_episodes(const RequestId& id);
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
  };
  std::optional<Running> running_;
  std::vector<Labelled> labelled_;
};

}  // namespace pourtocol::simulation
