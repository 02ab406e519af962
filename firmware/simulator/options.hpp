// The command line of pourtocol-dispenser.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/ids.hpp"

namespace pourtocol::firmware {

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;                  ///< 0: any
  std::optional<std::uint16_t> control_port;  ///< none: no control port; 0: any
  int protocol = 2;
  std::uint64_t seed = 1;
  TapName tap;                            ///< empty: not named
  std::optional<MachineId> machine_id;    ///< none: `machine_id_of` finds one
  bool tells_no_machine_id = false;       ///< as our firmware was before it knew
  std::optional<std::string> flash_file;  ///< none: the flash lives as long as the process
  bool metered = true;
  bool glass = true;
  bool calibrated = true;       ///< false: as bought, calibrated by nobody
  bool demands_guards = false;  ///< of orders and acts of calibration
  bool echo_sensor = false;     ///< an HC-SR04 looks for the glass, not a contact
  /// A glass that comes back within this time gets the remainder.
  std::chrono::milliseconds resume_within{0};
  int pump_power = 100;  ///< percent, as `valid_power`
};

/// The program is to say this and end: help on request, or what is wrong with the command line.
struct EndAtOnce {
  int exit_code = 0;
  std::string text;
};

[[nodiscard]] std::variant<Options, EndAtOnce> parse_options(int argc, const char* const* argv);

}  // namespace pourtocol::firmware
