// Random bits for boot ids, and for the setup network's password.
#pragma once

#include <cstdint>

namespace pourtocol::board {

/// A `hal::Entropy` that was drawn when nothing else used the noise source.
class Entropy {
 public:
  /// 64 bits that nobody can foresee. Only before Wi-Fi or an ADC is used: without the radio the
  /// chip's generator is fed by the bootloader's noise source, which both of them would disturb,
  /// and without either its numbers are merely pseudo-random. The control task needs its boot id
  /// before there is a network.
  [[nodiscard]] static std::uint64_t draw() noexcept;

  explicit Entropy(std::uint64_t bits) noexcept : bits_{bits} {}
  [[nodiscard]] std::uint64_t random_bits() noexcept { return bits_; }

 private:
  std::uint64_t bits_;
};

}  // namespace pourtocol::board
