// One pour or service run, from its order to its end: how much is thought to have come, when the
// pump must go off and may go on again, and what can truthfully be said about it afterwards.
//
//   recording ──▶ pumping ──▶ settling ──▶ ended
//          │        │  ▲         ▲
//          │        ▼  │         │
//          └─────▶ pausing ──────┘
#pragma once

#include <cstdint>
#include <optional>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "firmware/core/behaviour.hpp"
#include "firmware/core/course.hpp"
#include "firmware/core/metering.hpp"
#include "firmware/core/reckoning.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::firmware {

class Pour {
 public:
  enum class Phase : std::uint8_t {
    recording,  ///< its `started` record is being written; the pump is off
    pumping,
    pausing,   ///< pump off, and it is to go on: again, or once a doubt is laid to rest
    settling,  ///< pump off, coast still coming
    ended,     ///< its `ended` record is being written
  };

  Pour(const Behaviour& behaviour, const RequestId& id, const Course& course) noexcept;

  [[nodiscard]] Phase phase() const noexcept { return phase_; }
  [[nodiscard]] const RequestId& id() const noexcept { return id_; }
  [[nodiscard]] protocol::RunningPour running() const noexcept;

  /// From `recording` or `pausing`.
  void pump_switched_on(Uptime now, std::uint32_t pulses) noexcept;
  /// Takes note of the meter. Call every tick from the first time the pump is on.
  void measure(Uptime now, std::uint32_t pulses) noexcept;
  /// While pumping: whether, and why, the pump must go off now for good.
  [[nodiscard]] std::optional<protocol::StopReason> must_stop() const noexcept;
  /// While pumping: the hardware has cut off, or is about to, because the glass could be trusted
  /// no longer and the loop was late, but by less than a lease. Nothing else speaks against going
  /// on.
  [[nodiscard]] bool out_of_trust() const noexcept;
  /// While pumping: how long from now the pump may run on without the loop having another turn;
  /// asked for each turn, and remembered. At most a lease of 60 ms, less towards the end of what
  /// the order allows or where the glass can be trusted for `trust` only, and to the millisecond at
  /// its target.
  [[nodiscard]] Milliseconds renew_cut_off(Milliseconds trust) noexcept;
  /// While pumping: whether being cut off says something about the machine (a loop that hangs, a
  /// line that clogs), rather than that the order was too small for its start delay, was
  /// interrupted, or was poured by a calibration that nobody has confirmed.
  [[nodiscard]] bool cut_off_is_fault() const noexcept;
  /// While pumping or pausing: reaching the target ends a portion, and others are to follow.
  [[nodiscard]] bool more_portions() const noexcept;

  /// While pumping: off, and on again later. For the next portion, or for the remainder of this one
  /// when whatever interrupted it has passed.
  void pause_for_next_portion(Uptime now) noexcept;
  void pause(Uptime now) noexcept;
  /// While pausing: what has come makes up the present portion, so that the next one is to follow.
  void next_portion() noexcept;
  /// Before the first span: the pump goes on once nothing speaks against it any more.
  void wait(Uptime now) noexcept;
  /// While pausing: how long it has been.
  [[nodiscard]] Milliseconds paused_for() const noexcept { return now_ - off_at_; }
  /// While pausing: the next portion, or the remainder, may begin as far as the pour knows.
  [[nodiscard]] bool pause_over() const noexcept;
  /// While pumping or pausing: too little is left for the pump to go on for.
  [[nodiscard]] bool hardly_anything_left() const noexcept;

  /// While pumping or pausing: off for good.
  void finish(Uptime now, protocol::StopReason reason) noexcept;
  /// While settling: nothing more is expected.
  [[nodiscard]] bool settled() const noexcept;
  void end() noexcept { phase_ = Phase::ended; }

  /// What is thought to have come so far.
  [[nodiscard]] Microlitres delivered() const noexcept;
  /// While pumping: a checkpoint is due; says so once per interval.
  [[nodiscard]] bool take_checkpoint() noexcept;
  /// What would be true of this pour if power were lost now.
  [[nodiscard]] protocol::RecentPour if_power_were_lost() const noexcept;
  /// What is true of it, once settled.
  [[nodiscard]] protocol::RecentPour result() const noexcept;
  /// Once ended: what it has shown of the machine; nothing without a meter or if anything was out
  /// of order.
  [[nodiscard]] std::optional<Metering::Observed> observed() const noexcept;

  // For a calibration.
  [[nodiscard]] Milliseconds on_time() const noexcept;  ///< the pump's, all spans together
  [[nodiscard]] int spans() const noexcept { return spans_; }
  /// By the meter; 0 without one.
  [[nodiscard]] Microlitres metered() const noexcept;

 private:
  [[nodiscard]] Milliseconds span_time() const noexcept;
  [[nodiscard]] Milliseconds longest_span() const noexcept;
  [[nodiscard]] bool hung() const noexcept;
  [[nodiscard]] bool lease_is_over() const noexcept;
  [[nodiscard]] int portions_dripped() const noexcept;
  [[nodiscard]] Microlitres by_time() const noexcept;
  [[nodiscard]] Microlitres most_pumped_in_span() const noexcept;
  [[nodiscard]] Microlitres most_coasted() const noexcept;
  [[nodiscard]] Microlitres most_of_span() const noexcept;
  [[nodiscard]] Microlitres most_by_time() const noexcept;
  [[nodiscard]] Microlitres least() const noexcept;
  [[nodiscard]] Microlitres most() const noexcept;
  [[nodiscard]] Microlitres most_by_meter() const noexcept;
  [[nodiscard]] Microlitres still_wanted() const noexcept;
  [[nodiscard]] protocol::StopReason reason_at_target() const noexcept;
  void switched_off(Uptime now) noexcept;
  [[nodiscard]] std::optional<Milliseconds> time_to_target() const noexcept;

  Behaviour behaviour_;
  std::optional<Metering> meter_;
  RequestId id_;
  Course course_;
  Microlitres most_allowed_;
  Milliseconds checkpoint_interval_;
  Phase phase_ = Phase::recording;
  protocol::StopReason reason_ = protocol::StopReason::power_lost;

  Uptime now_{0};
  Uptime checkpoint_at_{0};
  std::size_t checkpoints_ = 0;

  // The present or last span.
  Plan plan_;
  Uptime on_at_{0};
  Uptime off_at_{0};
  Uptime cut_off_at_{0};               ///< as last armed
  bool cut_off_by_trust_ = false;      ///< the trust in the glass, not the order, allows no later
  Uptime leased_until_{0};             ///< a loop that had no turn until then hangs
  std::optional<Uptime> finished_at_;  ///< the hardware is to stop at the target, then
  Behaviour span_behaviour_;           ///< with what it starts sooner after a pause
  Microlitres delivered_at_on_;        ///< before it
  Microlitres volume_at_on_;           ///< metered before it
  Microlitres most_metered_at_on_;

  // The spans before it.
  int spans_ = 0;
  Milliseconds on_time_before_{0};
  Microlitres by_time_before_;
  Microlitres most_before_;   ///< by time
  int portions_left_;         ///< the present one included
  Microlitres portion_from_;  ///< delivered when the present portion began
  bool next_is_new_portion_ = false;
};

/// How many records one pour can take at most: `started`, checkpoints, `ended`.
inline constexpr std::size_t checkpoints_max = 24;
inline constexpr std::size_t records_per_pour_max = checkpoints_max + 2;

}  // namespace pourtocol::firmware
