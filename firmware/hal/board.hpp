// What a board must offer the core, as small concepts. Three worlds satisfy them: real boards, the
// simulator's virtual board, and the tests' own.
//
// Everything here is called from one thread, returns at once (but for the journal store, whose
// flash may take milliseconds to write and tenths of a second to erase) and never throws.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>

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

/// The newest reading of the glass sensor, raw: debouncing is the core's. Where a sensor needs
/// longer than a step (an HC-SR04: 60 ms), the board measures by itself and hands out the newest
/// result, no older than 60 ms; a result older than that must be handed out as invalid.
template <class T>
concept GlassSensor = requires(T sensor) {
  { sensor.read() }
  noexcept->std::same_as<GlassReading>;
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

/// The whole board. Each accessor returns the same device every time, by reference.
template <class T>
concept Board = requires(T board) {
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
