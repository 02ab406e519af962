#include "firmware/esp32/portable/setup_form.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "firmware/esp32/portable/form.hpp"

namespace pourtocol::board {

namespace {

constexpr std::size_t field_bytes_max = 64;
using Space = std::array<char, field_bytes_max>;

/// A whole number from 0 to a million.
std::optional<std::int32_t> number(std::string_view form, std::string_view name) {
  Space space;
  const auto text = form_value(form, name, space);
  if (!text) return std::nullopt;
  std::int32_t value = -1;
  const char* const end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc{} || rest != end || value < 0 || value > 1'000'000) return std::nullopt;
  return value;
}

bool printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
}

std::optional<std::string_view> apply_network(std::string_view form, Settings& settings) {
  Space space;
  const auto ssid = form_value(form, "ssid", space);
  if (!ssid || ssid->empty() || ssid->size() > Ssid::capacity || !printable(*ssid)) {
    return "The network's name must have 1 to 32 bytes.";
  }
  const bool same_network = *ssid == settings.ssid.view();
  settings.ssid = Ssid::truncated(*ssid);
  Space pass_space;
  const auto passphrase = form_value(form, "passphrase", pass_space);
  if (!passphrase) return "The password must have 8 to 63 letters, or none for an open network.";
  if (passphrase->empty() && same_network) return std::nullopt;
  // WPA2: 8 to 63 letters, or the key itself as 64 hexadecimal digits.
  if (!passphrase->empty() && (passphrase->size() < 8 || !printable(*passphrase))) {
    return "The password must have 8 to 63 letters, or none for an open network.";
  }
  settings.passphrase = Passphrase::truncated(*passphrase);
  return std::nullopt;
}

std::optional<std::string_view> apply_key(std::string_view form, std::string_view name, Key& key) {
  constexpr std::string_view rule = "A key must have 16 to 64 letters.";
  Space space;
  const auto text = form_value(form, name, space);
  if (!text && text.error() != FormFault::missing) return rule;
  if (!text || text->empty()) return std::nullopt;
  if (*text == "-") {
    key = {};
    return std::nullopt;
  }
  if (text->size() < 16) return rule;
  key = {};
  key.size = text->size();
  std::ranges::transform(*text, key.bytes.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return std::nullopt;
}

std::optional<std::string_view> apply_config(std::string_view form, firmware::Config& config) {
  Space space;
  const auto tap = form_value(form, "tap", space);
  if (!tap) return "The tap's name must have at most 32 letters, digits, - or _.";
  config.tap = {};
  if (!tap->empty()) {
    const auto name = TapName::parse(*tap);
    if (!name) return "The tap's name must have at most 32 letters, digits, - or _.";
    config.tap = *name;
  }
  config.metered = form_value(form, "metered", space).has_value();
  const auto glass_mm = number(form, "glass_mm");
  const auto bottle_ml = number(form, "bottle_ml");
  const auto resume_s = number(form, "resume_s");
  const auto pump_ml_s = number(form, "pump_ml_s");
  const auto pump_power = number(form, "pump_power");
  if (!glass_mm || !bottle_ml || !resume_s || !pump_ml_s || !pump_power || *glass_mm > 65'535 ||
      *pump_power > firmware::full_power) {
    return "Distance, bottle, time and flow must be whole numbers, and power one up to 100.";
  }
  config.pump_flow = FlowRate{std::int64_t{*pump_ml_s} * 1'000};
  config.pump_power = static_cast<firmware::PumpPower>(*pump_power);
  config.glass_within_mm = static_cast<std::uint16_t>(*glass_mm);
  config.bottle = Microlitres{std::int64_t{*bottle_ml} * 1'000};
  config.resume_within = firmware::Milliseconds{std::int64_t{*resume_s} * 1'000};
  if (const auto valid = validate(config); !valid) return valid.error().message;
  return std::nullopt;
}

}  // namespace

std::expected<Settings, std::string_view> apply_setup(std::string_view form,
                                                      const Settings& present) noexcept {
  Settings settings = present;
  auto flaw = apply_network(form, settings);
  if (!flaw) flaw = apply_key(form, "key", settings.key);
  if (!flaw) flaw = apply_key(form, "update_key", settings.update_key);
  if (!flaw) flaw = apply_config(form, settings.config);
  Space space;
  settings.confirm_calibration = form_value(form, "confirm", space).has_value();
  if (flaw) return std::unexpected(*flaw);
  return settings;
}

}  // namespace pourtocol::board
