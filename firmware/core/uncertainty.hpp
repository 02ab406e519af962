// The ± of a receipt: reckoned from the standard errors of the machine's calibration and the likely
// deviations of `spreads.hpp`, as a metrologist would (independent causes add in squares).
#pragma once

#include <cstdint>

#include "core/units.hpp"
#include "firmware/core/behaviour.hpp"

namespace pourtocol::firmware {

/// What truly flowed lies within `delivered` ± this at least 99 times in a hundred. `spans`: how
/// often the pump was switched on for it. `curve_error`: a meter's at this flow, in
/// ten-thousandths.
[[nodiscard]] Microlitres metered_uncertainty(const Behaviour& behaviour, Microlitres delivered,
                                              int spans, std::int64_t curve_error) noexcept;
[[nodiscard]] Microlitres timed_uncertainty(const Behaviour& behaviour, Microlitres delivered,
                                            int spans) noexcept;

/// The root of the sum of squares of independent deviations.
class SumOfSquares {
 public:
  constexpr void add(std::int64_t deviation) noexcept { sum_ += deviation * deviation; }
  [[nodiscard]] std::int64_t root() const noexcept;  ///< rounded up

 private:
  std::int64_t sum_ = 0;
};

}  // namespace pourtocol::firmware
