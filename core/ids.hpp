// The names things go by. Each is a type of its own with one way in, `parse`, which refuses what is
// not well formed; so whoever holds one need not check it again.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/fixed_text.hpp"

namespace pourtocol {

namespace detail {

[[nodiscard]] constexpr bool is_ascii_alphanumeric(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// A non-empty text of letters, digits and the characters in `Rules::punctuation`.
template <class Rules>
class Name {
 public:
  static constexpr std::size_t length_max = Rules::length_max;

  /// The empty name. It stands for "none" and is never what `parse` returns.
  constexpr Name() noexcept = default;

  [[nodiscard]] static constexpr std::optional<Name> parse(std::string_view text) noexcept {
    if (text.empty()) return std::nullopt;
    for (const char c : text) {
      if (!is_ascii_alphanumeric(c) && Rules::punctuation.find(c) == std::string_view::npos) {
        return std::nullopt;
      }
    }
    const auto stored = FixedText<length_max>::from(text);
    if (!stored) return std::nullopt;
    Name name;
    name.text_ = *stored;
    return name;
  }

  [[nodiscard]] constexpr std::string_view view() const noexcept { return text_.view(); }
  [[nodiscard]] constexpr bool empty() const noexcept { return text_.empty(); }

  friend constexpr bool operator==(const Name&, const Name&) noexcept = default;
  friend constexpr auto operator<=>(const Name&, const Name&) noexcept = default;

 private:
  FixedText<length_max> text_;
};

struct RequestIdRules {
  static constexpr std::size_t length_max = 64;
  static constexpr std::string_view punctuation = "-_.:";
};
struct TapNameRules {
  static constexpr std::size_t length_max = 32;
  static constexpr std::string_view punctuation = "-_";
};

}  // namespace detail

/// Names one wish to pour, for ever: the guest's idempotency key, the id in the log, and the id the
/// dispenser remembers. 1 to 64 of letters, digits and `-_.:` (a UUID fits).
using RequestId = detail::Name<detail::RequestIdRules>;

/// Names one tap, in URLs and in the configuration. 1 to 32 of letters, digits and `-_`.
using TapName = detail::Name<detail::TapNameRules>;

/// Who pours: what a badge's QR or tag says. Any printable UTF-8 of 1 to 128 bytes; control
/// characters are refused by whoever takes it in. Empty stands for "not given".
using UserToken = FixedText<128>;

/// Which count of time an `Instant` is of: one that began with a boot of this computer, and goes on
/// while it sleeps and over restarts of the server. Empty: not known.
using ClockId = FixedText<36>;

namespace detail {

/// 64 bits that tell one thing of its kind from all others, written as 16 lower-case hexadecimal
/// digits. `Kind` keeps the kinds apart.
template <class Kind>
class HexId {
 public:
  static constexpr std::size_t text_length = 16;

  constexpr HexId() noexcept = default;
  constexpr explicit HexId(std::uint64_t bits) noexcept : bits_{bits} {}

  [[nodiscard]] static constexpr std::optional<HexId> parse(std::string_view text) noexcept {
    if (text.size() != text_length) return std::nullopt;
    std::uint64_t bits = 0;
    for (const char c : text) {
      std::uint64_t digit = 0;
      if (c >= '0' && c <= '9') {
        digit = static_cast<std::uint64_t>(c - '0');
      } else if (c >= 'a' && c <= 'f') {
        digit = static_cast<std::uint64_t>(c - 'a') + 10;
      } else {
        return std::nullopt;
      }
      bits = bits << 4 | digit;
    }
    return HexId{bits};
  }

  [[nodiscard]] constexpr std::array<char, text_length> text() const noexcept {
    std::array<char, text_length> result{};
    for (std::size_t i = 0; i < text_length; ++i) {
      result[i] = "0123456789abcdef"[bits_ >> (4 * (text_length - 1 - i)) & 0xF];
    }
    return result;
  }
  [[nodiscard]] constexpr std::uint64_t bits() const noexcept { return bits_; }

  friend constexpr auto operator<=>(HexId, HexId) noexcept = default;

 private:
  std::uint64_t bits_ = 0;
};

struct OneBoot;
struct OneMachine;

}  // namespace detail

/// 64 random bits a dispenser draws at each boot: two statuses with one id come from one boot.
using BootId = detail::HexId<detail::OneBoot>;

/// Tells one machine from every other, for as long as its board lives: over reboots, and also when
/// its flash is lost.
using MachineId = detail::HexId<detail::OneMachine>;

}  // namespace pourtocol

template <class Rules>
struct std::hash<pourtocol::detail::Name<Rules>> {
  std::size_t operator()(const pourtocol::detail::Name<Rules>& name) const noexcept {
    return std::hash<std::string_view>{}(name.view());
  }
};
