// What a person has set on a board.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/fixed_text.hpp"
#include "firmware/core/config.hpp"

namespace pourtocol::board {

using Ssid = FixedText<32>;
using Passphrase = FixedText<64>;

/// A key with which messages are signed (HMAC-SHA-256). Empty: none is set.
struct Key {
  static constexpr std::size_t bytes_max = 64;
  std::array<std::uint8_t, bytes_max> bytes{};
  std::size_t size = 0;
  [[nodiscard]] bool empty() const noexcept { return size == 0; }
};

struct Settings {
  firmware::Config config;
  Ssid ssid;  ///< empty: not set up yet
  Passphrase passphrase;
  Key key;                           ///< a server's, of orders; empty: they need no signature
  Key update_key;                    ///< a maker's; empty: no update is taken over the network
  bool confirm_calibration = false;  ///< as it is; asked for on the setup page, at the machine
  bool open_portal = false;          ///< somebody asked for the setup page; holds for one boot
};

}  // namespace pourtocol::board
