// Where a dispenser is: the URL in the configuration, taken apart once.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace pourtocol::esp32 {

/// `http://host[:port][/prefix]`. The host is a name, an IPv4 address, or an IPv6 address in
/// brackets.
struct DeviceUrl {
  std::string host;  ///< without brackets: "esp32.local", "192.168.4.1", "fe80::1"
  std::uint16_t port = 80;
  std::string prefix;       ///< "" or "/bar/left": stands before "/status"
  bool is_address = false;  ///< `host` is an address and needs no resolving

  /// What goes into the Host field: with brackets and, unless it is 80, the port.
  [[nodiscard]] std::string host_field() const;

  /// The same for two URLs that lead to the same place by their spelling alone, however they are
  /// spelt: case, a dot at the end of a name, the usual port, the forms of an IPv6 address.
  [[nodiscard]] std::string place() const;

  /// On failure a sentence, without its full stop, that says what is wrong with `text` and what
  /// would be right.
  [[nodiscard]] static std::expected<DeviceUrl, std::string> parse(std::string_view text);

  friend bool operator==(const DeviceUrl&, const DeviceUrl&) = default;
};

/// How `scheme://host...` is meant whose host is an IPv6 address without the brackets it needs:
/// "http://[::1]:5000" for "http://::1:5000". Where the last group may as well be a part of the
/// address, both are named. Empty if there is no such address in it.
[[nodiscard]] std::string in_brackets(std::string_view url);

}  // namespace pourtocol::esp32
