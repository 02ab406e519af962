#include "protocol/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace pourtocol::protocol::detail {

namespace {

constexpr std::size_t decimals_max = 3;

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

}  // namespace

std::optional<std::uint64_t> read_whole(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> read_thousandths(std::string_view text) noexcept {
  // `substr` would bring in the library's exceptions, which a board does not link.
  const std::size_t point = std::min(text.find('.'), text.size());
  const auto whole = read_whole({text.data(), point});
  if (!whole) return std::nullopt;

  std::uint64_t thousandths = 0;
  if (point < text.size()) {
    const std::string_view decimals{text.data() + point + 1, text.size() - point - 1};
    if (decimals.empty() || decimals.size() > decimals_max) return std::nullopt;
    for (std::size_t i = 0; i < decimals_max; ++i) {
      const char digit = i < decimals.size() ? decimals[i] : '0';
      if (!is_digit(digit)) return std::nullopt;
      thousandths = thousandths * 10 + static_cast<std::uint64_t>(digit - '0');
    }
  }
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (*whole > (most - thousandths) / 1000) return std::nullopt;
  return static_cast<std::int64_t>(*whole * 1000 + thousandths);
}

Thousandths::Thousandths(std::int64_t count) noexcept {
  // Unsigned, so that the most negative number has a magnitude too.
  auto magnitude = static_cast<std::uint64_t>(count);
  char* end = text_;
  if (count < 0) {
    magnitude = 0 - magnitude;
    *end++ = '-';
  }
  unsigned decimals = 0;
  // Nearly all are: where 64 bits are divided by a function, as on a board, this is much faster.
  if (magnitude <= std::numeric_limits<std::uint32_t>::max()) {
    const auto small = static_cast<std::uint32_t>(magnitude);
    end = std::to_chars(end, text_ + sizeof(text_), small / 1000).ptr;
    decimals = small % 1000;
  } else {
    end = std::to_chars(end, text_ + sizeof(text_), magnitude / 1000).ptr;
    decimals = static_cast<unsigned>(magnitude % 1000);
  }
  if (decimals != 0) {
    *end++ = '.';
    for (unsigned place = 100; decimals != 0; place /= 10) {
      *end++ = static_cast<char>('0' + decimals / place);
      decimals %= place;
    }
  }
  size_ = static_cast<std::size_t>(end - text_);
}

std::string_view cut_at_character(std::string_view text, std::size_t bytes_max) noexcept {
  if (text.size() <= bytes_max) return text;
  std::size_t size = bytes_max;
  const auto is_continuation = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
  };
  while (size > 0 && is_continuation(text[size])) --size;
  return {text.data(), size};
}

}  // namespace pourtocol::protocol::detail
