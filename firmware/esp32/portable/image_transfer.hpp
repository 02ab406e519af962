// How long an image that comes in may take.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pourtocol::board {

/// While an image comes in the machine is out of service, so nobody may draw that out. Whoever
/// sends must keep up a least rate on the whole, may pause for a while, and has some minutes in
/// all. A byte now and then ends within ten seconds.
class ImageTransfer {
 public:
  /// Wi-Fi at its worst gives more, and so does flash that is erased and written.
  static constexpr std::int64_t least_bytes_per_second = 8 * 1024;
  static constexpr std::int64_t grace_us = 10 * 1'000'000LL;
  static constexpr std::int64_t silence_us = 10 * 1'000'000LL;
  static constexpr std::int64_t longest_us = 4 * 60 * 1'000'000LL;

  constexpr ImageTransfer(std::size_t bytes, std::int64_t now_us) noexcept
      : left_{bytes}, began_us_{now_us}, last_us_{now_us} {}

  [[nodiscard]] constexpr std::size_t left() const noexcept { return left_; }

  /// Some more of it is here. At most `left`.
  constexpr void came(std::size_t bytes, std::int64_t now_us) noexcept {
    left_ -= bytes;
    received_ += static_cast<std::int64_t>(bytes);
    last_us_ = now_us;
  }

  /// To be asked again and again until all is here, by the same clock.
  [[nodiscard]] constexpr bool too_slow(std::int64_t now_us) const noexcept {
    const std::int64_t took_us = now_us - began_us_;
    const std::int64_t earned_us = received_ * 1'000'000 / least_bytes_per_second;
    return took_us > longest_us || now_us - last_us_ > silence_us || took_us > grace_us + earned_us;
  }

 private:
  std::size_t left_;
  std::int64_t received_ = 0;
  std::int64_t began_us_;
  std::int64_t last_us_;
};

}  // namespace pourtocol::board
