// The dispenser's brain: a pure state machine. It owns no clock, pin, flash or random source; it is
// told what happened and when, and says what is to be done about it.
//
//            order, record durable            pump off              quiet, end recorded
//    idle ────────────────────────▶ pumping ───────────▶ settling ────────────────────▶ idle
//                                    │   ▲
//                doubt about a glass ▼   │ it is there
//    idle ────────────────────────▶ pausing (an order in a moment of doubt waits)
//
// What it promises, whatever it is told (safety.md, 3, 4, 5, 12, 13, 15):
//  - The pump goes on only for an order of 1..60 ml or a service run, with an id never seen before,
//    while a debounced glass stands there, no fault stands, and after its record is durable; and
//    again only for the remainder of it.
//  - It goes off when the glass leaves (within `GlassTimes::confirm` and one tick; with an
//    ultrasonic sensor at the first measurement that does not see it), on a stop, on a fault, at
//    the target, and at the latest at a cut-off the core reckons by itself.
//  - What flows stays within `most_for` for every machine within `spreads.hpp`, even with a dead
//    meter or a loop that hangs, for the hardware holds the cut-off too; and whatever a calibration
//    says that nobody confirmed with a hand at the machine (`confirmed.hpp`).
//
// Faults and how they go away:
//  - no_flow, too_fast, too_slow, cut_off: when the glass has been taken away and one is placed
//    again, when somebody says they were seen to, or at boot.
//  - idle_flow: when somebody says that it was seen to, or at boot; it needs a look at the pump and
//    its relay.
//  - sensor_stuck: by itself, once readings have been valid for a second.
//  - journal_failed: by itself, once a record can be written again (tried every five seconds).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "firmware/core/calibration.hpp"
#include "firmware/core/closed_orders.hpp"
#include "firmware/core/config.hpp"
#include "firmware/core/course.hpp"
#include "firmware/core/events.hpp"
#include "firmware/core/glass.hpp"
#include "firmware/core/history.hpp"
#include "firmware/core/pour.hpp"
#include "firmware/core/tuning.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::firmware {

/// After a write to flash failed: when to try again.
inline constexpr Milliseconds journal_retry{5000};

class Dispenser {
 public:
  /// `config` and `unless_known` must be valid. The pump is taken to be off. `unless_known` is what
  /// the machine is taken for where the journal does not know.
  Dispenser(const Config& config, const Tuning& unless_known, BootId boot_id,
            const History& history) noexcept;

  /// `now` never goes back. `effects` is cleared first.
  void handle(const Event& event, Uptime now, Effects& effects) noexcept;

  [[nodiscard]] protocol::DeviceStatus status() const noexcept;
  /// Brings `status`, which is empty or was made by this dispenser, up to date. Built anew only if
  /// it is of another boot or version; else nothing but the uptimes can have changed. True: anew.
  bool refresh(protocol::DeviceStatus& status) const noexcept;
  [[nodiscard]] protocol::CalibrationReport calibration() const noexcept {
    return calibrator_.report(config_, tuning_);
  }
  [[nodiscard]] bool pouring() const noexcept { return pour_.has_value(); }
  [[nodiscard]] const Tuning& tuning() const noexcept { return tuning_; }
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

 private:
  /// A remembered pour, and whether the journal has its end.
  struct Remembered {
    protocol::RecentPour pour;
    bool saved = false;
  };
  /// What is common to orders and service runs.
  struct Wish {
    RequestId id;
    std::optional<protocol::OrderGuard> guard;
  };
  enum class Writing : std::uint8_t {
    nothing,
    started,
    checkpoint,
    ended,
    remembered,
    probe,
    tuned,
  };

  // dispenser.cpp
  void handle_tick(const Tick& tick, Effects& effects) noexcept;
  void watch_glass(const Tick& tick) noexcept;
  void watch_sensor() noexcept;
  void watch_tag(const Tick& tick) noexcept;
  void watch_idle_flow() noexcept;
  void drive_pour(Effects& effects) noexcept;
  void drive_pump(Effects& effects) noexcept;
  void drive_pause(Effects& effects) noexcept;
  void drive_end(Effects& effects) noexcept;
  [[nodiscard]] std::optional<protocol::StopReason> why_stop() const noexcept;
  [[nodiscard]] bool may_resume() const noexcept;
  [[nodiscard]] bool in_doubt() const noexcept;
  [[nodiscard]] protocol::StopReason glass_reason() const noexcept;
  void handle_stop(const protocol::StopOrder& order, Effects& effects) noexcept;
  [[nodiscard]] protocol::RecentPour stopped_early(const RequestId& id) const noexcept;
  void list_recent(protocol::RecentPours& recent) const noexcept;
  void switch_on(Effects& effects) noexcept;
  void stop_pump(protocol::StopReason reason, Effects& effects) noexcept;
  void publish_progress() noexcept;
  void set_fault(protocol::Fault fault, bool standing) noexcept;
  void clear_seen_faults() noexcept;

  // dispenser_orders.cpp
  void handle_order(const protocol::DispenseOrder& order, Effects& effects) noexcept;
  void handle_service(const protocol::ServiceOrder& order, Effects& effects) noexcept;
  void take(const Wish& wish, const Course& course, Effects& effects) noexcept;
  [[nodiscard]] std::optional<OrderReply> answer_to_known(const RequestId& id) const noexcept;
  enum class Lateness : std::uint8_t { other_boot, expired };
  [[nodiscard]] std::optional<Lateness> lateness_of(
      const std::optional<protocol::OrderGuard>& guard) const noexcept;
  [[nodiscard]] std::optional<protocol::OrderRejected> refusal_of(const Wish& wish) const noexcept;
  [[nodiscard]] std::optional<protocol::OrderRejected> answer_to_closed(
      const Wish& wish) const noexcept;
  void close(const Wish& wish) noexcept;
  void refuse(const Wish& wish, const protocol::OrderRejected& refusal, Effects& effects) noexcept;

  // dispenser_calibration.cpp
  void handle_calibration(const CalibrationReceived& asked, Effects& effects) noexcept;
  [[nodiscard]] bool held_by_hand() const noexcept;
  void accept_proposal(Effects& effects) noexcept;
  void propose_tuning(const Tuning& tuning, bool by_hand, Effects& effects) noexcept;
  void keep_confirmed(Effects& effects) noexcept;
  void handle_tuned(bool ok, Effects& effects) noexcept;
  void learn_from_pour() noexcept;

  // dispenser_journal.cpp
  void handle_written(bool ok, Effects& effects) noexcept;
  void handle_started(bool ok, Effects& effects) noexcept;
  void remember(const protocol::RecentPour& pour, bool saved) noexcept;
  [[nodiscard]] Remembered* first_unsaved() noexcept;
  void save_next(Effects& effects) noexcept;
  void write(Writing what, RecordKind kind, const protocol::RecentPour& pour,
             Effects& effects) noexcept;

  Config config_;
  Tuning tuning_;
  BootId boot_id_;
  Uptime now_{0};
  std::uint64_t version_ = 1;
  protocol::FaultSet faults_;

  GlassWatch glass_;
  bool sensor_valid_ = true;
  Uptime sensor_turned_at_{0};  ///< when `sensor_valid_` last changed
  bool stop_pressed_ = false;
  /// The button was last seen free then, or a pour ran; one that was held from the start on (a
  /// shorted wire) is nobody's hand.
  std::optional<Uptime> stop_free_at_;
  std::optional<protocol::NfcReading> tag_;
  std::uint32_t pulses_ = 0;
  std::optional<Uptime> idle_since_;  ///< where the present window of `watch_idle_flow` began
  std::uint32_t idle_pulses_ = 0;

  std::optional<Pour> pour_;
  Wish wish_;              ///< the one `pour_` is for
  int doubts_ = 0;         ///< that have held its pump
  Microlitres published_;  ///< what the status says was delivered
  Uptime published_at_{0};
  Calibrator calibrator_;
  std::optional<Tuning> proposed_tuning_;  ///< being written; holds once that is durable
  bool proposed_by_hand_ = false;
  std::optional<Uptime> keep_at_;  ///< when what is confirmed is to be kept

  FixedVector<Remembered, protocol::recent_pours_max> ring_;  ///< oldest first
  /// An answer is final: whoever heard "nothing was poured" must be able to rely on it, also when a
  /// copy of the order is still on its way.
  ClosedOrders closed_;

  std::uint32_t pours_total_;
  bool journal_whole_;
  Writing writing_ = Writing::nothing;
  Uptime retry_at_{0};  ///< when to try the journal again after a failure
};

}  // namespace pourtocol::firmware
