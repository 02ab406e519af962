#include "firmware/core/stored_config.hpp"

#include <algorithm>
#include <string_view>

#include "core/assert.hpp"
#include "firmware/core/crc32.hpp"

namespace pourtocol::firmware {

namespace {

// Versions 1 and 2, little-endian:
//   0 "PC"  2 version  3 length of the tap's name  4 metered (0, 1)  5 pump's power (%; in version
//   1 zero: full power)  6 glass within (mm)  8 glass settle  10 glass confirm  12 resume within
//   (ms each)  14 zero  16 bottle (µl, 4 bytes)  20 tap's name (32 bytes, zeros after it)
//   52 the pump's flow (µl/s; firmware from before wrote zero)  54..59 zeros  60 CRC-32 of all
//   before
// A later version may be longer; whatever it is, it begins with the same three bytes.
constexpr std::uint8_t first_magic = 'P';
constexpr std::uint8_t second_magic = 'C';
// Firmware that knows only the first would run a slowed pump at full power: only what it
// understands is stored so.
constexpr std::uint8_t at_full_power_version = 1;
constexpr std::uint8_t present_version = 2;
constexpr std::size_t header_bytes = 3;
constexpr std::size_t tap_at = 20;
constexpr std::size_t pump_flow_at = tap_at + TapName::length_max;
constexpr std::size_t crc_at = stored_config_bytes - 4;
static_assert(pump_flow_at + 2 <= crc_at);

// A confirmed calibration, little-endian:
//   0 "PH"  2 version  3 whether there is one (0, 1)  4 flow (µl/s, 2 bytes as all but the pulses)
//   6 start delay (ms)  8 coast (µl)  10 flow error  12 meter error  14 offset error (µl)
//   16 pulses per litre (4)  20 pump's power (%)  21..27 zeros  28 CRC-32 of all before
constexpr std::uint8_t confirmed_magic = 'H';
constexpr std::uint8_t confirmed_version = 1;
constexpr std::size_t confirmed_crc_at = stored_confirmed_bytes - 4;

void put(std::span<std::uint8_t> bytes, std::size_t at, std::size_t width, std::uint64_t value) {
  for (std::size_t i = 0; i < width; ++i) {
    bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

void put(std::span<std::uint8_t> bytes, std::size_t at, Milliseconds time) {
  put(bytes, at, 2, static_cast<std::uint64_t>(time.count()));
}

std::uint32_t get(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value |= std::uint32_t{bytes[at + i]} << (8 * i);
  return value;
}

Milliseconds get_time(std::span<const std::uint8_t> bytes, std::size_t at) {
  return Milliseconds{get(bytes, at, 2)};
}

std::unexpected<ConfigError> refuse(std::string_view message) {
  return std::unexpected(ConfigError{message});
}

std::expected<TapName, ConfigError> decode_tap(std::span<const std::uint8_t> bytes) {
  const std::size_t length = bytes[3];
  if (length == 0) return TapName{};
  if (length > TapName::length_max) return refuse("the stored tap name is too long");
  std::array<char, TapName::length_max> text{};
  std::ranges::transform(bytes.subspan(tap_at, length), text.begin(),
                         [](std::uint8_t byte) { return static_cast<char>(byte); });
  const auto tap = TapName::parse({text.data(), length});
  if (!tap) return refuse("the stored tap name is not a name");
  return *tap;
}

std::expected<Config, ConfigError> decode_known_version(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != stored_config_bytes) return refuse("the stored settings have another length");
  if (get(bytes, crc_at, 4) != crc32(bytes.first(crc_at))) {
    return refuse("the stored settings are damaged");
  }
  const auto tap = decode_tap(bytes);
  if (!tap) return std::unexpected(tap.error());
  if (bytes[4] > 1) return refuse("the stored settings leave open whether there is a meter");
  const Config config{.tap = *tap,
                      .metered = bytes[4] == 1,
                      .pump_power = bytes[2] == at_full_power_version ? full_power : bytes[5],
                      .glass = {.settle = get_time(bytes, 8), .confirm = get_time(bytes, 10)},
                      .glass_within_mm = static_cast<std::uint16_t>(get(bytes, 6, 2)),
                      .bottle = Microlitres{get(bytes, 16, 4)},
                      .resume_within = get_time(bytes, 12),
                      .pump_flow = FlowRate{get(bytes, pump_flow_at, 2)},
                      .confirmed = std::nullopt};
  if (const auto valid = validate(config); !valid) return std::unexpected(valid.error());
  return config;
}

}  // namespace

StoredConfig encode_config(const Config& config) noexcept {
  POURTOCOL_ASSERT(validate(config).has_value());
  const std::string_view tap = config.tap.view();
  StoredConfig bytes{};
  bytes[0] = first_magic;
  bytes[1] = second_magic;
  const bool slowed = config.pump_power != full_power;
  bytes[2] = slowed ? present_version : at_full_power_version;
  bytes[3] = static_cast<std::uint8_t>(tap.size());
  bytes[4] = config.metered ? 1 : 0;
  if (slowed) bytes[5] = config.pump_power;
  put(bytes, 6, 2, config.glass_within_mm);
  put(bytes, 8, config.glass.settle);
  put(bytes, 10, config.glass.confirm);
  put(bytes, 12, config.resume_within);
  put(bytes, 16, 4, static_cast<std::uint64_t>(config.bottle.count()));
  std::ranges::transform(tap, bytes.begin() + tap_at,
                         [](char c) { return static_cast<std::uint8_t>(c); });
  put(bytes, pump_flow_at, 2,
      static_cast<std::uint64_t>(config.pump_flow.microlitres_per_second()));
  put(bytes, crc_at, 4, crc32(std::span{bytes}.first(crc_at)));
  return bytes;
}

StoredConfirmed encode_confirmed(const std::optional<Calibration>& confirmed) noexcept {
  StoredConfirmed bytes{};
  bytes[0] = first_magic;
  bytes[1] = confirmed_magic;
  bytes[2] = confirmed_version;
  if (confirmed) {
    POURTOCOL_ASSERT(validate(*confirmed).has_value());
    bytes[3] = 1;
    put(bytes, 4, 2, static_cast<std::uint64_t>(confirmed->flow.microlitres_per_second()));
    put(bytes, 6, confirmed->start_delay);
    put(bytes, 8, 2, static_cast<std::uint64_t>(confirmed->coast.count()));
    put(bytes, 10, 2, confirmed->flow_error);
    put(bytes, 12, 2, confirmed->meter_error);
    put(bytes, 14, 2, static_cast<std::uint64_t>(confirmed->offset_error.count()));
    put(bytes, 16, 4, confirmed->pulses_per_litre);
    bytes[20] = confirmed->pump_power;
  }
  put(bytes, confirmed_crc_at, 4, crc32(std::span{bytes}.first(confirmed_crc_at)));
  return bytes;
}

std::expected<std::optional<Calibration>, ConfigError> decode_confirmed(
    std::span<const std::uint8_t> bytes) noexcept {
  if (bytes.size() != stored_confirmed_bytes || bytes[0] != first_magic ||
      bytes[1] != confirmed_magic || bytes[2] != confirmed_version || bytes[3] > 1) {
    return refuse("this is not a confirmed calibration");
  }
  if (get(bytes, confirmed_crc_at, 4) != crc32(bytes.first(confirmed_crc_at))) {
    return refuse("the confirmed calibration is damaged");
  }
  if (bytes[3] == 0) return std::nullopt;
  const Calibration confirmed{.flow = FlowRate{get(bytes, 4, 2)},
                              .start_delay = get_time(bytes, 6),
                              .coast = Microlitres{get(bytes, 8, 2)},
                              .pulses_per_litre = get(bytes, 16, 4),
                              .flow_error = static_cast<std::uint16_t>(get(bytes, 10, 2)),
                              .meter_error = static_cast<std::uint16_t>(get(bytes, 12, 2)),
                              .offset_error = Microlitres{get(bytes, 14, 2)},
                              .pump_power = bytes[20]};
  const auto valid = validate(confirmed);
  if (!valid) return refuse(valid.error().message);
  if (confirmed.flow == FlowRate{0}) return refuse("a confirmed calibration has a flow");
  return confirmed;
}

std::expected<Config, ConfigError> decode_config(std::span<const std::uint8_t> bytes) noexcept {
  if (bytes.size() < header_bytes || bytes[0] != first_magic || bytes[1] != second_magic) {
    return refuse("these are not stored settings");
  }
  switch (bytes[2]) {
    case at_full_power_version:
    case present_version:
      return decode_known_version(bytes);
    default:
      return refuse("the stored settings are of another firmware's version");
  }
}

}  // namespace pourtocol::firmware
