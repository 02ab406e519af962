// Whose request for a change of the status may be held: there is room for few.
#pragma once

#include <cstddef>

namespace pourtocol::board {

/// Whether one more request from `address` may be held where there is room for `places`. `holding`:
/// the addresses of those that are. No address has more than half of the room, and the last place
/// is for one that has none: whoever takes what he can leaves the server its own.
template <class Addresses, class Address>
[[nodiscard]] constexpr bool may_be_held(Addresses&& holding, const Address& address,
                                         std::size_t places) {
  std::size_t taken = 0;
  std::size_t its_own = 0;
  for (const auto& each : holding) {
    ++taken;
    if (each == address) ++its_own;
  }
  if (taken >= places || its_own >= places / 2) return false;
  return taken + 1 < places || its_own == 0;
}

}  // namespace pourtocol::board
