#include "backend/app/configuration.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "backend/app/configuration_file.hpp"
#include "backend/routes/admission.hpp"
#include "backend/routes/utf8.hpp"

namespace pourtocol::app {

namespace {

using Outcome = std::expected<void, std::string>;

/// One source of values: where a value comes from is part of every complaint about it.
class Setter {
 public:
  Setter(Configuration& configuration, std::string source)
      : configuration_{configuration}, source_{std::move(source)} {}

  Outcome host(const std::string& text) {
    if (text.empty()) return complain("must not be empty");
    configuration_.host = text;
    return {};
  }
  Outcome public_url(const std::string& text) {
    return keep(parse_public_url(text), configuration_.public_url);
  }
  /// Several names in one text, comma-separated.
  Outcome allowed_hosts(std::string_view text) {
    configuration_.allowed_hosts.clear();
    while (true) {
      const auto comma = text.find(',');
      if (auto added = add_allowed_host(text.substr(0, comma)); !added) return added;
      if (comma == std::string_view::npos) return {};
      text.remove_prefix(comma + 1);
    }
  }
  Outcome add_allowed_host(std::string_view text) {
    return keep(parse_host_name(text), configuration_.allowed_hosts.emplace_back());
  }
  Outcome port(const std::string& text) {
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
      return complain(fmt::format("must be a port number from 0 to 65535, not \"{}\"", text));
    }
    configuration_.port = value;
    return {};
  }
  Outcome database(const std::string& text) {
    if (text.empty()) return complain("must name a file");
    configuration_.database = text;
    return {};
  }
  Outcome web_root(const std::string& text) {
    if (text.empty()) return complain("must name a folder");
    configuration_.web_root = text;
    return {};
  }
  Outcome timeout(const std::string& text, std::chrono::milliseconds& to) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool number = error == std::errc{} && end == text.data() + text.size();
    if (!number || !(value >= timeout_min_s) || !(value <= timeout_max_s)) {
      return complain(fmt::format("must be a number of seconds from {} to {}, not \"{}\"",
                                  timeout_min_s, timeout_max_s, text));
    }
    to = std::chrono::milliseconds{std::lround(value * 1000)};
    return {};
  }
  /// Several taps in one text, comma-separated; a text that is a URL alone is the tap `main`.
  Outcome taps(std::string_view text) {
    configuration_.taps.clear();
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals > text.find("://")) {
      return add_tap("main=" + std::string{text});
    }
    while (!text.empty()) {
      const auto comma = std::min(text.find(','), text.size());
      if (auto added = add_tap(text.substr(0, comma)); !added) return added;
      text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return {};
  }
  Outcome add_tap(std::string_view text) {
    auto tap = parse_tap(text);
    if (!tap) return complain(tap.error());
    configuration_.taps.push_back(std::move(*tap));
    return {};
  }
  /// "NAME=TEXT", for a tap that is there.
  Outcome drink(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) {
      return complain(fmt::format("must be NAME=TEXT, as in bar=Negroni, not \"{}\"", text));
    }
    const std::string_view name = text.substr(0, equals);
    for (TapConfiguration& tap : configuration_.taps) {
      if (tap.settings.name.view() != name) continue;
      return keep(parse_drink(text.substr(equals + 1)), tap.settings.drink);
    }
    return complain(fmt::format("names a tap \"{}\" that is not configured", name));
  }

 private:
  static constexpr double timeout_min_s = 0.05;
  static constexpr double timeout_max_s = 60;

  Outcome complain(const std::string& what) const {
    // What was typed is quoted, whatever it was.
    return std::unexpected(routes::printable_utf8(fmt::format("{} {}", source_, what)));
  }
  Outcome keep(std::expected<std::string, std::string> parsed, std::string& place) const {
    if (!parsed) return complain(parsed.error());
    place = std::move(*parsed);
    return {};
  }

  Configuration& configuration_;
  std::string source_;
};

Outcome apply_environment(Configuration& to, const Environment& environment) {
  Outcome outcome;
  const auto apply = [&](const char* name, auto set) {
    if (!outcome) return;
    const auto value = environment(name);
    if (!value) return;
    outcome = set(Setter{to, fmt::format("The environment variable {}", name)}, *value);
  };
  using Text = const std::string&;
  apply("HOST", [](Setter s, Text v) { return s.host(v); });
  apply("PORT", [](Setter s, Text v) { return s.port(v); });
  apply("DATABASE_PATH", [](Setter s, Text v) { return s.database(v); });
  apply("PUBLIC_URL", [](Setter s, Text v) { return s.public_url(v); });
  apply("ALLOWED_HOSTS", [](Setter s, Text v) { return s.allowed_hosts(v); });
  apply("ESP32_URL", [](Setter s, Text v) { return s.taps(v); });
  apply("ESP32_STATUS_TIMEOUT", [&](Setter s, Text v) { return s.timeout(v, to.status_timeout); });
  apply("ESP32_DISPENSE_TIMEOUT",
        [&](Setter s, Text v) { return s.timeout(v, to.dispense_timeout); });
  return outcome;
}

Outcome apply_options(Configuration& to, const Options& options) {
  Outcome outcome;
  const auto apply = [&](const char* name, const std::optional<std::string>& value, auto set) {
    if (!outcome || !value) return;
    outcome = set(Setter{to, fmt::format("The option {}", name)}, *value);
  };
  using Text = const std::string&;
  apply("--host", options.host, [](Setter s, Text v) { return s.host(v); });
  apply("--port", options.port, [](Setter s, Text v) { return s.port(v); });
  apply("--database", options.database, [](Setter s, Text v) { return s.database(v); });
  apply("--web-root", options.web_root, [](Setter s, Text v) { return s.web_root(v); });
  apply("--public-url", options.public_url, [](Setter s, Text v) { return s.public_url(v); });
  apply("--status-timeout", options.status_timeout,
        [&](Setter s, Text v) { return s.timeout(v, to.status_timeout); });
  apply("--dispense-timeout", options.dispense_timeout,
        [&](Setter s, Text v) { return s.timeout(v, to.dispense_timeout); });
  if (!options.allowed_hosts.empty()) to.allowed_hosts.clear();
  for (const std::string& name : options.allowed_hosts) {
    if (outcome) outcome = Setter{to, "The option --allowed-host"}.add_allowed_host(name);
  }
  if (!options.taps.empty()) to.taps.clear();
  for (const std::string& tap : options.taps) {
    if (outcome) outcome = Setter{to, "The option --tap"}.add_tap(tap);
  }
  for (const std::string& drink : options.drinks) {
    if (outcome) outcome = Setter{to, "The option --drink"}.drink(drink);
  }
  return outcome;
}

Outcome check(const Configuration& configuration) {
  for (auto tap = configuration.taps.begin(); tap != configuration.taps.end(); ++tap) {
    for (auto other = std::next(tap); other != configuration.taps.end(); ++other) {
      if (other->settings.name == tap->settings.name) {
        return std::unexpected(fmt::format("Two taps are named \"{}\": give each a name of its own",
                                           tap->settings.name.view()));
      }
      if (other->url.place() == tap->url.place()) {
        return std::unexpected(fmt::format(
            "The taps \"{}\" and \"{}\" have the same address ({}): give each that of a "
            "machine of its own",
            tap->settings.name.view(), other->settings.name.view(), other->settings.address));
      }
    }
  }
  return {};
}

}  // namespace

std::expected<TapConfiguration, std::string> parse_tap(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) {
    return std::unexpected(
        fmt::format("must be NAME=URL, as in bar=http://esp32.local, not \"{}\"", text));
  }
  const auto name = TapName::parse(text.substr(0, equals));
  if (!name) {
    return std::unexpected(
        fmt::format("names a tap \"{}\": a name is 1 to 32 letters, digits, \"-\" or \"_\"",
                    text.substr(0, equals)));
  }
  const auto url = esp32::DeviceUrl::parse(text.substr(equals + 1));
  if (!url) return std::unexpected(fmt::format("for \"{}\": {}", name->view(), url.error()));
  TapConfiguration tap;
  tap.settings.name = *name;
  tap.settings.address = text.substr(equals + 1);
  tap.url = *url;
  return tap;
}

std::expected<std::string, std::string> parse_public_url(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    // Host and port follow the rules of a dispenser's.
    const std::string rest{text.substr(scheme.size())};
    const auto url = esp32::DeviceUrl::parse("http://" + rest);
    if (url && url->prefix.empty()) {
      return std::string{scheme} + rest.substr(0, rest.find('/'));
    }
  }
  const std::string meant = esp32::in_brackets(text);
  return std::unexpected(
      fmt::format("must look like http://192.168.1.20:5000 or https://bar.example, without a path, "
                  "not \"{}\"{}",
                  text, meant.empty() ? "" : ": an IPv6 address goes into brackets: " + meant));
}

std::expected<std::string, std::string> parse_host_name(std::string_view text) {
  constexpr std::size_t name_bytes_max = 253;
  const auto name = text.find(':') == std::string_view::npos ? routes::host_name_of(text)
                                                             : std::optional<std::string>{};
  if (!name || name->size() > name_bytes_max) {
    return std::unexpected(
        fmt::format("must be a name without scheme and port, as in bar.example, not \"{}\"", text));
  }
  return *name;
}

std::expected<std::string, std::string> parse_drink(std::string_view text) {
  constexpr std::size_t drink_bytes_max = 64;
  if (text.empty() || text.size() > drink_bytes_max || !routes::is_printable_utf8(text)) {
    return std::unexpected(
        fmt::format("must be 1 to {} bytes of text without control characters", drink_bytes_max));
  }
  return std::string{text};
}

namespace {

std::expected<Configuration, std::string> put_together(const Options& options,
                                                       const Environment& environment) {
  Configuration configuration;
  configuration.taps.push_back(*parse_tap("main=http://esp32.local"));
  if (options.config_file) {
    if (auto read = apply_file(*options.config_file, configuration); !read) {
      return std::unexpected(read.error());
    }
  }
  if (auto applied = apply_environment(configuration, environment); !applied) {
    return std::unexpected(applied.error());
  }
  if (auto applied = apply_options(configuration, options); !applied) {
    return std::unexpected(applied.error());
  }
  if (auto checked = check(configuration); !checked) return std::unexpected(checked.error());
  return configuration;
}

}  // namespace

std::expected<Configuration, std::string> load_configuration(const Options& options,
                                                             const Environment& environment) {
  auto configuration = put_together(options, environment);
  if (configuration) return configuration;
  // Some of the sentences end in words of a library, or of whoever typed them.
  std::string& sentence = configuration.error();
  sentence.erase(sentence.find_last_not_of('.') + 1);
  return std::unexpected(std::move(sentence.append(".")));
}

control::Settings Configuration::control_settings(std::size_t connections) const {
  control::Settings settings;
  for (const TapConfiguration& tap : taps) settings.taps.push_back(tap.settings);
  settings.status_timeout = status_timeout;
  settings.dispense_timeout = dispense_timeout;
  // A tap is offline only after two status calls have had the time to fail.
  settings.status_stale =
      std::max(settings.status_stale, 2 * (settings.status_timeout + settings.poll_idle));
  // All machines may hang: half of the connections, of an address's too, are left for others.
  const std::size_t half = std::min(connections, limits.connections_per_address_max) / 2;
  settings.stops_waiting_per_tap =
      std::clamp<std::size_t>(half / taps.size(), 1, settings.stops_waiting_per_tap);
  return settings;
}

}  // namespace pourtocol::app
