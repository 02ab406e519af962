#include "core/ids.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pourtocol {
namespace {

TEST(RequestId, TakesUuidsAndPlainKeys) {
  EXPECT_TRUE(RequestId::parse("0b8e3f6c-8a53-4f4e-9a3e-5d8f0b1c2d3e"));
  EXPECT_TRUE(RequestId::parse("phone-7:press.1_a"));
  EXPECT_TRUE(RequestId::parse(std::string(64, 'a')));
}

TEST(RequestId, RefusesWhatCouldBreakALineAUrlOrAQuery) {
  for (const char* bad : {"", "a b", "a/b", "a\n", "a'b", "a\"b", "é", "a%20"}) {
    EXPECT_FALSE(RequestId::parse(bad)) << bad;
  }
  EXPECT_FALSE(RequestId::parse(std::string(65, 'a')));
}

TEST(BootId, ReadsWhatItWrites) {
  for (const std::uint64_t bits : {0ULL, 1ULL, 0xdeadbeef00c0ffeeULL, ~0ULL}) {
    const auto text = BootId{bits}.text();
    EXPECT_EQ(BootId::parse({text.data(), text.size()}), BootId{bits});
  }
}

TEST(BootId, RefusesOtherSpellings) {
  for (const char* bad : {"", "0", "DEADBEEF00C0FFEE", "0x00000000000000", "00000000000000000"}) {
    EXPECT_FALSE(BootId::parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace pourtocol
