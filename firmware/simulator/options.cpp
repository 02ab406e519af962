#include "firmware/simulator/options.hpp"

#include <CLI/CLI.hpp>
#include <string_view>
#include <utility>

#include "firmware/core/pump_power.hpp"

namespace pourtocol::firmware {

namespace {

constexpr int usage_error = 2;

std::string valid_tap_name(const std::string& text) {
  if (TapName::parse(text)) return {};
  return "\"" + text + "\" is not a tap name: 1 to 32 letters, digits or any of - _";
}

constexpr std::string_view no_machine_id = "none";

std::string valid_machine_id(const std::string& text) {
  if (text == no_machine_id || MachineId::parse(text)) return {};
  return "\"" + text + "\" is not a machine's id: 16 digits 0-9 a-f, or none";
}

/// CLI11 would take -1 for the largest number there is.
std::string valid_seed(const std::string& text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? std::string{} : "\"" + text + "\" is not a whole number";
}

std::string valid_pump_power(const std::string& text) {
  for (int power = lowest_power; power <= full_power; power += power_step) {
    if (text == std::to_string(power)) return {};
  }
  return "\"" + text + "\" is not a power: 40 to 100 (percent), in steps of 5";
}

/// What a command line says, in the types CLI11 can read.
struct Raw {
  int port = Options{}.port;
  int control_port = 0;
  std::string tap;
  std::string machine_id;
  std::string flash;
  std::string meter = "yes";
  std::string calibrated = "yes";
  bool demands_guards = false;
  std::string sensor = "contact";
  int resume_within_ms = 0;
  bool no_glass = false;
};

}  // namespace

std::variant<Options, EndAtOnce> parse_options(int argc, const char* const* argv) {
  Options options;
  Raw raw;

  CLI::App app{
      "A dispenser that exists only in memory: the real firmware on simulated hardware, behind "
      "the\n"
      "HTTP interface of a real one.\n",
      "pourtocol-dispenser"};
  const auto ports = CLI::Range(0, 65535);
  app.add_option("--port", raw.port, "Port to serve the dispenser on; 0 picks any")
      ->check(ports)
      ->capture_default_str();
  app.add_option("--host", options.host, "Address to serve it on")->capture_default_str();
  auto* const control =
      app.add_option("--control-port", raw.control_port,
                     "Port (on 127.0.0.1) to place and lift the glass, empty the bottle, cut\n"
                     "the power and so on; 0 picks any; none unless given")
          ->check(ports);
  app.add_option("--protocol", options.protocol,
                 "1: the plain contract any device can meet; 2: with what our firmware adds")
      ->check(CLI::IsMember({1, 2}))
      ->capture_default_str();
  app.add_option("--seed", options.seed,
                 "Draws the machine's physics: flow, delays, coast, meter. The same seed gives\n"
                 "the same machine")
      ->check(CLI::Validator{valid_seed, ""})
      ->capture_default_str();
  app.add_option(
         "--tap", raw.tap,
         "The tap it says it is; a server pours with it as no other. Not named unless given")
      ->check(CLI::Validator{valid_tap_name, "NAME"});
  app.add_option("--machine-id", raw.machine_id,
                 "Which machine it says it is: 16 digits 0-9 a-f; none: it does not say. Unless\n"
                 "given, an id of its own that it keeps: by its flash file, else its tap's name,\n"
                 "else its port")
      ->check(CLI::Validator{valid_machine_id, "ID"});
  auto* const flash = app.add_option(
      "--flash", raw.flash, "File that keeps the flash (the journal of pours) between runs");
  app.add_option("--meter", raw.meter, "yes: it has a flow meter; no: it pours by time")
      ->check(CLI::IsMember({"yes", "no"}))
      ->capture_default_str();
  app.add_flag("--demand-guards", raw.demands_guards,
               "Take no order and no act of calibration without boot_id and expires_ms, as a\n"
               "machine does that has a key");
  app.add_option("--calibrated", raw.calibrated,
                 "yes: somebody has calibrated it; no: as bought. A flash that knows better wins")
      ->check(CLI::IsMember({"yes", "no"}))
      ->capture_default_str();
  app.add_option("--sensor", raw.sensor,
                 "What looks for the glass. contact: a switch or light barrier; echo: an HC-SR04")
      ->check(CLI::IsMember({"contact", "echo"}))
      ->capture_default_str();
  app.add_option("--resume-within-ms", raw.resume_within_ms,
                 "A glass that comes back so soon gets the remainder; 0: lifting it ends the pour")
      ->check(CLI::Range(0, 30'000))
      ->capture_default_str();
  app.add_option("--pump-power", options.pump_power,
                 "Percent of its supply that the pump gets: a strong one pours more slowly, and\n"
                 "more precisely where there is no meter")
      ->check(CLI::Validator{valid_pump_power, "PERCENT"})
      ->capture_default_str();
  app.add_flag("--no-glass", raw.no_glass, "Start with no glass in place");

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return EndAtOnce{0, app.help()};
  } catch (const CLI::ParseError& error) {
    return EndAtOnce{usage_error,
                     std::string{error.what()} + "\nSee pourtocol-dispenser --help.\n"};
  }

  options.port = static_cast<std::uint16_t>(raw.port);
  if (control->count() > 0) options.control_port = static_cast<std::uint16_t>(raw.control_port);
  if (flash->count() > 0) options.flash_file = raw.flash;
  options.tap = TapName::parse(raw.tap).value_or(TapName{});
  options.machine_id = MachineId::parse(raw.machine_id);
  options.tells_no_machine_id = raw.machine_id == no_machine_id;
  options.metered = raw.meter == "yes";
  options.glass = !raw.no_glass;
  options.calibrated = raw.calibrated == "yes";
  options.demands_guards = raw.demands_guards;
  options.echo_sensor = raw.sensor == "echo";
  options.resume_within = std::chrono::milliseconds{raw.resume_within_ms};
  return options;
}

}  // namespace pourtocol::firmware
