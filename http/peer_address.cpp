#include "http/peer_address.hpp"

#include <algorithm>
#include <cstddef>

namespace pourtocol::http {

namespace ip = boost::asio::ip;

namespace {

constexpr std::ptrdiff_t network_bytes = 8;

/// Without IPv6's clothes.
ip::address plain(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  }
  return address;
}

}  // namespace

std::uint64_t address_key_of(const ip::address& address) {
  const ip::address one = plain(address);
  // No network of IPv6 begins with sixteen zeros and sixteen ones.
  if (one.is_v4()) return 0xffff'0000'0000U | one.to_v4().to_uint();
  const auto bytes = one.to_v6().to_bytes();
  std::uint64_t network = 0;
  for (std::size_t i = 0; i < network_bytes; ++i) network = network << 8 | bytes[i];
  return network;
}

std::string text_of(const ip::address& address) {
  const ip::address one = plain(address);
  if (one.is_v4()) return one.to_string();
  auto bytes = one.to_v6().to_bytes();
  std::fill(bytes.begin() + network_bytes, bytes.end(), std::uint8_t{0});
  return ip::make_address_v6(bytes).to_string() + "/64";
}

}  // namespace pourtocol::http
