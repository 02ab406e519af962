// What a host or maker decides about one machine. It changes rarely and lives in the board's own
// settings (`stored_config.hpp`); what the machine knows about itself is its `Tuning`.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "core/ids.hpp"
#include "core/units.hpp"
#include "firmware/core/pump_power.hpp"
#include "firmware/core/tuning.hpp"

namespace pourtocol::firmware {

/// How the glass sensor's readings become "there" and "gone" (`glass.hpp`).
struct GlassTimes {
  Milliseconds settle{300};  ///< a glass must stand this long before a pour may start
  Milliseconds confirm{30};  ///< readings of "gone" for this long end a pour
  friend bool operator==(const GlassTimes&, const GlassTimes&) = default;
};

struct Config {
  TapName tap;           ///< may be empty: not named yet
  bool metered = false;  ///< a flow meter is fitted; without one, pours are timed
  /// A strong pump that pours by time is timed better when it runs slower. A machine calibrated at
  /// another power is not calibrated.
  PumpPower pump_power = full_power;
  GlassTimes glass;
  /// With an ultrasonic sensor: what stands nearer than this is a glass, in millimetres.
  std::uint16_t glass_within_mm = 80;
  /// What a full bottle holds; 0: not told, and the flow is not corrected for the bottle's level.
  Microlitres bottle;
  /// A glass that comes back within this time after it was lifted gets the remainder; 0: a lifted
  /// glass ends the pour.
  Milliseconds resume_within{0};

  // What vouches for a calibration (`confirmed.hpp`).
  /// What a pump of its kind gives at full power as bought; 0: not told, and it may be any pump
  /// that fits.
  FlowRate pump_flow{};
  /// The calibration last accepted with a hand at the machine, kept apart from all else
  /// (`encode_confirmed`).
  std::optional<Calibration> confirmed = std::nullopt;
  /// Nobody has ever said whether one is confirmed, for such firmware was not there: what the
  /// journal has is taken for confirmed, once.
  bool confirm_journalled = false;
  friend bool operator==(const Config&, const Config&) = default;
};

/// Which value is out of its range, as a sentence: "the bottle must hold 0 (not told) or 50 ml..30
/// l".
struct ConfigError {
  std::string_view message;
};
/// Every value of a config must lie in a range in which the core's promises hold: pump power
/// 40..100 % in steps of 5, glass settle 50..5000 ms, glass confirm 0..30 ms, glass within 20..500
/// mm, bottle 0 or 50 ml..30 l, resume within 0..30 s, the pump's flow 0 or 2..25 ml/s, a confirmed
/// calibration valid and of some flow.
[[nodiscard]] std::expected<void, ConfigError> validate(const Config& config) noexcept;

}  // namespace pourtocol::firmware
