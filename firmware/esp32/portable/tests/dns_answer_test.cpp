#include "firmware/esp32/portable/dns_answer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pourtocol::board {
namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::array<std::uint8_t, 4> address{192, 168, 4, 1};

/// "connectivitycheck.example" as one question of `type`, with recursion desired.
Bytes query(std::uint8_t type) {
  Bytes bytes{0xAB, 0xCD, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0};
  for (const std::string label : {"connectivitycheck", "example"}) {
    bytes.push_back(static_cast<std::uint8_t>(label.size()));
    bytes.insert(bytes.end(), label.begin(), label.end());
  }
  bytes.insert(bytes.end(), {0, 0, type, 0, 1});
  return bytes;
}

Bytes answer_to(const Bytes& asked, std::size_t room = 600) {
  Bytes answer(room, 0x55);
  answer.resize(answer_dns(asked, address, answer));
  return answer;
}

TEST(DnsAnswer, GivesTheOneAddress) {
  Bytes expected = query(1);
  expected[2] = 0x85;
  expected[7] = 1;
  expected.insert(expected.end(), {0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 192, 168, 4, 1});
  EXPECT_EQ(answer_to(query(1)), expected);
}

TEST(DnsAnswer, HasNoRecordOfAnotherType) {
  constexpr std::uint8_t type_aaaa = 28;
  Bytes expected = query(type_aaaa);
  expected[2] = 0x85;
  EXPECT_EQ(answer_to(query(type_aaaa)), expected);
}

TEST(DnsAnswer, LeavesOutWhatFollowsTheQuestion) {
  Bytes with_options = query(1);
  with_options[11] = 1;  // one additional record
  with_options.insert(with_options.end(), {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0});
  const Bytes answer = answer_to(with_options);
  EXPECT_EQ(answer, answer_to(query(1)));
}

TEST(DnsAnswer, IsSilentAboutWhatIsNoWholeQuestion) {
  const Bytes whole = query(1);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_TRUE(
        answer_to({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)}).empty())
        << length;
  }
}

TEST(DnsAnswer, IsSilentAboutAnswersOtherOpcodesAndCrowds) {
  Bytes bytes = query(1);
  bytes[2] = 0x80;
  EXPECT_TRUE(answer_to(bytes).empty());
  bytes[2] = 0x08;
  EXPECT_TRUE(answer_to(bytes).empty());
  bytes = query(1);
  bytes[5] = 2;
  EXPECT_TRUE(answer_to(bytes).empty());
}

TEST(DnsAnswer, FollowsNoPointer) {
  Bytes bytes = query(1);
  bytes[12] = 0xC0;
  EXPECT_TRUE(answer_to(bytes).empty());
}

TEST(DnsAnswer, NeverWritesBeyondItsRoom) {
  const std::size_t needed = query(1).size() + dns_answer_bytes_more;
  EXPECT_EQ(answer_to(query(1), needed).size(), needed);
  EXPECT_TRUE(answer_to(query(1), needed - 1).empty());
}

}  // namespace
}  // namespace pourtocol::board
