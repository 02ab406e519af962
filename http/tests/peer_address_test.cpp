#include "http/peer_address.hpp"

#include <gtest/gtest.h>

namespace pourtocol::http {
namespace {

using boost::asio::ip::make_address;

bool are_one(const char* a, const char* b) {
  const bool same_key = address_key_of(make_address(a)) == address_key_of(make_address(b));
  EXPECT_EQ(text_of(make_address(a)) == text_of(make_address(b)), same_key) << a << " " << b;
  return same_key;
}

TEST(PeerAddress, TakesTheNetworkOfAnIpv6HostForOne) {
  EXPECT_TRUE(are_one("2001:db8:1:2::7", "2001:db8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_FALSE(are_one("2001:db8:1:2::7", "2001:db8:1:3::7"));
  EXPECT_EQ(text_of(make_address("2001:db8:1:2:a:b:c:d")), "2001:db8:1:2::/64");
}

TEST(PeerAddress, TakesEachIpv4AddressForOne) {
  EXPECT_FALSE(are_one("192.168.1.7", "192.168.1.8"));
  EXPECT_TRUE(are_one("192.168.1.7", "::ffff:192.168.1.7"));
  EXPECT_FALSE(are_one("192.168.1.7", "::1"));
  EXPECT_EQ(text_of(make_address("::ffff:192.168.1.7")), "192.168.1.7");
}

}  // namespace
}  // namespace pourtocol::http
