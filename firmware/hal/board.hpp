// What a board must offer the core, as small concepts. Three worlds satisfy them: real boards, the
// simulator's virtual board, and the tests' own.
//
// Everything here is called from one thread, returns at once (but for the journal store, whose
// flash may take milliseconds to write and tenths of a second to erase) and never throws.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "core/ids.hpp"
#include "firmware/hal/journal_store.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::firmware::hal {

/// Durations of a board's hardware timers.
using Milliseconds = std::chrono::milliseconds;

/// The pump's switch and the hardware timer that guards it.
///
/// The timer is armed before the output goes high, runs without the main loop (a timer interrupt,
/// or better a monostable in hardware) and switches the pump off when it expires, whatever the
/// software is doing. After a reset the output is low before any code runs: a pull-down on the
/// gate.
template <class T>
concept Pump = requires(T pump, Milliseconds cut_off) {
  /// Switches on, off again after `cut_off` at the latest. Only ever called while off.
  { pump.switch_on(cut_off) }
  noexcept->std::same_as<void>;
  /// Sets the timer anew, to `cut_off` from now (0: off at once). A pump that was cut off stays
  /// off.
  { pump.renew_cut_off(cut_off) }
  noexcept->std::same_as<void>;
  /// Switches off. Harmless when off already.
  { pump.switch_off() }
  noexcept->std::same_as<void>;
};

struct GlassReading {
  bool present = false;  ///< something stands where the glass belongs
  bool valid = false;    ///< false: no echo, a broken wire; `present` then means nothing
  friend bool operator==(const GlassReading&, const GlassReading&) = default;
};

/// The newest measurement of an ultrasonic sensor (HC-SR04), raw. The board measures by itself,
/// every 60 ms (its data sheet asks for no less), and hands out the newest result until the next is
/// there.
struct EchoReading {
  std::uint32_t number = 0;  ///< counts measurements: the same number is the same measurement
  /// From the burst to its echo. An echo that takes longer than 6 ms (1 m) is no glass: it is
  /// reported as 6000 as soon as so much has passed. 0: the sensor gave no signal at all.
  std::uint16_t echo_us = 0;
  friend bool operator==(const EchoReading&, const EchoReading&) = default;
};

/// Of the one kind of sensor or of the other.
using GlassInput = std::variant<GlassReading, EchoReading>;

/// The newest reading of the glass sensor, raw: debouncing and what an echo means are the core's. A
/// sensor with a contact or a light barrier gives a `GlassReading`, an ultrasonic one an
/// `EchoReading`; a board that learns at boot which one it has, a `GlassInput`.
template <class T>
concept GlassSensor = requires(T sensor) {
  { sensor.read() }
  noexcept->std::convertible_to<GlassInput>;
};

/// All pulses since power-on, counted in hardware; wraps at 2^32. A board without a meter returns
/// 0.
template <class T>
concept FlowMeter = requires(T meter) {
  { meter.pulses() }
  noexcept->std::same_as<std::uint32_t>;
};

/// Milliseconds since power-on or so; wraps at 2^32 and never goes back.
template <class T>
concept Clock = requires(T clock) {
  { clock.ticks_ms() }
  noexcept->std::same_as<std::uint32_t>;
};

/// True while somebody holds the machine's own stop button. A board without one returns false.
template <class T>
concept StopButton = requires(T button) {
  { button.pressed() }
  noexcept->std::same_as<bool>;
};

/// What the NFC reader sees now, in the words of the protocol: whether the reader works, whether a
/// tag lies on it, and the tag's id as text (04A2247C9F6180). The board asks its reader when it
/// suits it and hands out the newest result; a tag that one reading missed has not left.
template <class T>
concept TagReader = requires(T reader) {
  { reader.read_tag() }
  noexcept->std::same_as<protocol::NfcReading>;
};

/// Bits nobody can foresee, for the boot id. Drawn once per boot.
template <class T>
concept Entropy = requires(T entropy) {
  { entropy.random_bits() }
  noexcept->std::same_as<std::uint64_t>;
};

/// Which board it is: a number that is its own from the factory on, never another's, and the same
/// when all flash is lost. Nothing where the board has none (or it cannot be read).
template <class T>
concept Identified = requires(T board) {
  { board.machine_id() }
  noexcept->std::same_as<std::optional<MachineId>>;
};

/// Keeps the calibration that a hand at the machine has confirmed, in the form of
/// `firmware/core/stored_config.hpp`, where the board's settings are: not in the journal, whose lot
/// it must not share. Called with the pump off, once in a machine's life or so, and may take
/// milliseconds. False: what was kept before is there still.
template <class T>
concept KeepsConfirmed = requires(T board, std::span<const std::uint8_t> bytes) {
  { board.keep_confirmed(bytes) }
  noexcept->std::same_as<bool>;
};

/// The whole board. Each accessor returns the same device every time, by reference.
template <class T>
concept Board = Identified<T> && KeepsConfirmed<T> && requires(T board) {
  { board.pump() }
  noexcept->Pump;
  { board.glass_sensor() }
  noexcept->GlassSensor;
  { board.flow_meter() }
  noexcept->FlowMeter;
  { board.clock() }
  noexcept->Clock;
  { board.stop_button() }
  noexcept->StopButton;
  { board.entropy() }
  noexcept->Entropy;
  { board.journal_store() }
  noexcept->JournalStore;
};

/// A board that has an NFC reader besides. Nothing that pours hangs on it.
template <class T>
concept BoardWithTagReader = Board<T> && requires(T board) {
  { board.tag_reader() }
  noexcept->TagReader;
};

}  // namespace pourtocol::firmware::hal
