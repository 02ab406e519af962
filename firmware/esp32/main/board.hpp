// This board, as the core sees one (firmware/hal/board.hpp).
#pragma once

#include <sdkconfig.h>

#include <cstdint>
#include <optional>
#include <span>

#include "firmware/esp32/main/clock.hpp"
#include "firmware/esp32/main/entropy.hpp"
#include "firmware/esp32/main/flow_meter.hpp"
#include "firmware/esp32/main/identity.hpp"
#include "firmware/esp32/main/journal_partition.hpp"
#include "firmware/esp32/main/pins.hpp"
#include "firmware/esp32/main/pump.hpp"
#include "firmware/esp32/main/settings.hpp"
#include "firmware/esp32/main/stop_button.hpp"
#include "firmware/hal/board.hpp"

#if CONFIG_POURTOCOL_GLASS_ECHO
#include "firmware/esp32/main/glass_echo.hpp"
#else
#include "firmware/esp32/main/glass_switch.hpp"
#endif
#if CONFIG_POURTOCOL_NFC
#include "firmware/esp32/main/nfc.hpp"
#endif

namespace pourtocol::board {

#if CONFIG_POURTOCOL_GLASS_ECHO
using GlassSensor = GlassEcho;
#else
using GlassSensor = GlassSwitch;
#endif

/// Made in `app_main`, once, after the GPIO interrupt service; then the control task's.
class Board {
 public:
  explicit Board(std::uint64_t random_bits) noexcept : entropy_{random_bits} {}
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  Pump& pump() noexcept { return pump_; }
  GlassSensor& glass_sensor() noexcept { return glass_sensor_; }
  FlowMeter& flow_meter() noexcept { return flow_meter_; }
  Clock& clock() noexcept { return clock_; }
  Button& stop_button() noexcept { return stop_button_; }
  Entropy& entropy() noexcept { return entropy_; }
  JournalPartition& journal_store() noexcept { return journal_; }
  std::optional<MachineId> machine_id() noexcept { return machine_id_; }
  bool keep_confirmed(std::span<const std::uint8_t> bytes) noexcept {
    return save_confirmed(bytes);
  }
#if CONFIG_POURTOCOL_NFC
  TagReader& tag_reader() noexcept {
    return tag_reader_;
  }
#endif

 private:
  Pump pump_;
  GlassSensor glass_sensor_;
  FlowMeter flow_meter_;
  Clock clock_;
  Button stop_button_{pins::stop};
  Entropy entropy_;
  JournalPartition journal_;
  std::optional<MachineId> machine_id_ = read_machine_id();
#if CONFIG_POURTOCOL_NFC
  TagReader tag_reader_;
#endif
};

static_assert(firmware::hal::Board<Board>);

}  // namespace pourtocol::board
