// What the core must be told about its machine, and the bounds it takes for granted about the rest.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "core/ids.hpp"
#include "core/units.hpp"

namespace pourtocol::firmware {

using Milliseconds = std::chrono::milliseconds;

/// What a calibration found out about one machine. (The calibration itself is not built yet; it
/// will produce a value of this type.)
struct Calibration {
  FlowRate flow;                ///< while the pump runs; 0 = not calibrated, and nothing is poured
  Milliseconds start_delay{0};  ///< from pump on to the first flow
  Microlitres coast;            ///< what still comes after pump off, drops included
  friend bool operator==(const Calibration&, const Calibration&) = default;
};

/// A flow meter. YF-S401: 98 Hz per l/min, that is 5880 pulses per litre.
struct Meter {
  std::uint32_t pulses_per_litre = 5880;
  friend bool operator==(const Meter&, const Meter&) = default;
};

/// How the glass sensor's readings become "there" and "gone" (`glass.hpp`).
struct GlassTimes {
  Milliseconds settle{300};  ///< a glass must stand this long before a pour may start
  Milliseconds confirm{30};  ///< readings of "gone" for this long end a pour
  friend bool operator==(const GlassTimes&, const GlassTimes&) = default;
};

struct Config {
  TapName tap;  ///< may be empty: not named yet
  Calibration calibration;
  std::optional<Meter> meter;  ///< none: pours are timed
  GlassTimes glass;
  friend bool operator==(const Config&, const Config&) = default;
};

/// A machine as bought: a small submersible pump at 3 V (12 ml/s), calibrated in the factory.
[[nodiscard]] Config default_timed_config() noexcept;
/// The same with a YF-S401.
[[nodiscard]] Config default_metered_config() noexcept;

/// Which value is out of its range, as a sentence: "flow must be 0 or 2..50 ml/s".
struct ConfigError {
  std::string_view message;
};
/// Every value of a config must lie in a range in which the core's promises hold:
/// flow 0 or 2..50 ml/s, start delay 0..2000 ms, coast 0..5 ml, 500..100,000 pulses per litre,
/// glass settle 50..5000 ms, glass confirm 0..50 ms.
[[nodiscard]] std::expected<void, ConfigError> validate(const Config& config) noexcept;

}  // namespace pourtocol::firmware
