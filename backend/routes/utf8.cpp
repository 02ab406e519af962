#include "backend/routes/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace pourtocol::routes {

namespace {

/// The sequence `text` begins with.
struct Sequence {
  std::size_t size = 0;  // 0: not well formed
  std::uint32_t code_point = 0;
};

[[nodiscard]] Sequence first_sequence(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, lead};
  std::size_t size = 0;
  std::uint32_t code_point = 0;
  std::uint32_t smallest = 0;
  if ((lead & 0xE0) == 0xC0) {
    size = 2, code_point = lead & 0x1FU, smallest = 0x80;
  } else if ((lead & 0xF0) == 0xE0) {
    size = 3, code_point = lead & 0x0FU, smallest = 0x800;
  } else if ((lead & 0xF8) == 0xF0) {
    size = 4, code_point = lead & 0x07U, smallest = 0x10000;
  } else {
    return {};
  }
  if (text.size() < size) return {};
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code_point = code_point << 6 | (byte(i) & 0x3FU);
  }
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < smallest || code_point > 0x10FFFF || surrogate) return {};
  return {size, code_point};
}

[[nodiscard]] bool is_control(std::uint32_t code_point) noexcept {
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
}

struct CodePoints {
  std::uint32_t first;
  std::uint32_t last;
};
/// Unicode's White_Space and Default_Ignorable_Code_Point (PropList.txt, DerivedCoreProperties.txt
/// of version 15), and the Braille pattern without a dot.
constexpr std::array<CodePoints, 24> invisible{
    {{0x0009, 0x000D}, {0x0020, 0x0020},   {0x0085, 0x0085},   {0x00A0, 0x00A0},  {0x00AD, 0x00AD},
     {0x034F, 0x034F}, {0x061C, 0x061C},   {0x115F, 0x1160},   {0x1680, 0x1680},  {0x17B4, 0x17B5},
     {0x180B, 0x180F}, {0x2000, 0x200F},   {0x2028, 0x202F},   {0x205F, 0x206F},  {0x2800, 0x2800},
     {0x3000, 0x3000}, {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},  {0xFFA0, 0xFFA0},
     {0xFFF0, 0xFFF8}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}}};

[[nodiscard]] bool is_invisible(std::uint32_t code_point) noexcept {
  return std::any_of(invisible.begin(), invisible.end(), [&](const CodePoints& range) {
    return code_point >= range.first && code_point <= range.last;
  });
}

/// `text` with U+FFFD in place of every sequence that is not wanted.
template <class Wanted>
[[nodiscard]] std::string kept(std::string_view text, Wanted wanted) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const Sequence sequence = first_sequence(text);
    const std::size_t size = std::max<std::size_t>(sequence.size, 1);
    result += wanted(sequence) ? text.substr(0, size) : std::string_view{"\xEF\xBF\xBD"};
    text.remove_prefix(size);
  }
  return result;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const Sequence sequence = first_sequence(text);
    if (sequence.size == 0) return false;
    text.remove_prefix(sequence.size);
  }
  return true;
}

bool is_printable_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const Sequence sequence = first_sequence(text);
    if (sequence.size == 0 || is_control(sequence.code_point)) return false;
    text.remove_prefix(sequence.size);
  }
  return true;
}

bool has_visible_sign(std::string_view text) noexcept {
  while (!text.empty()) {
    const Sequence sequence = first_sequence(text);
    if (sequence.size == 0) return false;
    if (!is_invisible(sequence.code_point)) return true;
    text.remove_prefix(sequence.size);
  }
  return false;
}

std::string repaired_utf8(std::string_view text) {
  return kept(text, [](const Sequence& sequence) { return sequence.size > 0; });
}

std::string printable_utf8(std::string_view text) {
  return kept(text, [](const Sequence& sequence) {
    return sequence.size > 0 && !is_control(sequence.code_point);
  });
}

}  // namespace pourtocol::routes
