#include "firmware/esp32/main/identity.hpp"

#include <esp_err.h>
#include <esp_log.h>
#include <esp_mac.h>

#include <array>
#include <cstdint>

#include "firmware/esp32/portable/chip_identity.hpp"

namespace pourtocol::board {

std::optional<MachineId> read_machine_id() noexcept {
  std::array<std::uint8_t, 6> mac{};
  // The factory's, not one that somebody has set for the radio.
  if (const esp_err_t error = esp_efuse_mac_get_default(mac.data()); error != ESP_OK) {
    ESP_LOGE("identity", "the chip's address cannot be read: %s", esp_err_to_name(error));
    return std::nullopt;
  }
  return machine_id_of(mac);
}

}  // namespace pourtocol::board
