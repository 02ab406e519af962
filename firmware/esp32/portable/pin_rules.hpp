// Which pins of a chip must be left alone, and which cannot keep a pump off while the chip starts.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace pourtocol::board {

enum class Chip : std::uint8_t { esp32, esp32s3, esp32c3, esp32c6 };

using PinSet = std::uint64_t;

constexpr PinSet pin_set(std::initializer_list<int> pins) noexcept {
  PinSet set = 0;
  for (const int pin : pins) set |= PinSet{1} << pin;
  return set;
}

/// Those of the flash, on every board: whatever else is wired to one, the chip does not start.
constexpr PinSet flash_pins(Chip chip) noexcept {
  switch (chip) {
    case Chip::esp32:
      return pin_set({6, 7, 8, 9, 10, 11});
    case Chip::esp32s3:
      return pin_set({26, 27, 28, 29, 30, 31, 32});
    case Chip::esp32c3:
      return pin_set({12, 13, 14, 15, 16, 17});
    case Chip::esp32c6:
      return pin_set({24, 25, 26, 27, 28, 29, 30});
  }
  return 0;
}

/// Those that may be high, or drawn up against the gate's pull-down, between power-on and the
/// firmware (strapping pins, the console, USB, the ESP32's JTAG), and those that a gate's pull-down
/// would make the chip start differently by.
constexpr PinSet restless_pins(Chip chip) noexcept {
  switch (chip) {
    case Chip::esp32:
      return pin_set({0, 1, 2, 3, 5, 12, 14, 15});
    case Chip::esp32s3:
      return pin_set({0, 3, 19, 20, 43, 44, 45, 46});
    case Chip::esp32c3:
      return pin_set({2, 8, 9, 18, 19, 20, 21});
    case Chip::esp32c6:
      return pin_set({4, 5, 8, 9, 12, 13, 15, 16, 17});
  }
  return 0;
}

constexpr bool may_be_wired(Chip chip, int pin) noexcept {
  return (flash_pins(chip) >> pin & 1) == 0;
}

constexpr bool may_switch_pump(Chip chip, int pin) noexcept {
  return may_be_wired(chip, pin) && (restless_pins(chip) >> pin & 1) == 0;
}

}  // namespace pourtocol::board
