#include "firmware/esp32/portable/form.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "core/assert.hpp"

namespace pourtocol::board {

namespace {

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::expected<std::string_view, FormFault> decode(std::string_view text, std::span<char> space) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+') c = ' ';
    if (c == '%') {
      if (i + 2 >= text.size()) return std::unexpected(FormFault::malformed);
      const auto high = hex_digit(text[i + 1]);
      const auto low = hex_digit(text[i + 2]);
      if (!high || !low) return std::unexpected(FormFault::malformed);
      c = static_cast<char>(*high << 4 | *low);
      i += 2;
    }
    if (length == space.size()) return std::unexpected(FormFault::too_long);
    space[length++] = c;
  }
  return std::string_view{space.data(), length};
}

std::string_view escape_of(const char& c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {&c, 1};
  }
}

}  // namespace

std::expected<std::string_view, FormFault> form_value(std::string_view form, std::string_view name,
                                                      std::span<char> space) noexcept {
  while (!form.empty()) {
    const std::string_view field = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(field.size() + 1, form.size()));
    const std::size_t equals = field.find('=');
    if (field.substr(0, equals) != name) continue;
    if (equals == std::string_view::npos) return std::string_view{};
    return decode(field.substr(equals + 1), space);
  }
  return std::unexpected(FormFault::missing);
}

std::string_view html_escaped(std::string_view text, std::span<char> space) noexcept {
  std::size_t length = 0;
  for (const char& c : text) {
    const std::string_view escaped = escape_of(c);
    POURTOCOL_ASSERT(length + escaped.size() <= space.size());
    std::ranges::copy(escaped, space.begin() + static_cast<std::ptrdiff_t>(length));
    length += escaped.size();
  }
  return {space.data(), length};
}

}  // namespace pourtocol::board
