// UTF-8 as it comes from outside: checked on the way in, repaired on the way out. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace pourtocol::routes {

/// Well-formed UTF-8 by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// Well-formed and without control characters (C0, DEL, C1), so that it can be shown on one line.
[[nodiscard]] bool is_printable_utf8(std::string_view text) noexcept;

/// Whether anything of it can be seen: not spaces and ignorable signs (zero width, joiners,
/// fillers, tags …) only, nor the empty Braille pattern. `text` must be well formed.
[[nodiscard]] bool has_visible_sign(std::string_view text) noexcept;

/// `text` with U+FFFD in place of every byte that is not part of a well-formed sequence.
[[nodiscard]] std::string repaired_utf8(std::string_view text);

/// `text` as it can be shown on one line: U+FFFD also in place of every control character.
[[nodiscard]] std::string printable_utf8(std::string_view text);

}  // namespace pourtocol::routes
