// One simulated machine: physics, flash, and the real firmware on a virtual board, on virtual time.
// No sockets here: whoever serves it hands in the time and the requests.
//
// One thread. Time never goes back.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/ids.hpp"
#include "core/random.hpp"
#include "core/time.hpp"
#include "firmware/core/board_loop.hpp"
#include "firmware/core/config.hpp"
#include "firmware/simulator/plant/plant.hpp"
#include "firmware/simulator/plant/virtual_board.hpp"
#include "firmware/simulator/plant/virtual_flash.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::firmware {

/// How often the firmware's main loop turns.
inline constexpr Duration loop_period{5'000};

struct MachineOptions {
  /// 1: speaks the original's contract only (and tells what its NFC reader sees, as firmware in the
  /// field does), as naively as such firmware: every order is a new one, whatever its id.
  int protocol = 2;
  /// Draws the physics. The same seed and the same inputs at the same times pour the same drops.
  std::uint64_t seed = 1;
  /// Draws the boot ids, which may never repeat over a machine's life: not from `seed`.
  std::uint64_t entropy = 0;
  TapName tap;
  bool metered = true;
  bool glass = true;  ///< one stands there at the start
  /// False: as bought, calibrated by nobody. A flash that knows better wins.
  bool calibrated = true;
  /// Takes no order and no act of calibration without a guard, as a board does that has a key.
  bool demands_guards = false;
  SensorKind sensor = SensorKind::contact;
  // As in `Config`.
  Milliseconds resume_within{0};
  PumpPower pump_power = full_power;
};

/// Which order or service run the plant's episode of the same index belongs to; one that was
/// resumed, or runs in portions, has several. An empty id: nobody's (a welded relay).
struct EpisodeOrder {
  RequestId request_id;
  int boot = 0;       ///< counted from 1
  Instant booted_at;  ///< of that boot
};

/// A stop, as it reached the machine.
struct ArrivedStop {
  Instant at;
  std::optional<RequestId> request_id;  ///< nothing: whatever runs
  bool pump_on = false;                 ///< when it came
};

/// From this on it is noted that the machine was told the time late.
inline constexpr Duration late_min{50'000};

/// A time during which nobody told the machine the time: its process got no turn.
struct LateTurn {
  Instant from;
  Duration length;
};

class Machine {
 public:
  /// Powered on at instant zero, with `flash` as it was left.
  Machine(const MachineOptions& options, VirtualFlash flash);

  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Lets time go on to `now`, giving the firmware every turn that was due. Where the process got
  /// no processor for a while the turns come late, but the machine is none the worse for it.
  void advance(Instant now);
  [[nodiscard]] Instant now() const { return clock_.now; }

  /// Off: the pump stops and the firmware is gone. On: it boots from the same flash.
  void set_power(bool on);
  [[nodiscard]] bool powered() const { return loop_.has_value(); }
  [[nodiscard]] int boots() const { return boots_; }
  [[nodiscard]] int protocol() const { return options_.protocol; }
  /// Which machine it says it is from now on; nothing: it does not say, as at first.
  void set_machine_id(std::optional<MachineId> id);
  [[nodiscard]] bool demands_guards() const { return options_.demands_guards; }

  // What the network asks of the firmware. Only while powered.
  [[nodiscard]] OrderReply dispense(const protocol::DispenseOrder& order);
  [[nodiscard]] OrderReply service(const protocol::ServiceOrder& order);
  [[nodiscard]] protocol::CalibrationAnswer calibrate(const protocol::GuardedAction& asked);
  [[nodiscard]] protocol::CalibrationReport calibration() const;
  /// A refusal: it names an order that has not come, and is not remembered.
  [[nodiscard]] std::optional<protocol::OrderRejected> stop(const protocol::StopOrder& order);
  [[nodiscard]] protocol::DeviceStatus status() const;
  [[nodiscard]] std::uint64_t version() const;

  void hold_stop_button(bool held);
  [[nodiscard]] Plant& plant() { return plant_; }
  [[nodiscard]] const Plant& plant() const { return plant_; }
  [[nodiscard]] VirtualFlash& flash() { return flash_; }
  [[nodiscard]] const VirtualFlash& flash() const { return flash_; }

  /// For the episodes started so far.
  [[nodiscard]] EpisodeOrder order_of_episode(std::size_t index) const;
  /// Oldest first, over all boots.
  [[nodiscard]] const std::vector<ArrivedStop>& stops() const { return stops_; }
  [[nodiscard]] const std::vector<LateTurn>& late_turns() const { return late_turns_; }

 private:
  struct Drawn {
    Random random;
    PlantSpec spec;
    Calibrated calibrated;
  };
  [[nodiscard]] static Drawn draw(const MachineOptions& options);
  Machine(const MachineOptions& options, Drawn drawn, VirtualFlash flash);

  void boot();
  [[nodiscard]] RequestId fresh_id();
  /// Episodes that have begun since the last look are of what runs now, asked for as `id`.
  void note_episodes();

  MachineOptions options_;
  std::optional<MachineId> machine_id_;
  VirtualClock clock_;
  VirtualFlash flash_;
  Calibrated calibrated_;
  Plant plant_;
  Random entropy_;
  std::optional<VirtualBoard> board_;
  std::optional<BoardLoop<VirtualBoard>> loop_;
  Instant next_turn_;
  Instant booted_at_;
  int boots_ = 0;
  std::uint64_t orders_ = 0;
  RequestId running_;  ///< as it was asked for
  std::vector<EpisodeOrder> episode_orders_;
  std::vector<ArrivedStop> stops_;
  std::vector<LateTurn> late_turns_;
};

}  // namespace pourtocol::firmware
