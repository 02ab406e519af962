#include "firmware/esp32/main/settings.hpp"

#include <esp_log.h>
#include <nvs.h>
#include <nvs_flash.h>
#include <sdkconfig.h>

#include <optional>
#include <span>
#include <string_view>

#include "firmware/core/stored_config.hpp"

namespace pourtocol::board {

namespace {

constexpr const char* tag = "settings";
constexpr const char* name_space = "pourtocol";

/// An open namespace; without one (NVS failed, or nothing was ever written), nothing is found and
/// nothing saved.
class Store {
 public:
  explicit Store(nvs_open_mode_t mode) noexcept {
    open_ = nvs_open(name_space, mode, &handle_) == ESP_OK;
  }
  ~Store() {
    if (open_) nvs_close(handle_);
  }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// The bytes under `name`; empty if there are none, or more than `space` has room for.
  [[nodiscard]] std::span<std::uint8_t> read(const char* name, std::span<std::uint8_t> space) {
    std::size_t size = space.size();
    if (!open_ || nvs_get_blob(handle_, name, space.data(), &size) != ESP_OK) return {};
    return space.first(size);
  }
  [[nodiscard]] bool write(const char* name, std::span<const std::uint8_t> bytes) {
    if (!open_) return false;
    if (!bytes.empty()) return nvs_set_blob(handle_, name, bytes.data(), bytes.size()) == ESP_OK;
    const esp_err_t erased = nvs_erase_key(handle_, name);
    return erased == ESP_OK || erased == ESP_ERR_NVS_NOT_FOUND;
  }
  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] bool commit() { return open_ && nvs_commit(handle_) == ESP_OK; }

 private:
  nvs_handle_t handle_ = 0;
  bool open_ = false;
};

template <class Text>
Text read_text(Store& store, const char* name) {
  std::array<std::uint8_t, Text::capacity> bytes{};
  const auto read = store.read(name, bytes);
  return Text::truncated({reinterpret_cast<const char*>(read.data()), read.size()});
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::span<const std::uint8_t> bytes_of(const Key& key) {
  return std::span{key.bytes}.first(key.size);
}

Key read_key(Store& store, const char* name) {
  Key key;
  key.size = store.read(name, key.bytes).size();
  return key;
}

bool flag(Store& store, const char* name) {
  std::array<std::uint8_t, 1> byte{};
  return !store.read(name, byte).empty() && byte[0] == 1;
}

void set_flag(const char* name, bool value) {
  Store store{NVS_READWRITE};
  const std::array<std::uint8_t, 1> byte{static_cast<std::uint8_t>(value ? 1 : 0)};
  if (!store.write(name, byte) || !store.commit()) ESP_LOGE(tag, "%s could not be saved", name);
}

firmware::Config new_config() {
  firmware::Config config;
  if (const auto tap = TapName::parse(CONFIG_POURTOCOL_TAP_NAME)) config.tap = *tap;
#if CONFIG_POURTOCOL_FLOW_METER
  config.metered = true;
#endif
#if CONFIG_POURTOCOL_FACTORY_CALIBRATION
  config.pump_flow = firmware::factory_calibration().flow;
#endif
  return config;
}

firmware::Config load_config(Store& store) {
  // A later version may be longer than this one's: it is read whole and refused with its reason.
  std::array<std::uint8_t, 4 * firmware::stored_config_bytes> space{};
  const auto bytes = store.read("config", space);
  if (bytes.empty()) return new_config();
  const auto config = firmware::decode_config(bytes);
  if (config) return *config;
  const auto why = config.error().message;
  ESP_LOGE(tag, "%.*s: the machine starts with those of a new one", static_cast<int>(why.size()),
           why.data());
  return new_config();
}

/// Settings without a word on it are those of firmware from before, or of a machine just set up,
/// whose journal has no calibration to take.
void load_confirmed(Store& store, firmware::Config& config) {
  std::array<std::uint8_t, 4 * firmware::stored_confirmed_bytes> space{};
  const auto bytes = store.read("confirmed", space);
  config.confirm_journalled = store.is_open() && bytes.empty();
  if (bytes.empty()) return;
  const auto confirmed = firmware::decode_confirmed(bytes);
  if (confirmed) {
    config.confirmed = *confirmed;
    return;
  }
  const auto why = confirmed.error().message;
  ESP_LOGE(tag, "%.*s: no calibration counts as confirmed", static_cast<int>(why.size()),
           why.data());
}

void open_nvs() {
  esp_err_t opened = nvs_flash_init();
  if (opened == ESP_ERR_NVS_NO_FREE_PAGES || opened == ESP_ERR_NVS_NEW_VERSION_FOUND) {
    // Nothing can be read from it any more. What was poured is in the journal, not here.
    ESP_LOGE(tag, "the settings are lost (%s): starting with none", esp_err_to_name(opened));
    opened = nvs_flash_erase();
    if (opened == ESP_OK) opened = nvs_flash_init();
  }
  if (opened != ESP_OK) ESP_LOGE(tag, "no settings can be kept: %s", esp_err_to_name(opened));
}

}  // namespace

Settings load_settings() noexcept {
  open_nvs();
  Settings settings;
  {
    Store store{NVS_READONLY};
    settings.config = load_config(store);
    load_confirmed(store, settings.config);
    settings.ssid = read_text<Ssid>(store, "ssid");
    settings.passphrase = read_text<Passphrase>(store, "passphrase");
    settings.key = read_key(store, "order_key");
    settings.update_key = read_key(store, "update_key");
    settings.open_portal = flag(store, "open_portal");
  }
  if (settings.open_portal) set_flag("open_portal", false);
  return settings;
}

bool save_settings(const Settings& settings) noexcept {
  Store store{NVS_READWRITE};
  // Asked to, the next boot takes what the journal has for confirmed.
  if (settings.confirm_calibration && !store.write("confirmed", {})) return false;
  return store.write("config", firmware::encode_config(settings.config)) &&
         store.write("ssid", bytes_of(settings.ssid.view())) &&
         store.write("passphrase", bytes_of(settings.passphrase.view())) &&
         store.write("order_key", bytes_of(settings.key)) &&
         store.write("update_key", bytes_of(settings.update_key)) && store.commit();
}

bool save_confirmed(std::span<const std::uint8_t> bytes) noexcept {
  Store store{NVS_READWRITE};
  const bool saved = store.write("confirmed", bytes) && store.commit();
  if (!saved) ESP_LOGE(tag, "what was confirmed could not be saved");
  return saved;
}

void ask_for_portal() noexcept {
  set_flag("open_portal", true);
}

Passphrase portal_passphrase(std::uint64_t random_bits) noexcept {
  Store store{NVS_READWRITE};
  auto passphrase = read_text<Passphrase>(store, "setup_pass");
  if (passphrase.size() >= 8) return passphrase;
  // Without letters and digits that look alike: people type it from a label.
  constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz23456789";
  std::array<char, 10> text{};
  static_assert(letters.size() == 32);
  for (char& letter : text) {
    letter = letters[random_bits % letters.size()];
    random_bits /= letters.size();
  }
  passphrase = Passphrase::truncated({text.data(), text.size()});
  if (!store.write("setup_pass", bytes_of(passphrase.view())) || !store.commit()) {
    ESP_LOGE(tag, "the setup network's passphrase will be another one next time");
  }
  return passphrase;
}

bool journal_was_formatted() noexcept {
  Store store{NVS_READONLY};
  return flag(store, "formatted");
}

void remember_journal_formatted() noexcept {
  set_flag("formatted", true);
}

RadioRecord load_radio_record() noexcept {
  Store store{NVS_READONLY};
  std::array<std::uint8_t, 2> bytes{};
  if (store.read("radio", bytes).size() != bytes.size()) return {};
  return {.crashes = bytes[0], .starting = bytes[1] == 1};
}

void save_radio_record(const RadioRecord& record) noexcept {
  Store store{NVS_READWRITE};
  const std::array<std::uint8_t, 2> bytes{static_cast<std::uint8_t>(record.crashes),
                                          static_cast<std::uint8_t>(record.starting ? 1 : 0)};
  if (!store.write("radio", bytes) || !store.commit()) {
    ESP_LOGE(tag, "how the radio started could not be saved");
  }
}

firmware::Tuning tuning_unless_known() noexcept {
#if CONFIG_POURTOCOL_FACTORY_CALIBRATION
  return firmware::fresh_tuning(firmware::factory_calibration());
#else
  return {};
#endif
}

}  // namespace pourtocol::board
