#include "backend/app/configuration_file.hpp"

#include <fmt/core.h>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <stdexcept>

namespace pourtocol::app {
namespace {
/// What the library believes of a file and is not so: with "[= 1]" it gets there.
struct Unreadable {};
[[noreturn]] inline void give_up() {
  throw Unreadable{};
}
}  // namespace
}  // namespace pourtocol::app

#define TOML_ASSERT(belief) ((belief) ? void() : ::pourtocol::app::give_up())
#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include "backend/routes/utf8.hpp"

namespace pourtocol::app {

namespace {

/// Ends the reading of the file with a sentence; caught in `apply_file`.
struct Complaint : std::runtime_error {
  using std::runtime_error::runtime_error;
};

bool beyond_ascii(char letter) {
  return static_cast<unsigned char>(letter) >= 0x80;
}

/// "\U000000E9" for the well-formed letter at the front of `text`, which is cut off.
std::string take_as_escape(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  std::uint32_t letter = first & (0x7FU >> length);
  for (const char more : text.substr(1, length - 1)) {
    letter = letter << 6 | (static_cast<unsigned char>(more) & 0x3FU);
  }
  text.remove_prefix(length);
  return fmt::format("\\U{:08X}", letter);
}

/// One line of the file, of the same meaning in ASCII.
std::string in_ascii(std::string_view line, int number) {
  if (!routes::is_utf8(line)) throw Complaint{fmt::format("line {}: is not UTF-8", number)};
  std::string ascii;
  char within = '\0';     // the '#' of a comment, or the mark that ends a text
  bool escaping = false;  // by a backslash just before
  while (!line.empty()) {
    const char letter = line.front();
    if (beyond_ascii(letter)) {
      if (escaping || (within != '"' && within != '#')) {
        throw Complaint{fmt::format(
            "line {}: a letter beyond ASCII must stand within quotes (\"\") or in a comment",
            number)};
      }
      ascii += take_as_escape(line);
      continue;
    }
    if (within == '\0' && line.starts_with(std::string(3, letter)) &&
        (letter == '"' || letter == '\'')) {
      throw Complaint{
          fmt::format("line {}: a text must stand on one line, with one mark before "
                      "and behind it",
                      number)};
    }
    if (within == '\0' && (letter == '#' || letter == '"' || letter == '\'')) {
      within = letter;
    } else if (within == letter && within != '#' && !escaping) {
      within = '\0';
    }
    escaping = within == '"' && letter == '\\' && !escaping;
    ascii += letter;
    line.remove_prefix(1);
  }
  return ascii;
}

/// The library gets to see ASCII only: toml++ 3.3 takes other letters outside of quotes into a
/// branch that it declares unreachable. Texts over several lines are refused, so that a line alone
/// tells what is within quotes; no value here needs one.
std::string whole_in_ascii(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::string ascii;
  for (int number = 1;; ++number) {
    const std::size_t end = text.find('\n');
    ascii += in_ascii(text.substr(0, end), number);
    if (end == std::string_view::npos) return ascii;
    ascii += '\n';
    text.remove_prefix(end + 1);
  }
}

[[noreturn]] void complain(const toml::node& node, std::string_view key, std::string_view what) {
  throw Complaint{fmt::format("line {}: \"{}\" {}", node.source().begin.line, key, what)};
}

std::string text_of(const toml::node& node, std::string_view key) {
  const auto value = node.value_exact<std::string>();
  if (!value) complain(node, key, "must be a text in quotes");
  if (value->empty()) complain(node, key, "must not be empty");
  return *value;
}

/// A text that `parse` takes: what it makes of it.
template <class Parse>
std::string parsed_text_of(const toml::node& node, std::string_view key, Parse parse) {
  auto parsed = parse(text_of(node, key));
  if (!parsed) complain(node, key, parsed.error());
  return std::move(*parsed);
}

/// A number, whole or not, within [low, high].
double number_of(const toml::node& node, std::string_view key, double low, double high) {
  std::optional<double> value = node.value_exact<double>();
  if (!value) {
    if (const auto whole = node.value_exact<std::int64_t>()) value = static_cast<double>(*whole);
  }
  if (!value || !(*value >= low) || !(*value <= high)) {
    complain(node, key, fmt::format("must be a number from {} to {}", low, high));
  }
  return *value;
}

std::chrono::milliseconds seconds_of(const toml::node& node, std::string_view key, double low,
                                     double high) {
  return std::chrono::milliseconds{std::lround(number_of(node, key, low, high) * 1000)};
}

using Reader = std::function<void(const toml::node& node, std::string_view key)>;
using Readers = std::map<std::string_view, Reader>;

/// Hands each key of `table` to its reader; a key without one is an error.
void read_table(const toml::table& table, const Readers& readers) {
  for (const auto& [key, node] : table) {
    const auto reader = readers.find(key.str());
    if (reader == readers.end()) {
      std::string known;
      for (const auto& [name, ignored] : readers)
        known += (known.empty() ? "" : ", ") + std::string{name};
      complain(node, key.str(), "is not a known key; known are " + known);
    }
    reader->second(node, key.str());
  }
}

TapConfiguration read_tap(const toml::table& table) {
  std::string name;
  std::string url;
  control::TapSettings settings;
  read_table(
      table,
      {{"name", [&](const auto& node, auto key) { name = text_of(node, key); }},
       {"url", [&](const auto& node, auto key) { url = text_of(node, key); }},
       {"drink", [&](const auto& node,
                     auto key) { settings.drink = parsed_text_of(node, key, parse_drink); }},
       {"calibration_error_percent",
        [&](const auto& node, auto key) {
          settings.calibration_error_permille = std::lround(number_of(node, key, 0, 50) * 10);
        }},
       {"coast_ml",
        [&](const auto& node, auto key) {
          settings.coast = Microlitres{std::lround(number_of(node, key, 0, 10) * 1000)};
        }},
       {"slowest_flow_ml_s",
        [&](const auto& node, auto key) {
          settings.slowest_flow = FlowRate{std::lround(number_of(node, key, 0.5, 100) * 1000)};
        }},
       {"fastest_flow_ml_s",
        [&](const auto& node, auto key) {
          settings.fastest_flow = FlowRate{std::lround(number_of(node, key, 1, 1000) * 1000)};
        }},
       {"start_delay_s",
        [&](const auto& node, auto key) { settings.start_delay = seconds_of(node, key, 0, 10); }}});
  for (const auto& [key, value] : {std::pair{"name", &name}, std::pair{"url", &url}}) {
    if (value->empty()) {
      throw Complaint{fmt::format("line {}: a tap needs a \"{}\"", table.source().begin.line, key)};
    }
  }
  auto tap = parse_tap(name + "=" + url);
  if (!tap) {
    throw Complaint{fmt::format("line {}: \"taps\" {}", table.source().begin.line, tap.error())};
  }
  settings.name = tap->settings.name;
  settings.address = tap->settings.address;
  tap->settings = settings;
  return *tap;
}

void read_taps(const toml::node& node, std::string_view key, Configuration& to) {
  const toml::array* taps = node.as_array();
  if (taps == nullptr || taps->empty()) {
    complain(node, key, "must be a list of tables: [[taps]] with \"name\" and \"url\"");
  }
  to.taps.clear();
  for (const toml::node& tap : *taps) {
    if (!tap.is_table()) complain(tap, key, "must be a list of tables: [[taps]]");
    to.taps.push_back(read_tap(*tap.as_table()));
  }
}

void read_allowed_hosts(const toml::node& node, std::string_view key, Configuration& to) {
  const toml::array* names = node.as_array();
  if (names == nullptr) complain(node, key, "must be a list of names: [\"bar.example\"]");
  to.allowed_hosts.clear();
  for (const toml::node& name : *names) {
    to.allowed_hosts.push_back(parsed_text_of(name, key, parse_host_name));
  }
}

std::size_t count_of(const toml::node& node, std::string_view key, std::int64_t low,
                     std::int64_t high) {
  const auto value = node.value_exact<std::int64_t>();
  if (!value || *value < low || *value > high) {
    complain(node, key, fmt::format("must be a whole number from {} to {}", low, high));
  }
  return static_cast<std::size_t>(*value);
}

void read_limits(const toml::node& node, std::string_view key, Configuration& to) {
  if (!node.is_table()) complain(node, key, "must be a table: [limits]");
  http::Limits& limits = to.limits;
  read_table(
      *node.as_table(),
      {{"connections",
        [&](const auto& value, auto name) {
          limits.connections_max = count_of(value, name, 16, 100'000);
        }},
       {"connections_per_address",
        [&](const auto& value, auto name) {
          limits.connections_per_address_max = count_of(value, name, 1, 100'000);
        }},
       {"unsent_mb",
        [&](const auto& value, auto name) {
          limits.unsent_bytes_max = count_of(value, name, 1, 100'000) << 20;
        }},
       {"unsent_mb_per_address",
        [&](const auto& value, auto name) {
          limits.unsent_bytes_per_address_max = count_of(value, name, 1, 100'000) << 20;
        }},
       {"live_clients", [&](const auto& value,
                            auto name) { limits.streams_max = count_of(value, name, 1, 100'000); }},
       {"orders_burst",
        [&](const auto& value, auto name) {
          to.dispense_rate.burst = static_cast<double>(count_of(value, name, 0, 1'000'000));
        }},
       {"orders_per_second", [&](const auto& value, auto name) {
          to.dispense_rate.per_second = number_of(value, name, 0.01, 1'000'000);
        }}});
}

void read_log(const toml::node& node, std::string_view key, Configuration& to) {
  if (!node.is_table()) complain(node, key, "must be a table: [log]");
  read_table(
      *node.as_table(),
      {{"key_file", [&](const auto& value, auto name) { to.key_file = text_of(value, name); }}});
}

void read_root(const toml::table& root, Configuration& to) {
  read_table(
      root,
      {{"host", [&](const auto& node, auto key) { to.host = text_of(node, key); }},
       {"public_url",
        [&](const auto& node, auto key) {
          to.public_url = parsed_text_of(node, key, parse_public_url);
        }},
       {"allowed_hosts", [&](const auto& node, auto key) { read_allowed_hosts(node, key, to); }},
       {"log", [&](const auto& node, auto key) { read_log(node, key, to); }},
       {"limits", [&](const auto& node, auto key) { read_limits(node, key, to); }},
       {"port",
        [&](const auto& node, auto key) {
          const auto port = node.template value_exact<std::int64_t>();
          if (!port || *port < 0 || *port > 65'535) {
            complain(node, key, "must be a whole number from 0 to 65535");
          }
          to.port = static_cast<std::uint16_t>(*port);
        }},
       {"database", [&](const auto& node, auto key) { to.database = text_of(node, key); }},
       {"web_root", [&](const auto& node, auto key) { to.web_root = text_of(node, key); }},
       {"status_timeout",
        [&](const auto& node, auto key) { to.status_timeout = seconds_of(node, key, 0.05, 60); }},
       {"dispense_timeout",
        [&](const auto& node, auto key) { to.dispense_timeout = seconds_of(node, key, 0.05, 60); }},
       {"taps", [&](const auto& node, auto key) { read_taps(node, key, to); }}});
}

}  // namespace

std::expected<void, std::string> apply_text(std::string_view text, std::string_view file,
                                            Configuration& to) {
  try {
    read_root(toml::parse(whole_in_ascii(text), file), to);
    return {};
  } catch (const Complaint& complaint) {
    return std::unexpected(routes::printable_utf8(fmt::format("{}, {}", file, complaint.what())));
  } catch (const Unreadable&) {
    return std::unexpected(routes::printable_utf8(
        fmt::format("{} is not TOML: look for a [ without a name behind it", file)));
  } catch (const toml::parse_error& error) {
    return std::unexpected(routes::printable_utf8(
        fmt::format("{}, line {}: {}", file, error.source().begin.line, error.description())));
  }
}

std::expected<void, std::string> apply_file(const std::filesystem::path& file, Configuration& to) {
  std::ifstream stream{file, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{stream}, {}};
  if (!stream.is_open() || stream.bad()) {
    return std::unexpected(fmt::format("{} cannot be read", file.string()));
  }
  return apply_text(text, file.string(), to);
}

}  // namespace pourtocol::app
