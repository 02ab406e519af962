#include "firmware/esp32/main/nfc.hpp"

#include <driver/i2c_master.h>
#include <esp_log.h>
#include <freertos/FreeRTOS.h>
#include <freertos/task.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "firmware/esp32/main/pins.hpp"

// Frames and commands as in NXP's PN532 user manual (UM0701-02): 6.2.1 frames, 6.2.4 I2C, 7.2.10
// SAMConfiguration, 7.3.5 InListPassiveTarget.

namespace pourtocol::board {

namespace {

constexpr const char* tag = "nfc";
constexpr std::uint16_t pn532_address = 0x24;
constexpr std::uint32_t bus_hz = 100'000;
constexpr int transfer_ms = 100;
constexpr int command_ms = 150;
constexpr int look_every_ms = 200;
constexpr int retry_every_ms = 5'000;
/// A tag that lies at the edge is missed now and then; it has left when it was missed so often.
constexpr int misses_max = 3;

constexpr std::uint8_t to_reader = 0xD4;
constexpr std::uint8_t from_reader = 0xD5;
constexpr std::size_t payload_max = 40;
constexpr std::array<std::uint8_t, 6> acknowledge{0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00};

using UidText = decltype(protocol::NfcReading::uid);

UidText uid_text(std::span<const std::uint8_t> uid) {
  std::array<char, UidText::capacity> text{};
  std::size_t length = 0;
  for (const auto byte : uid) {
    if (length + 2 > text.size()) break;
    text[length++] = "0123456789ABCDEF"[byte >> 4];
    text[length++] = "0123456789ABCDEF"[byte & 0xF];
  }
  return UidText::truncated({text.data(), length});
}

}  // namespace

void TagReader::begin() noexcept {
  xTaskCreate(&TagReader::run_task, "nfc", 4096, this, 2, nullptr);
}

protocol::NfcReading TagReader::read_tag() noexcept {
  (void)latest_.try_get(seen_);
  return seen_;
}

void TagReader::run_task(void* reader) noexcept {
  static_cast<TagReader*>(reader)->run();
}

void TagReader::run() noexcept {
  const bool bus = open_bus();
  if (!bus) ESP_LOGE(tag, "no I2C bus");
  for (;;) {
    if (bus && !reading_.ready) reading_.ready = wake_up();
    if (reading_.ready) look_for_tag();
    latest_.put(reading_);
    vTaskDelay(pdMS_TO_TICKS(reading_.ready ? look_every_ms : retry_every_ms));
  }
}

bool TagReader::open_bus() noexcept {
  i2c_master_bus_config_t bus_config{};
  bus_config.i2c_port = -1;  // whichever is free
  bus_config.sda_io_num = pins::sda;
  bus_config.scl_io_num = pins::scl;
  bus_config.clk_source = I2C_CLK_SRC_DEFAULT;
  bus_config.glitch_ignore_cnt = 7;
  bus_config.flags.enable_internal_pullup = 1;
  i2c_device_config_t device_config{};
  device_config.dev_addr_length = I2C_ADDR_BIT_LEN_7;
  device_config.device_address = pn532_address;
  device_config.scl_speed_hz = bus_hz;
  return i2c_new_master_bus(&bus_config, &bus_) == ESP_OK &&
         i2c_master_bus_add_device(bus_, &device_config, &device_) == ESP_OK;
}

bool TagReader::wake_up() noexcept {
  // Normal mode, no time-out, no interrupt line.
  constexpr std::array<std::uint8_t, 4> sam_configuration{0x14, 0x01, 0x00, 0x00};
  std::array<std::uint8_t, payload_max> answer{};
  const bool answered = ask(sam_configuration, answer, command_ms) >= 0;
  if (answered) ESP_LOGI(tag, "the reader is there");
  return answered;
}

void TagReader::look_for_tag() noexcept {
  // One target at most, ISO 14443 A at 106 kbit/s.
  constexpr std::array<std::uint8_t, 3> in_list_passive_target{0x4A, 0x01, 0x00};
  std::array<std::uint8_t, payload_max> answer{};
  const int length = ask(in_list_passive_target, answer, command_ms);
  // Targets, number, SENS_RES (2), SEL_RES, length of the id, the id.
  if (length >= 6 && answer[0] == 1 && answer[5] <= length - 6) {
    misses_ = 0;
    reading_.tag_present = true;
    reading_.uid = uid_text(std::span{answer}.subspan(6, answer[5]));
    return;
  }
  // Without a tag the PN532 keeps looking and answers nothing; an acknowledge tells it to stop.
  if (i2c_master_transmit(device_, acknowledge.data(), acknowledge.size(), transfer_ms) != ESP_OK) {
    reading_ = {};
    return;
  }
  if (++misses_ < misses_max) return;
  reading_.tag_present = false;
  reading_.uid = {};
}

bool TagReader::wait_until_ready(int patience_ms) noexcept {
  for (int waited = 0; waited <= patience_ms; waited += 5) {
    std::uint8_t status = 0;
    if (i2c_master_receive(device_, &status, 1, transfer_ms) == ESP_OK && status == 1) return true;
    vTaskDelay(pdMS_TO_TICKS(5));
  }
  return false;
}

int TagReader::ask(std::span<const std::uint8_t> command, std::span<std::uint8_t> answer,
                   int patience_ms) noexcept {
  std::array<std::uint8_t, payload_max + 9> frame{};
  const auto length = static_cast<std::uint8_t>(command.size() + 1);
  frame[0] = 0x00;
  frame[1] = 0x00;
  frame[2] = 0xFF;
  frame[3] = length;
  frame[4] = static_cast<std::uint8_t>(-length);
  frame[5] = to_reader;
  std::uint8_t sum = to_reader;
  for (std::size_t i = 0; i < command.size(); ++i) {
    frame[6 + i] = command[i];
    sum = static_cast<std::uint8_t>(sum + command[i]);
  }
  frame[6 + command.size()] = static_cast<std::uint8_t>(-sum);
  if (i2c_master_transmit(device_, frame.data(), command.size() + 8, transfer_ms) != ESP_OK) {
    return -1;
  }

  // Every reading begins with the status byte.
  std::array<std::uint8_t, acknowledge.size() + 1> received{};
  if (!wait_until_ready(patience_ms) ||
      i2c_master_receive(device_, received.data(), received.size(), transfer_ms) != ESP_OK ||
      !std::ranges::equal(std::span{received}.subspan(1), acknowledge)) {
    return -1;
  }
  if (!wait_until_ready(patience_ms) ||
      i2c_master_receive(device_, frame.data(), frame.size(), transfer_ms) != ESP_OK) {
    return -1;
  }
  // Status, preamble, 00 FF, length, its complement, D5, command + 1, data, checksum.
  const std::size_t taken = frame[4];
  if (frame[2] != 0x00 || frame[3] != 0xFF || static_cast<std::uint8_t>(taken + frame[5]) != 0 ||
      taken < 2 || taken > payload_max || frame[6] != from_reader ||
      frame[7] != static_cast<std::uint8_t>(command[0] + 1)) {
    return -1;
  }
  sum = 0;
  for (std::size_t i = 0; i <= taken; ++i) sum = static_cast<std::uint8_t>(sum + frame[6 + i]);
  if (sum != 0) return -1;
  const std::size_t data = std::min(taken - 2, answer.size());
  std::copy_n(frame.begin() + 8, data, answer.begin());
  return static_cast<int>(data);
}

}  // namespace pourtocol::board
