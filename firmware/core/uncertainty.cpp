#include "firmware/core/uncertainty.hpp"

#include "firmware/core/spreads.hpp"

namespace pourtocol::firmware {

namespace {

/// Coverage: so many standard errors hold 99 % of a normal distribution (2.58) and leave room for
/// standard errors that are themselves estimates.
constexpr std::int64_t coverage_percent = 290;

/// A count that begins and ends anywhere between two pulses: the difference of two even
/// distributions, 1 / sqrt(6).
constexpr std::int64_t count_error = 4082;

std::int64_t share(Microlitres volume, std::int64_t ten_thousandths) {
  return volume.count() * ten_thousandths / 10'000;
}

Microlitres covering(const SumOfSquares& sum) {
  return Microlitres{sum.root() * coverage_percent / 100};
}

}  // namespace

std::int64_t SumOfSquares::root() const noexcept {
  std::int64_t low = 0;
  std::int64_t high = std::int64_t{1} << 31;
  while (low < high) {
    const std::int64_t middle = (low + high) / 2;
    if (middle * middle < sum_) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Microlitres metered_uncertainty(const Behaviour& behaviour, Microlitres delivered, int spans,
                                std::int64_t curve_error) noexcept {
  SumOfSquares sum;
  sum.add(share(delivered, behaviour.meter_error));
  sum.add(share(delivered, spreads::repeat_error));
  sum.add(share(delivered, curve_error));
  sum.add(share(Microlitres{1'000'000 / *behaviour.pulses_per_litre}, count_error));
  for (int i = 0; i < spans; ++i) sum.add(spreads::drops_error.count());
  return covering(sum);
}

Microlitres timed_uncertainty(const Behaviour& behaviour, Microlitres delivered,
                              int spans) noexcept {
  SumOfSquares sum;
  sum.add(share(delivered, behaviour.flow_error));
  sum.add(share(delivered, spreads::supply_error));
  sum.add(behaviour.offset_error.count() * spans);
  for (int i = 0; i < spans; ++i) {
    sum.add(share(delivered, spreads::pour_error));
    sum.add(share(behaviour.flow.over(behaviour.start_delay), spreads::inertia_error));
    sum.add(share(behaviour.coast, spreads::inertia_error));
    sum.add(spreads::drops_error.count());
  }
  return covering(sum);
}

}  // namespace pourtocol::firmware
