// Volumes and flows. Inside the house a volume is a whole number of microlitres; `amount_ml`, a
// whole number of millilitres, exists only at the edges (guests, HTTP, the log). There are no
// implicit conversions: mixing up ml and µl is a factor of a thousand in somebody's glass.
#pragma once

#include <compare>
#include <cstdint>

#include "core/time.hpp"

namespace pourtocol {

/// A volume in µl. 64 bits: a day's total of a party fits as well as a single drop.
class Microlitres {
 public:
  constexpr Microlitres() noexcept = default;
  constexpr explicit Microlitres(std::int64_t count) noexcept : count_{count} {}

  [[nodiscard]] constexpr std::int64_t count() const noexcept { return count_; }

  constexpr Microlitres& operator+=(Microlitres other) noexcept {
    count_ += other.count_;
    return *this;
  }
  constexpr Microlitres& operator-=(Microlitres other) noexcept {
    count_ -= other.count_;
    return *this;
  }
  friend constexpr Microlitres operator+(Microlitres a, Microlitres b) noexcept { return a += b; }
  friend constexpr Microlitres operator-(Microlitres a, Microlitres b) noexcept { return a -= b; }
  friend constexpr auto operator<=>(Microlitres, Microlitres) noexcept = default;

 private:
  std::int64_t count_ = 0;
};

/// A whole number of ml, as guests order and as the log's `amount_ml` keeps it.
class Millilitres {
 public:
  constexpr Millilitres() noexcept = default;
  constexpr explicit Millilitres(std::int32_t count) noexcept : count_{count} {}

  [[nodiscard]] constexpr std::int32_t count() const noexcept { return count_; }
  [[nodiscard]] constexpr Microlitres to_microlitres() const noexcept {
    return Microlitres{std::int64_t{count_} * 1000};
  }
  friend constexpr auto operator<=>(Millilitres, Millilitres) noexcept = default;

 private:
  std::int32_t count_ = 0;
};

/// `share` of a volume in thousandths: `permille(v, 1050)` is v + 5 %. Rounds towards zero.
[[nodiscard]] constexpr Microlitres permille(Microlitres volume, std::int64_t share) noexcept {
  return Microlitres{volume.count() * share / 1000};
}

/// A flow in µl/s (25 ml/s = 25,000).
class FlowRate {
 public:
  constexpr FlowRate() noexcept = default;
  constexpr explicit FlowRate(std::int64_t microlitres_per_second) noexcept
      : microlitres_per_second_{microlitres_per_second} {}

  [[nodiscard]] constexpr std::int64_t microlitres_per_second() const noexcept {
    return microlitres_per_second_;
  }
  /// What flows in `time`, rounded down.
  [[nodiscard]] constexpr Microlitres over(Duration time) const noexcept {
    return Microlitres{microlitres_per_second_ * time.count() / 1'000'000};
  }
  /// How long `volume` takes, rounded up. Requires a flow above zero.
  [[nodiscard]] constexpr Duration time_for(Microlitres volume) const noexcept {
    const std::int64_t scaled = volume.count() * 1'000'000;
    return Duration{(scaled + microlitres_per_second_ - 1) / microlitres_per_second_};
  }
  friend constexpr auto operator<=>(FlowRate, FlowRate) noexcept = default;

 private:
  std::int64_t microlitres_per_second_ = 0;
};

namespace literals {
constexpr Microlitres operator""_ul(unsigned long long count) noexcept {
  return Microlitres{static_cast<std::int64_t>(count)};
}
constexpr Millilitres operator""_ml(unsigned long long count) noexcept {
  return Millilitres{static_cast<std::int32_t>(count)};
}
}  // namespace literals

}  // namespace pourtocol
