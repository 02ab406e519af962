#include "backend/esp32/device_url.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>

namespace pourtocol::esp32 {

namespace {

using Problem = std::unexpected<std::string>;
namespace ip = boost::asio::ip;

constexpr std::size_t host_length_max = 253;
constexpr std::string_view right_form =
    "it should look like http://esp32.local or "
    "http://192.168.4.1:8080";

Problem problem(std::string_view url, std::string_view what) {
  return Problem{fmt::format("\"{}\" is not a device's address: {}", url, what)};
}

/// Takes `prefix`, in any case, off the front of `text`.
bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  if (!std::equal(prefix.begin(), prefix.end(), text.begin(),
                  [&same](char want, char have) { return same(have, want); })) {
    return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

bool is_name(std::string_view host) {
  return !host.empty() && host.size() <= host_length_max &&
         std::ranges::all_of(host, [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
         });
}

/// An IPv6 address with an optional zone, which a URL writes as %25: "fe80::1%25eth0".
std::string without_escaped_zone(std::string_view host) {
  std::string plain{host};
  if (const auto at = plain.find("%25"); at != std::string::npos) plain.erase(at + 1, 2);
  return plain;
}

bool is_address(const std::string& host) {
  boost::system::error_code error;
  (void)ip::make_address(host, error);
  return !error;
}

std::expected<std::uint16_t, std::string> parse_port(std::string_view text, std::string_view url) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
    return problem(url, "its port is not a number from 1 to 65535");
  }
  return port;
}

bool is_ipv6(std::string_view text) {
  return text.find(':') != std::string_view::npos && is_address(without_escaped_zone(text));
}

/// Splits "host:port" or "[v6]:port" and fills `device`.
std::expected<void, std::string> parse_authority(std::string_view authority, std::string_view url,
                                                 DeviceUrl& device) {
  if (authority.find('@') != std::string_view::npos) {
    return problem(url, "a user name and password are not supported");
  }
  std::string_view rest;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return problem(url, "a ']' is missing");
    device.host = without_escaped_zone(authority.substr(1, end - 1));
    device.is_address = is_ipv6(device.host);
    if (!device.is_address) return problem(url, "there is no IPv6 address in the brackets");
    rest = authority.substr(end + 1);
  } else {
    const auto end = std::min(authority.find(':'), authority.size());
    device.host = authority.substr(0, end);
    rest = authority.substr(end);
    if (rest.find(':', 1) != std::string_view::npos) {
      const auto right = in_brackets(url);
      return problem(url, right.empty() ? "its host is not a name or an address"
                                        : "an IPv6 address goes into brackets: " + right);
    }
    if (device.host.empty()) return problem(url, "the host is missing");
    if (!is_name(device.host)) return problem(url, "its host is not a name or an address");
    device.is_address = is_address(device.host);
    const bool looks_like_address =
        device.host.find_first_not_of("0123456789.") == std::string::npos;
    if (looks_like_address && !device.is_address) {
      return problem(url, "its host is not an IPv4 address");
    }
  }
  if (rest.empty()) return {};
  if (!rest.starts_with(':')) return problem(url, "only a port may follow the host");
  const auto port = parse_port(rest.substr(1), url);
  if (!port) return Problem{port.error()};
  device.port = *port;
  return {};
}

}  // namespace

std::expected<DeviceUrl, std::string> DeviceUrl::parse(std::string_view text) {
  std::string_view rest = text;
  if (take_prefix(rest, "https://")) {
    return problem(text, "https is not supported, dispensers speak plain http");
  }
  if (!take_prefix(rest, "http://")) return problem(text, right_form);
  const bool visible =
      std::ranges::all_of(rest, [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (!visible) return problem(text, "there are characters in it that no URL has");
  if (rest.find_first_of("?#") != std::string_view::npos) {
    return problem(text, "a '?' or '#' has no meaning in it");
  }

  DeviceUrl device;
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto authority = parse_authority(rest.substr(0, slash), text, device);
  if (!authority) return Problem{authority.error()};
  device.prefix = rest.substr(slash);
  while (device.prefix.ends_with('/')) device.prefix.pop_back();
  return device;
}

std::string in_brackets(std::string_view url) {
  const auto scheme = std::min(url.find("://"), url.size());
  if (scheme == url.size()) return {};
  const std::string_view start = url.substr(0, scheme + 3);
  std::string_view authority = url.substr(start.size());
  const std::string_view path = authority.substr(std::min(authority.find('/'), authority.size()));
  authority.remove_suffix(path.size());
  const auto colon = authority.rfind(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view host = authority.substr(0, colon);
  std::string right;
  if (is_ipv6(host) && parse_port(authority.substr(colon + 1), url)) {
    right = fmt::format("{}[{}]{}{}", start, host, authority.substr(colon), path);
  }
  if (is_ipv6(authority)) {
    right += fmt::format("{}{}[{}]{}", right.empty() ? "" : " (or, if all of it is the address, ",
                         start, authority, path) +
             (right.empty() ? "" : ")");
  }
  return right;
}

std::string DeviceUrl::host_field() const {
  std::string field{host};
  if (host.find(':') != std::string::npos) {
    field = fmt::format("[{}]", host.substr(0, host.find('%')));  // a zone means nothing over there
  }
  if (port != 80) field += fmt::format(":{}", port);
  return field;
}

std::string DeviceUrl::place() const {
  std::string name = host;
  boost::system::error_code error;
  auto address = ip::make_address(host, error);
  if (!error) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
      address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
    }
    name = address.to_string();
  } else {
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (name.ends_with('.')) name.pop_back();
  }
  return fmt::format("[{}]:{}{}", name, port, prefix);
}

}  // namespace pourtocol::esp32
