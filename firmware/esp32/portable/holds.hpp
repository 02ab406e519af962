// Who keeps the machine out of service just now.
#pragma once

#include <cstdint>

namespace pourtocol::board {

/// What must not happen while something pours, or beside a pour.
enum class Holder : std::uint8_t {
  no_guard,  ///< the pump has no guard to rely on: for as long as the machine runs
  button,    ///< a restart for setup
  trial,     ///< the verdict on a new firmware
  radio,     ///< the record of how the radio started
  setup,     ///< new settings, or the end of setting up
  update,    ///< an image that comes in
};

/// Each holder holds or does not. Twice is once: whoever was not told in time that it holds asks
/// again, or lets go, and leaves nothing behind.
class Holds {
 public:
  void hold(Holder holder) noexcept { holders_ |= bit(holder); }
  void release(Holder holder) noexcept { holders_ &= ~bit(holder); }
  [[nodiscard]] bool any() const noexcept { return holders_ != 0; }

 private:
  static constexpr std::uint32_t bit(Holder holder) noexcept {
    return std::uint32_t{1} << static_cast<unsigned>(holder);
  }
  std::uint32_t holders_ = 0;
};

}  // namespace pourtocol::board
