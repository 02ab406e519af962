#include "firmware/esp32/main/entropy.hpp"

#include <bootloader_random.h>
#include <esp_random.h>

namespace pourtocol::board {

std::uint64_t Entropy::draw() noexcept {
  std::uint64_t bits = 0;
  bootloader_random_enable();
  esp_fill_random(&bits, sizeof bits);
  bootloader_random_disable();
  return bits;
}

}  // namespace pourtocol::board
