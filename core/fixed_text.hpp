// Text of bounded length that never touches the heap, so that the same types serve a server and a
// board with 300 kB of memory.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace pourtocol {

/// Up to `Capacity` bytes of text, by value. Not NUL-terminated: use `view()`.
template <std::size_t Capacity>
class FixedText {
  static_assert(Capacity <= 255);

 public:
  static constexpr std::size_t capacity = Capacity;

  constexpr FixedText() noexcept = default;

  /// Nothing if `text` is longer than the capacity: text is never cut silently.
  [[nodiscard]] static constexpr std::optional<FixedText> from(std::string_view text) noexcept {
    if (text.size() > Capacity) return std::nullopt;
    return truncated(text);
  }

  /// The first `Capacity` bytes of `text`. For diagnostics, where a cut text beats none.
  [[nodiscard]] static constexpr FixedText truncated(std::string_view text) noexcept {
    FixedText result;
    result.size_ = static_cast<std::uint8_t>(std::min(text.size(), Capacity));
    std::copy_n(text.begin(), result.size_, result.bytes_.begin());
    return result;
  }

  [[nodiscard]] constexpr std::string_view view() const noexcept { return {bytes_.data(), size_}; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }

  friend constexpr bool operator==(const FixedText& a, const FixedText& b) noexcept {
    return a.view() == b.view();
  }
  friend constexpr auto operator<=>(const FixedText& a, const FixedText& b) noexcept {
    return a.view() <=> b.view();
  }

 private:
  std::array<char, Capacity> bytes_{};
  std::uint8_t size_ = 0;
};

}  // namespace pourtocol

template <std::size_t Capacity>
struct std::hash<pourtocol::FixedText<Capacity>> {
  std::size_t operator()(const pourtocol::FixedText<Capacity>& text) const noexcept {
    return std::hash<std::string_view>{}(text.view());
  }
};
