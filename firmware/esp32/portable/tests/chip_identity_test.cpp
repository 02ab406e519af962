#include <gtest/gtest.h>

#include <string_view>

#include "firmware/esp32/portable/chip_identity.hpp"

namespace pourtocol::board {
namespace {

TEST(ChipIdentity, ReadsLikeTheChipsAddress) {
  const auto text = machine_id_of({0x24, 0x0a, 0xc4, 0x12, 0x34, 0x56}).text();
  EXPECT_EQ((std::string_view{text.data(), text.size()}), "0000240ac4123456");
}

TEST(ChipIdentity, DiffersWhereverTheAddressDoes) {
  const std::array<std::uint8_t, 6> one{0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa};
  for (std::size_t i = 0; i < one.size(); ++i) {
    auto other = one;
    other[i] ^= 0x80;
    EXPECT_NE(machine_id_of(one), machine_id_of(other)) << i;
  }
}

}  // namespace
}  // namespace pourtocol::board
