// Who is one client to the limits: an IPv4 address, or the /64 in which an IPv6 host picks its
// addresses as it likes. Not for includers outside this room.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <string>

namespace pourtocol::http {

/// The same number for what counts as one. An IPv4 address in IPv6's clothes is that address.
[[nodiscard]] std::uint64_t address_key_of(const boost::asio::ip::address& address);

/// The same in words, as `Request::client_address` has it.
[[nodiscard]] std::string text_of(const boost::asio::ip::address& address);

}  // namespace pourtocol::http
