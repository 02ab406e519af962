// One pour, from its order to its end: how much is thought to have come, when the pump must go off,
// and what can truthfully be said about it afterwards.
#pragma once

#include <cstdint>
#include <optional>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "firmware/core/config.hpp"
#include "firmware/core/reckoning.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::firmware {

class Pour {
 public:
  enum class Phase : std::uint8_t {
    recording,  ///< its `started` record is being written; the pump is off
    pumping,
    settling,  ///< pump off, coast still coming
    ended,     ///< its `ended` record is being written
  };

  /// `config` must be valid and calibrated, `amount` within 1..60.
  Pour(const Config& config, const RequestId& id, Millilitres amount) noexcept;

  [[nodiscard]] Phase phase() const noexcept { return phase_; }
  [[nodiscard]] const RequestId& id() const noexcept { return id_; }
  [[nodiscard]] Millilitres requested() const noexcept { return requested_; }

  void pump_switched_on(Uptime now, std::uint32_t pulses) noexcept;
  /// Takes note of the meter. Call every tick while pumping or settling.
  void measure(Uptime now, std::uint32_t pulses) noexcept;
  /// While pumping: whether, and why, the pump must go off now.
  [[nodiscard]] std::optional<protocol::StopReason> must_stop() const noexcept;
  /// While pumping: how long from now the pump may run on without the loop having another turn;
  /// asked for each turn, and remembered. At most a lease of 60 ms, less towards the end of what
  /// the order allows.
  [[nodiscard]] Milliseconds renew_cut_off() noexcept;
  /// Whether being cut off says something about the machine (clogged, a loop that hangs), rather
  /// than that the order was too small for its start delay.
  [[nodiscard]] bool cut_off_is_fault() const noexcept;
  void pump_switched_off(Uptime now, protocol::StopReason reason) noexcept;
  /// While settling: nothing more is expected.
  [[nodiscard]] bool settled() const noexcept;
  void end() noexcept { phase_ = Phase::ended; }

  /// What is thought to have come so far.
  [[nodiscard]] Microlitres delivered() const noexcept;
  /// A checkpoint is due; says so once per interval.
  [[nodiscard]] bool take_checkpoint() noexcept;
  /// What would be true of this pour if power were lost now.
  [[nodiscard]] protocol::RecentPour if_power_were_lost() const noexcept;
  /// What is true of it, once settled.
  [[nodiscard]] protocol::RecentPour result() const noexcept;

 private:
  [[nodiscard]] Milliseconds on_time() const noexcept;
  [[nodiscard]] Microlitres volume_of(std::uint32_t pulses) const noexcept;
  [[nodiscard]] Microlitres by_time() const noexcept;
  [[nodiscard]] Microlitres most_pumped_by_meter() const noexcept;
  [[nodiscard]] Microlitres least() const noexcept;
  [[nodiscard]] Microlitres most() const noexcept;
  [[nodiscard]] Microlitres uncertainty(Microlitres delivered) const noexcept;
  [[nodiscard]] Microlitres most_while_still() const noexcept;
  [[nodiscard]] bool pulses_are_missing() const noexcept;
  [[nodiscard]] Milliseconds silence() const noexcept;
  void watch_speed() noexcept;

  Calibration calibration_;
  std::optional<Meter> meter_;
  RequestId id_;
  Millilitres requested_;
  Plan plan_;
  Milliseconds checkpoint_interval_;
  Phase phase_ = Phase::recording;
  protocol::StopReason reason_ = protocol::StopReason::power_lost;

  Uptime now_{0};
  Uptime on_at_{0};
  Uptime off_at_{0};
  Uptime cut_off_at_{0};  ///< as last armed
  Uptime checkpoint_at_{0};

  std::uint32_t pulses_at_on_ = 0;
  std::uint32_t pulses_ = 0;                    ///< since pump on
  std::optional<std::uint32_t> pulses_at_off_;  ///< of these, by the first reading after pump off
  Uptime pulse_at_{0};                          ///< the last reading that showed a new pulse
  Uptime still_at_{0};   ///< since this reading, at the latest, no pulse has been seen
  Uptime read_at_{0};    ///< the last reading
  Microlitres unseen_;   ///< the most that can have flowed while the meter stood still in mid-pour
  Uptime window_at_{0};  ///< where the present window of `watch_speed` began
  std::uint32_t window_pulses_ = 0;
  bool too_fast_ = false;
};

/// How many records one pour can take at most: `started`, checkpoints, `ended`.
inline constexpr std::size_t checkpoints_max = 24;
inline constexpr std::size_t records_per_pour_max = checkpoints_max + 2;

}  // namespace pourtocol::firmware
