// How many enumerators an enumeration has, asked of the enumeration itself: no list beside it has
// to be kept, and a table that lacks one does not compile.
//
// There is no reflection in C++23. What there is: the compiler spells a template argument by its
// enumerator ("Fault::no_flow") where there is one, and as a cast ("(Fault)9") where there is none.
// GCC and clang do both; another compiler fails the assertions at the end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pourtocol {

namespace detail {

template <auto value>
[[nodiscard]] consteval bool is_enumerator() noexcept {
  // Ends in "value = Fault::no_flow]" or in "value = (Fault)9]". A parenthesis alone says nothing:
  // clang spells namespaces without a name "(anonymous namespace)::".
  constexpr std::string_view spelt = __PRETTY_FUNCTION__;
  constexpr std::size_t last = spelt.rfind(')');
  static_assert(last != std::string_view::npos, "at least that of the function's own parameters");
  return spelt[last + 1] < '0' || spelt[last + 1] > '9';
}

template <class Enum, std::size_t number>
[[nodiscard]] consteval std::size_t first_without_enumerator() noexcept {
  if constexpr (is_enumerator<static_cast<Enum>(number)>()) {
    return first_without_enumerator<Enum, number + 1>();
  } else {
    static_assert(!is_enumerator<static_cast<Enum>(number + 1)>(), "a number is left out");
    return number;
  }
}

}  // namespace detail

/// The number of the enumerators of `Enum`, which has a fixed underlying type and numbers them
/// without a gap, from `first` on: 0 unless told otherwise.
template <class Enum, Enum first = Enum{}>
inline constexpr std::size_t enumerator_count =
    detail::first_without_enumerator<Enum, static_cast<std::size_t>(first)>() -
    static_cast<std::size_t>(first);

/// All enumerators of `Enum`, in their order.
template <class Enum, Enum first = Enum{}>
inline constexpr auto enumerators = [] {
  std::array<Enum, enumerator_count<Enum, first>> all{};
  auto number = static_cast<std::size_t>(first);
  for (Enum& each : all) each = static_cast<Enum>(number++);
  return all;
}();

/// Whether `number` is that of an enumerator of `Enum`: for what was read as a bare number.
template <class Enum, Enum first = Enum{}>
[[nodiscard]] constexpr bool numbers_enumerator(std::size_t number) noexcept {
  constexpr auto least = static_cast<std::size_t>(first);
  return number >= least && number - least < enumerator_count<Enum, first>;
}

namespace detail {
enum class Probe : std::uint8_t { one, two };
static_assert(enumerator_count<Probe> == 2, "this compiler spells enumerators in another way");
}  // namespace detail

}  // namespace pourtocol
