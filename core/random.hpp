// A small deterministic random generator for simulations. Not for secrets.
//
// The standard library's distributions give different numbers on different compilers, and a failure
// found on one machine must replay on every other. So both the generator and what is drawn from it
// are our own: xoshiro256** 1.0 seeded by SplitMix64, by D. Blackman and S. Vigna
// (prng.di.unimi.it).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace pourtocol {

class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept {
    for (auto& word : state_) {
      seed += 0x9e3779b97f4a7c15U;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
      word = z ^ (z >> 31);
    }
  }

  /// A generator of its own, so that drawing more here does not shift what is drawn there.
  [[nodiscard]] Random fork() noexcept { return Random{bits()}; }

  std::uint64_t bits() noexcept {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// In [0, bound); `bound` above zero. The bias of the modulo is below 2^-32 for any bound used
  /// here.
  std::uint64_t below(std::uint64_t bound) noexcept { return bits() % bound; }

  /// In [low, high], both included.
  std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }

  /// In [0, 1), on a grid of 2^-53.
  double unit() noexcept { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

  double uniform(double low, double high) noexcept { return low + (high - low) * unit(); }

  bool chance(double probability) noexcept { return unit() < probability; }

  /// Roughly normal: the sum of twelve uniforms (Irwin-Hall), which needs nothing from libm and so
  /// is the same on every machine. Never beyond six standard deviations.
  double normal(double mean, double deviation) noexcept {
    double sum = -6.0;
    for (int i = 0; i < 12; ++i) sum += unit();
    return mean + deviation * sum;
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace pourtocol
