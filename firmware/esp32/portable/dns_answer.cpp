#include "firmware/esp32/portable/dns_answer.hpp"

#include <algorithm>
#include <optional>

namespace pourtocol::board {

namespace {

// RFC 1035, 4.1.1: id, flags, and four counts, of two bytes each.
constexpr std::size_t header_bytes = 12;
constexpr std::size_t name_bytes_max = 255;
constexpr std::uint8_t label_bytes_max = 63;
constexpr std::uint16_t type_a = 1;
constexpr std::uint16_t class_in = 1;
constexpr std::uint8_t seconds_to_live = 30;

std::uint16_t word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

/// Where the question that begins after the header ends; nothing if it is not a whole one.
std::optional<std::size_t> end_of_question(std::span<const std::uint8_t> query) {
  std::size_t at = header_bytes;
  while (at < query.size() && query[at] != 0) {
    if (query[at] > label_bytes_max) return std::nullopt;
    at += std::size_t{1} + query[at];
    if (at - header_bytes > name_bytes_max) return std::nullopt;
  }
  const std::size_t end = at + 1 + 4;  // the empty label, type and class
  if (end > query.size()) return std::nullopt;
  return end;
}

}  // namespace

std::size_t answer_dns(std::span<const std::uint8_t> query, std::array<std::uint8_t, 4> address,
                       std::span<std::uint8_t> answer) noexcept {
  if (query.size() < header_bytes) return 0;
  const bool plain_query = (query[2] & 0xF8) == 0;  // neither an answer nor another opcode
  if (!plain_query || word_at(query, 4) != 1) return 0;
  const auto end = end_of_question(query);
  if (!end || *end + dns_answer_bytes_more > answer.size()) return 0;
  const bool asks_address =
      word_at(query, *end - 4) == type_a && word_at(query, *end - 2) == class_in;

  std::ranges::copy(query.first(*end), answer.begin());
  answer[2] = static_cast<std::uint8_t>(0x84 | (query[2] & 0x01));  // an answer, by authority
  answer[3] = 0;
  answer[7] = asks_address ? 1 : 0;
  std::fill(answer.begin() + 8, answer.begin() + header_bytes, std::uint8_t{0});
  answer[6] = 0;
  if (!asks_address) return *end;
  const std::array<std::uint8_t, dns_answer_bytes_more> record{
      0xC0, header_bytes,    0, type_a, 0,          class_in,   0,          0,
      0,    seconds_to_live, 0, 4,      address[0], address[1], address[2], address[3]};
  std::ranges::copy(record, answer.begin() + static_cast<std::ptrdiff_t>(*end));
  return *end + record.size();
}

}  // namespace pourtocol::board
