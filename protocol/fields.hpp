// How the decoders read one field: a value becomes what it should be, or a phrase that completes
// the sentence "<field> …".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "protocol/json_reader.hpp"
#include "protocol/names.hpp"
#include "protocol/numbers.hpp"

namespace pourtocol::protocol::detail {

/// What was read, or what is wrong with it: "must be true or false".
template <class T>
using Read = std::expected<T, std::string_view>;

[[nodiscard]] Read<bool> as_bool(const Value& value) noexcept;
[[nodiscard]] Read<RequestId> as_request_id(const Value& value) noexcept;
[[nodiscard]] Read<BootId> as_boot_id(const Value& value) noexcept;
/// Nothing if it is not written as one: then the device does not say which machine it is.
[[nodiscard]] std::optional<MachineId> as_machine_id(const Value& value) noexcept;
/// 1..60, the cap of one order.
[[nodiscard]] Read<Millilitres> as_amount(const Value& value) noexcept;
/// 0..200: of whatever the pump ran for. What has no amount has 0.
[[nodiscard]] Read<Millilitres> as_requested(const Value& value) noexcept;
/// 1..200, of a service run.
[[nodiscard]] Read<Millilitres> as_service_amount(const Value& value) noexcept;
/// A whole number in [0, most].
[[nodiscard]] Read<std::uint64_t> as_whole(const Value& value, std::uint64_t most) noexcept;
/// A number of at most three decimals, in thousandths, in [0, most].
[[nodiscard]] Read<std::int64_t> as_thousandths(const Value& value, std::int64_t most) noexcept;

/// The same, with a sign, in [-most, most].
[[nodiscard]] Read<std::int64_t> as_signed_thousandths(const Value& value,
                                                       std::int64_t most) noexcept;
/// A number of per cent with at most two decimals, in [-`share_max`, `share_max`].
[[nodiscard]] Read<Share> as_share(const Value& value) noexcept;

template <class Enum>
[[nodiscard]] Read<Enum> as_name(const Value& value) noexcept {
  if (value.kind == Value::Kind::text) {
    if (const auto known = from_name<Enum>(value.text)) return *known;
  }
  return std::unexpected{std::string_view{"is not a name the contract knows"}};
}

/// Bounds that keep arithmetic on what a device says far from overflow. A thousand litres, a day,
/// 136 years: nothing true comes near them.
inline constexpr std::int64_t volume_max = 1'000'000'000;      // µl
inline constexpr std::int64_t flow_max = 1'000'000;            // µl/s
inline constexpr std::int64_t pour_time_max = 86'400'000'000;  // µs
inline constexpr std::int64_t share_max = 10'000'000;          // thousandths of a per cent
inline constexpr std::uint64_t uptime_s_max = 0xFFFF'FFFF;     // s
inline constexpr std::uint64_t uptime_ms_max = uptime_s_max * 1000;

/// Which fields of one object have been met. `Field` enumerates them, in the order of `names`.
template <class Field, std::size_t Count>
class FieldSet {
  static_assert(Count <= 32);

 public:
  constexpr explicit FieldSet(const std::array<std::string_view, Count>& names) noexcept
      : names_{&names} {}

  /// Quickest where the fields come in the order of `names`, as our own do.
  [[nodiscard]] constexpr std::optional<Field> find(std::string_view key) noexcept {
    for (std::size_t tried = 0; tried < Count; ++tried) {
      const std::size_t i = next_;
      next_ = next_ + 1 < Count ? next_ + 1 : 0;
      if ((*names_)[i] == key) return static_cast<Field>(i);
    }
    return std::nullopt;
  }
  [[nodiscard]] constexpr std::string_view name(Field field) const noexcept {
    return (*names_)[static_cast<std::size_t>(field)];
  }
  [[nodiscard]] constexpr bool met(Field field) const noexcept { return (met_ & bit(field)) != 0; }
  constexpr void meet(Field field) noexcept { met_ |= bit(field); }
  constexpr void forget_all() noexcept { met_ = 0; }

  /// The first field of [from, to] that has not been met.
  [[nodiscard]] constexpr std::optional<Field> first_missing(Field from, Field to) const noexcept {
    for (auto i = static_cast<std::size_t>(from); i <= static_cast<std::size_t>(to); ++i) {
      if (!met(static_cast<Field>(i))) return static_cast<Field>(i);
    }
    return std::nullopt;
  }

 private:
  static constexpr std::uint32_t bit(Field field) noexcept {
    return std::uint32_t{1} << static_cast<unsigned>(field);
  }
  const std::array<std::string_view, Count>* names_;
  std::uint32_t met_ = 0;
  std::size_t next_ = 0;  // where `find` begins
};

}  // namespace pourtocol::protocol::detail
