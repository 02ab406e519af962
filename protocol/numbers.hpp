// Numbers as they stand in JSON, read and written without floating point: 29.8 ml is exactly 29,800
// µl on both ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pourtocol::protocol::detail {

/// "30" → 30. Nothing for signs, fractions, exponents, or more than 64 bits.
[[nodiscard]] std::optional<std::uint64_t> read_whole(std::string_view text) noexcept;

/// "29.8" → 29,800. Nothing for signs, exponents, more than three decimals, or more than fits.
[[nodiscard]] std::optional<std::int64_t> read_thousandths(std::string_view text) noexcept;

/// A number in decimals, e.g. "29.8" for 29,800 thousandths: no trailing zeros, no exponent.
class Thousandths {
 public:
  explicit Thousandths(std::int64_t count) noexcept;
  [[nodiscard]] std::string_view view() const noexcept { return {text_, size_}; }

 private:
  char text_[24];  // sign, 16 digits, point, 3 digits
  std::size_t size_ = 0;
};

/// The beginning of `text` that fits `bytes_max` without cutting a UTF-8 character in two.
[[nodiscard]] std::string_view cut_at_character(std::string_view text,
                                                std::size_t bytes_max) noexcept;

}  // namespace pourtocol::protocol::detail
