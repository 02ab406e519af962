// What the server is told at start: defaults, then a TOML file, then the environment, then options,
// each overriding the one before.
//
// Strict: an unknown key, a value of the wrong kind or out of its range is an error whose sentence
// names it. Nothing is guessed.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/control/settings.hpp"
#include "backend/esp32/device_url.hpp"
#include "backend/routes/rate_limit.hpp"
#include "http/server.hpp"

namespace pourtocol::app {

struct TapConfiguration {
  control::TapSettings settings;  ///< `address` is the URL as written
  esp32::DeviceUrl url;
};

struct Configuration {
  std::string host = "0.0.0.0";
  std::uint16_t port = 5000;  ///< 0: any free one
  std::filesystem::path database = "pourtocol.db";
  std::filesystem::path key_file;  ///< of the log's chain; empty: it is not keyed
  std::filesystem::path web_root;  ///< the built page; empty: where `./dev build` puts it
  std::string public_url;          ///< where guests reach the page: scheme, host, port; or empty
  std::vector<std::string> allowed_hosts;  ///< names the server answers to besides the usual ones
  http::Limits limits;
  routes::RateLimit::Rule dispense_rate;
  std::chrono::milliseconds status_timeout{1000};
  std::chrono::milliseconds dispense_timeout{2000};
  std::vector<TapConfiguration> taps;  ///< never empty once loaded

  /// With `connections` clients at once, as many as the system allows.
  [[nodiscard]] control::Settings control_settings(std::size_t connections) const;
};

/// What was given on the command line; absent: not given. Numbers come as they were typed.
struct Options {
  std::optional<std::string> config_file;
  std::optional<std::string> host;
  std::optional<std::string> port;
  std::optional<std::string> database;
  std::optional<std::string> web_root;
  std::optional<std::string> public_url;
  std::optional<std::string> status_timeout;    ///< seconds
  std::optional<std::string> dispense_timeout;  ///< seconds
  std::vector<std::string> taps;                ///< "NAME=URL"
  std::vector<std::string> drinks;              ///< "NAME=TEXT"
  std::vector<std::string> allowed_hosts;
};

/// Reads one environment variable; nothing if it is not set.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// Puts it all together. On failure one sentence, with its full stop, that names the offending
/// option, variable or key.
[[nodiscard]] std::expected<Configuration, std::string> load_configuration(
    const Options& options, const Environment& environment);

/// "NAME=URL".
[[nodiscard]] std::expected<TapConfiguration, std::string> parse_tap(std::string_view text);

// Each returns what is to be kept, or the end of a sentence that begins with where `text` stands.

/// `http(s)://host[:port]`; a slash at the end is dropped.
[[nodiscard]] std::expected<std::string, std::string> parse_public_url(std::string_view text);
/// 1 to 64 bytes of UTF-8 without control characters.
[[nodiscard]] std::expected<std::string, std::string> parse_drink(std::string_view text);
/// A name as it stands in a URL, without scheme, port and dots at its ends.
[[nodiscard]] std::expected<std::string, std::string> parse_host_name(std::string_view text);

}  // namespace pourtocol::app
