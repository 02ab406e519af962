// Forms as a browser sends them (application/x-www-form-urlencoded), and texts on their way into a
// page.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

namespace pourtocol::board {

enum class FormFault : std::uint8_t {
  missing,    ///< no field of that name
  malformed,  ///< a % without two digits
  too_long,   ///< more than there is room for
};

/// The value of the first field `name`, decoded into `space`, of which the result is a part. An
/// empty value is one.
[[nodiscard]] std::expected<std::string_view, FormFault> form_value(std::string_view form,
                                                                    std::string_view name,
                                                                    std::span<char> space) noexcept;

/// `text` such that it means itself in an HTML attribute or element, in `space`, which must be six
/// times as long as the text.
[[nodiscard]] std::string_view html_escaped(std::string_view text, std::span<char> space) noexcept;

}  // namespace pourtocol::board
