// Any bytes as a configuration file, then as the environment, then as options. Either there is a
// configuration within its bounds, or one sentence, on one line that a terminal can show, says
// where and what is wrong.
//
// NULs separate: the file; HOST, PORT and so on in the order below; then options.
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "backend/app/configuration.hpp"
#include "backend/app/configuration_file.hpp"
#include "backend/routes/utf8.hpp"
#include "core/tests/fuzzing.hpp"

namespace pourtocol::app {
namespace {

constexpr std::array variables{
    "HOST",          "PORT",      "DATABASE_PATH",        "PUBLIC_URL",
    "ALLOWED_HOSTS", "ESP32_URL", "ESP32_STATUS_TIMEOUT", "ESP32_DISPENSE_TIMEOUT"};

class Parts {
 public:
  explicit Parts(std::string_view text) : left_{text} {}
  std::optional<std::string> next() {
    if (over_) return std::nullopt;
    const std::size_t end = left_.find('\0');
    std::string part{left_.substr(0, end)};
    over_ = end == std::string_view::npos;
    if (!over_) left_.remove_prefix(end + 1);
    // An empty part stands for nothing said.
    return part.empty() ? std::nullopt : std::optional{std::move(part)};
  }

 private:
  std::string_view left_;
  bool over_ = false;
};

void check_complaint(const std::string& complaint) {
  POURTOCOL_ASSERT(complaint.size() > 10);
  POURTOCOL_ASSERT(routes::is_printable_utf8(complaint));
}

void check(const Configuration& configuration) {
  using std::chrono_literals::operator""ms;
  POURTOCOL_ASSERT(!configuration.host.empty() && !configuration.database.empty());
  for (const auto timeout : {configuration.status_timeout, configuration.dispense_timeout}) {
    POURTOCOL_ASSERT(timeout >= 50ms && timeout <= 60'000ms);
  }
  POURTOCOL_ASSERT(configuration.limits.connections_max >= 16);
  POURTOCOL_ASSERT(configuration.limits.streams_max >= 1);
  POURTOCOL_ASSERT(configuration.dispense_rate.per_second > 0);
  POURTOCOL_ASSERT(!configuration.taps.empty());
  for (const auto& tap : configuration.taps) {
    POURTOCOL_ASSERT(!tap.url.host.empty() && tap.url.port > 0);
    POURTOCOL_ASSERT(routes::is_printable_utf8(tap.settings.drink));
    POURTOCOL_ASSERT(tap.settings.coast >= Microlitres{0});
    POURTOCOL_ASSERT(tap.settings.slowest_flow >= FlowRate{500});
  }
  for (const auto& name : configuration.allowed_hosts) POURTOCOL_ASSERT(!name.empty());
}

void check_file(const std::optional<std::string>& text) {
  Configuration configuration;
  configuration.taps.push_back(parse_tap("main=http://esp32.local").value());
  const auto applied = apply_text(text.value_or(""), "the file", configuration);
  if (applied) return check(configuration);
  check_complaint(applied.error());
  POURTOCOL_ASSERT(applied.error().starts_with("the file, line ") ||
                   applied.error().starts_with("the file is not TOML"));
}

}  // namespace
}  // namespace pourtocol::app

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pourtocol::app;
  Parts parts{{reinterpret_cast<const char*>(data), size}};
  check_file(parts.next());
  std::map<std::string, std::string> environment;
  for (const char* name : variables) {
    if (auto value = parts.next()) environment[name] = std::move(*value);
  }
  Options options;
  for (auto* option : {&options.host, &options.port, &options.public_url, &options.status_timeout,
                       &options.dispense_timeout}) {
    *option = parts.next();
  }
  if (auto tap = parts.next()) options.taps.push_back(std::move(*tap));
  if (auto drink = parts.next()) options.drinks.push_back(std::move(*drink));
  if (auto name = parts.next()) options.allowed_hosts.push_back(std::move(*name));
  const auto loaded = load_configuration(options, [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional{found->second};
  });
  if (loaded) {
    check(*loaded);
  } else {
    check_complaint(loaded.error());
  }
  return 0;
}
