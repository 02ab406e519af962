// A board that exists only in memory: the pins of `hal::Board` wired to a plant and a virtual
// flash.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/ids.hpp"
#include "core/random.hpp"
#include "core/time.hpp"
#include "firmware/hal/board.hpp"
#include "firmware/simulator/plant/plant.hpp"
#include "firmware/simulator/plant/virtual_flash.hpp"

namespace pourtocol::firmware {

/// The time, as whoever simulates sets it. Set it before calling the loop.
struct VirtualClock {
  Instant now{};
};

/// One power-on of one machine. Plant, flash and clock are the machine's and outlive it; for a
/// reboot make a new board and a new `BoardLoop` on them (cut the power first:
/// `Plant::switch_pump_off`). `ticks_at_boot` is where the 32-bit millisecond counter starts, to
/// try out its wrap.
class VirtualBoard {
 public:
  VirtualBoard(Plant& plant, VirtualFlash& flash, const VirtualClock& clock, Random random,
               std::uint32_t ticks_at_boot = 0) noexcept
      : plant_{plant},
        flash_{flash},
        clock_{clock},
        random_{random},
        booted_at_{clock.now},
        ticks_at_boot_{ticks_at_boot} {}

  // hal::Board: this one object is all of its devices.
  [[nodiscard]] VirtualBoard& pump() noexcept { return *this; }
  [[nodiscard]] VirtualBoard& glass_sensor() noexcept { return *this; }
  [[nodiscard]] VirtualBoard& flow_meter() noexcept { return *this; }
  [[nodiscard]] VirtualBoard& clock() noexcept { return *this; }
  [[nodiscard]] VirtualBoard& stop_button() noexcept { return *this; }
  [[nodiscard]] VirtualBoard& entropy() noexcept { return *this; }
  [[nodiscard]] VirtualBoard& tag_reader() noexcept { return *this; }
  [[nodiscard]] VirtualFlash& journal_store() noexcept { return flash_; }

  void switch_on(hal::Milliseconds cut_off) noexcept {
    if (flash_.powered()) plant_.switch_pump_on(clock_.now, cut_off);
  }
  void renew_cut_off(hal::Milliseconds cut_off) noexcept {
    if (flash_.powered()) plant_.renew_cut_off(clock_.now, cut_off);
  }
  void switch_off() noexcept { plant_.switch_pump_off(clock_.now); }
  [[nodiscard]] hal::GlassInput read() noexcept { return plant_.read_glass(clock_.now); }
  [[nodiscard]] std::uint32_t pulses() noexcept { return plant_.pulses(clock_.now); }
  [[nodiscard]] std::uint32_t ticks_ms() noexcept {
    const auto since_boot =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now - booted_at_);
    return ticks_at_boot_ + static_cast<std::uint32_t>(since_boot.count());
  }
  [[nodiscard]] bool pressed() noexcept { return stop_pressed_; }
  [[nodiscard]] std::uint64_t random_bits() noexcept { return random_.bits(); }
  [[nodiscard]] protocol::NfcReading read_tag() noexcept { return plant_.read_tag(); }
  [[nodiscard]] std::optional<MachineId> machine_id() noexcept { return machine_id_; }

  [[nodiscard]] bool keep_confirmed(std::span<const std::uint8_t> bytes) noexcept {
    return flash_.keep_confirmed(bytes);
  }

  // The world's side.
  void set_machine_id(std::optional<MachineId> id) noexcept { machine_id_ = id; }
  void hold_stop_button(bool held) noexcept { stop_pressed_ = held; }

 private:
  Plant& plant_;
  VirtualFlash& flash_;
  const VirtualClock& clock_;
  Random random_;
  Instant booted_at_;
  std::uint32_t ticks_at_boot_;
  bool stop_pressed_ = false;
  std::optional<MachineId> machine_id_;
};

static_assert(hal::BoardWithTagReader<VirtualBoard>);

}  // namespace pourtocol::firmware
