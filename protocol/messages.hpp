// What server and dispenser say to each other, as plain values. PROTOCOL.md tells the same in
// words; the codec turns these into JSON and back.
//
// Two contracts share these types. Version 1 is the seed's: a status of three fields, an order of
// two. Version 2, which our firmware announces, adds `DeviceDetails` to the status and `OrderGuard`
// to the order; what they make possible is that an order is never poured twice and that a pour
// whose answer was lost can still be settled with measured millilitres. It also has what a host
// needs to look after the machine: service runs (`ServiceOrder`) and its calibration.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <variant>

#include "core/fixed_text.hpp"
#include "core/fixed_vector.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "protocol/limits.hpp"

namespace pourtocol::protocol {

/// What a dispenser says it is doing.
enum class DeviceState : std::uint8_t {
  idle,
  pouring,
  other,  ///< a word this contract does not have: not idle; whether it pours is not known
};

/// A reason why a dispenser does not pour until a person has looked at it. Wire names are the
/// enumerators' own.
enum class Fault : std::uint8_t {
  no_flow,         ///< pump on, meter still: clogged, empty, or air in the line
  idle_flow,       ///< meter turns with the pump off: leak, siphon or welded relay
  too_fast,        ///< metered flow far above the calibration: calibrate again
  sensor_stuck,    ///< the glass sensor gives no readings
  cut_off,         ///< the last pour was ended by its time limit
  journal_failed,  ///< flash cannot be written: nothing may pour unrecorded
  too_slow,        ///< metered flow far below the calibration: look at the line, calibrate again
};
inline constexpr std::size_t fault_count = 7;

/// A set of faults, by value.
class FaultSet {
 public:
  constexpr void insert(Fault fault) noexcept { bits_ |= bit(fault); }
  constexpr void erase(Fault fault) noexcept {
    bits_ = static_cast<std::uint16_t>(bits_ & ~bit(fault));
  }
  [[nodiscard]] constexpr bool contains(Fault fault) const noexcept {
    return (bits_ & bit(fault)) != 0;
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
  friend constexpr bool operator==(FaultSet, FaultSet) noexcept = default;

 private:
  static constexpr std::uint16_t bit(Fault fault) noexcept {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(fault));
  }
  std::uint16_t bits_ = 0;
};

/// What the pump ran for. All but `pour` are service runs: a host's, never a guest's.
enum class Purpose : std::uint8_t {
  pour,        ///< a guest's order
  calibrate,   ///< into a measuring cup, to be compared with what it shows
  prime,       ///< to fill the line
  clean,       ///< in pulses, with water or cleaner
  empty_line,  ///< to run the line dry
};

/// How one remembered pour ended.
enum class PourOutcome : std::uint8_t {
  finished,     ///< all that was ordered
  stopped,      ///< ended early; `stop_reason` says why
  interrupted,  ///< the journal holds its start but no end: power was lost while it poured
  cancelled,    ///< stopped before it began: nothing flowed, and nothing ever will under this id
};

/// Why the pump was switched off.
enum class StopReason : std::uint8_t {
  target_reached,
  glass_removed,
  stop_requested,
  no_flow,
  too_fast,
  cut_off,
  sensor_stuck,
  journal_failed,
  power_lost,
  too_slow,
};

/// What an amount was measured with.
enum class Measure : std::uint8_t {
  meter,  ///< a flow meter counted it
  time,   ///< reckoned from the pump's running time and the calibration
};

/// Why a dispenser started, as far as its board can tell.
enum class ResetReason : std::uint8_t {
  power_on,   ///< power came on; also after a supply that broke down altogether
  brown_out,  ///< the supply sagged
  watchdog,   ///< its software hung
  panic,      ///< its software crashed
  software,   ///< it restarted itself: after an update, to be set up
  other,      ///< its reset button, or a word we do not know
};
inline constexpr int reset_reason_count = 6;

/// The pour that is running now.
struct RunningPour {
  RequestId request_id;
  Millilitres requested;  ///< 0 for a service run that goes by time
  Microlitres delivered;  ///< so far
  Purpose purpose = Purpose::pour;
  friend bool operator==(const RunningPour&, const RunningPour&) = default;
};

/// A pour of the past, as the dispenser's journal has it. What truly flowed lies in [min, max].
struct RecentPour {
  RequestId request_id;
  Millilitres requested;  ///< 0 if it was cancelled before its order came, or went by time
  PourOutcome outcome = PourOutcome::finished;
  StopReason stop_reason = StopReason::target_reached;
  Measure measure = Measure::time;
  Microlitres delivered;
  Microlitres uncertainty;  ///< the ± of `delivered` when nothing was out of order
  Microlitres min;
  Microlitres max;
  Purpose purpose = Purpose::pour;
  friend bool operator==(const RecentPour&, const RecentPour&) = default;
};

using RecentPours = FixedVector<RecentPour, recent_pours_max>;

/// What version 2 adds to a status.
struct DeviceDetails {
  BootId boot_id;
  Uptime uptime_ms{0};
  std::optional<ResetReason> reset_reason;  ///< none: it does not say
  std::optional<MachineId> machine_id;      ///< none: it does not say
  TapName tap;                              ///< may be empty: the board has not been named
  std::uint64_t version = 0;  ///< grows with every change of anything below; starts anew at boot
  FaultSet faults;
  FlowRate flow;                  ///< by calibration; 0 = not calibrated
  Duration pour_time_max{0};      ///< the cut-off the board computes for an order of 60 ml
  bool journal_whole = false;     ///< false: past pours may be missing, absence proves nothing
  std::uint32_t pours_total = 0;  ///< orders ever taken into the journal, the recent ones included
  std::optional<RunningPour> pour;
  RecentPours recent;  ///< oldest first
  friend bool operator==(const DeviceDetails&, const DeviceDetails&) = default;
};

/// An NFC tag at the reader, as firmware in the field reports it.
struct NfcReading {
  bool ready = false;
  bool tag_present = false;
  FixedText<64> uid;
  friend bool operator==(const NfcReading&, const NfcReading&) = default;
};

/// `GET /status`.
struct DeviceStatus {
  DeviceState state = DeviceState::idle;
  bool glass_present = false;
  std::chrono::seconds uptime{0};
  std::optional<Microlitres> last_pour;
  std::optional<NfcReading> nfc;
  std::optional<DeviceDetails> details;  ///< present: the device speaks version 2
  friend bool operator==(const DeviceStatus&, const DeviceStatus&) = default;
};

/// Makes an order, or an act of calibration, of version 2 harmless when it arrives late: a board
/// refuses it unless it is still the boot it was meant for and its own uptime has not passed
/// `expires`.
struct OrderGuard {
  BootId boot_id;
  Uptime expires{0};
  friend bool operator==(const OrderGuard&, const OrderGuard&) = default;
};

/// `POST /dispense`.
struct DispenseOrder {
  Millilitres amount;
  RequestId request_id;
  std::optional<OrderGuard> guard;
  friend bool operator==(const DispenseOrder&, const DispenseOrder&) = default;
};

/// What a host has the pump do when nobody has ordered a drink.
enum class ServiceKind : std::uint8_t { calibrate, prime, clean, empty_line };

[[nodiscard]] constexpr Purpose purpose_of(ServiceKind kind) noexcept {
  switch (kind) {
    case ServiceKind::calibrate:
      return Purpose::calibrate;
    case ServiceKind::prime:
      return Purpose::prime;
    case ServiceKind::clean:
      return Purpose::clean;
    case ServiceKind::empty_line:
      break;
  }
  return Purpose::empty_line;
}

/// How far a service run goes: to an amount, by meter or calibration, or for a time, which needs
/// neither. The time of a cleaning counts its pauses.
using ServiceExtent = std::variant<Millilitres, std::chrono::milliseconds>;

/// `POST /service`. It goes into the journal before the pump turns and its id is never run twice,
/// like an order's.
struct ServiceOrder {
  ServiceKind kind = ServiceKind::calibrate;
  ServiceExtent extent;
  bool confirmed =
      false;  ///< somebody has said that whatever comes may flow into what stands there
  RequestId request_id;
  std::optional<OrderGuard> guard;
  /// Of a calibration to an amount: it is run so often, 1..8 times, with pauses, into one cup.
  int portions = 1;
  friend bool operator==(const ServiceOrder&, const ServiceOrder&) = default;
};

/// Why a dispenser of ours refuses an order. Sent as `{"error": code, "message": …}`.
enum class Refusal : std::uint8_t {
  bad_order,       ///< not an order, or out of its bounds (400)
  wrong_boot,      ///< meant for an earlier boot (409)
  expired,         ///< arrived after its `expires` (409)
  cancelled,       ///< a stop for this id came first (409)
  busy,            ///< another pour is running (409)
  no_glass,        ///< (409)
  fault,           ///< a fault is standing (409)
  not_calibrated,  ///< (409)
  other,           ///< a device of version 1 said no in its own words
};

/// The text of a refusal, cut to fit: shown to people, never decided upon.
using RefusalText = FixedText<120>;

/// What the answer to an order proves. The three are the rows of safety.md's table, and there is no
/// fourth: whatever is not wholly a yes or wholly a no is unclear.
struct OrderAccepted {
  bool repeated =
      false;  ///< version 2: the id was known already and nothing was started by this order
};
struct OrderRejected {
  Refusal refusal = Refusal::other;
  RefusalText text;
};
enum class UnclearAnswer : std::uint8_t {
  timed_out,
  connection_lost,
  server_error,      ///< 5xx
  not_the_contract,  ///< an HTML page, a redirect, garbage
  wrong_request_id,
};

/// `POST /stop`. Without an id: whatever is pouring. With one: that pour, and if the order has not
/// arrived yet it will be refused when it does.
struct StopOrder {
  std::optional<RequestId> request_id;
  friend bool operator==(const StopOrder&, const StopOrder&) = default;
};

/// A share in ten-thousandths, that is hundredths of a per cent: 123 is written 1.23.
class Share {
 public:
  constexpr Share() noexcept = default;
  constexpr explicit Share(std::int32_t ten_thousandths) noexcept : count_{ten_thousandths} {}
  [[nodiscard]] constexpr std::int32_t ten_thousandths() const noexcept { return count_; }
  friend constexpr auto operator<=>(Share, Share) noexcept = default;

 private:
  std::int32_t count_ = 0;
};

/// One run into the measuring cup.
struct CalibrationRun {
  RequestId request_id;
  std::optional<Microlitres> measured;  ///< what the cup showed; none: nobody has said yet
  Microlitres reckoned;                 ///< what the machine took it for
  friend bool operator==(const CalibrationRun&, const CalibrationRun&) = default;
};
using CalibrationRuns = FixedVector<CalibrationRun, calibration_runs_max>;

/// Where a proposed calibration comes from.
enum class ProposalSource : std::uint8_t {
  runs,    ///< from what was measured
  bottle,  ///< from what a bottle held against what was reckoned to have left it
};

/// A calibration that holds once somebody accepts it.
struct CalibrationProposal {
  FlowRate flow;
  std::chrono::milliseconds start_delay{0};
  Microlitres coast;
  std::optional<std::uint32_t> pulses_per_litre;  ///< none: no meter
  Share flow_error;                               ///< standard error of `flow`
  Share spread;                                   ///< of the runs around what they agree on
  ProposalSource from = ProposalSource::runs;
  friend bool operator==(const CalibrationProposal&, const CalibrationProposal&) = default;
};

/// `GET /calibration`: what the machine knows of itself, and how far a new calibration has come.
struct CalibrationReport {
  bool calibrated = false;
  FlowRate flow;  ///< as accepted; 0: not calibrated
  std::chrono::milliseconds start_delay{0};
  Microlitres coast;
  std::optional<std::uint32_t> pulses_per_litre;  ///< none: no meter
  Share flow_error;                               ///< standard error of `flow`
  std::optional<Share> meter_error;               ///< standard error of `pulses_per_litre`
  FlowRate learned_flow;                          ///< what the pours since have made of `flow`
  std::uint32_t pours_since = 0;                  ///< since it was accepted
  Share drift;                                    ///< of `learned_flow` from `flow`; has a sign
  Share estimated_error;                          ///< what a pour may be off by now
  bool check_weigh_due = false;                   ///< time to pour into a cup and look
  Microlitres bottle;                             ///< a full one; 0: not told
  Microlitres bottle_poured;                      ///< since a full one was connected
  CalibrationRuns runs;                           ///< oldest first
  std::optional<CalibrationProposal> proposal;
  /// Somebody has accepted it with a hand at the machine; none: firmware from before does not say.
  std::optional<bool> confirmed = std::nullopt;
  friend bool operator==(const CalibrationReport&, const CalibrationReport&) = default;
};

/// What `POST /calibration` asks. To send one again whose answer was lost does no harm.
struct MeasuredRun {
  RequestId request_id;
  Microlitres measured;  ///< what the cup showed, at most `measured_max`
  friend bool operator==(const MeasuredRun&, const MeasuredRun&) = default;
};
struct DropRun {
  RequestId request_id;
  friend bool operator==(const DropRun&, const DropRun&) = default;
};
/// The proposal holds from now on; its runs are done with.
struct AcceptCalibration {
  friend bool operator==(AcceptCalibration, AcceptCalibration) noexcept = default;
};
/// Proposal and runs are forgotten.
struct DiscardCalibration {
  friend bool operator==(DiscardCalibration, DiscardCalibration) noexcept = default;
};
/// A full bottle was connected.
struct NewBottle {
  friend bool operator==(NewBottle, NewBottle) noexcept = default;
};
/// Nothing is left in the bottle: what was reckoned since it was full is held against what it held.
struct BottleEmpty {
  friend bool operator==(BottleEmpty, BottleEmpty) noexcept = default;
};
/// Somebody has looked at what was wrong.
struct ClearFaults {
  friend bool operator==(ClearFaults, ClearFaults) noexcept = default;
};
using CalibrationAction = std::variant<MeasuredRun, DropRun, AcceptCalibration, DiscardCalibration,
                                       NewBottle, BottleEmpty, ClearFaults>;

/// `POST /calibration`, whole.
struct GuardedAction {
  CalibrationAction action;
  std::optional<OrderGuard> guard = std::nullopt;
  friend bool operator==(const GuardedAction&, const GuardedAction&) = default;
};

/// Why a dispenser does not do what a `CalibrationAction` asks. Sent like a `Refusal`.
enum class CalibrationRefusal : std::uint8_t {
  bad_action,         ///< not an action (400)
  no_such_run,        ///< no run of that id can be measured (409)
  nothing_to_accept,  ///< nothing is proposed (409)
  busy,               ///< the pump is running (409)
  no_bottle,          ///< nobody has said what a bottle holds (409)
  not_enough_poured,  ///< too little since the bottle was full to conclude anything (409)
  not_plausible,      ///< what follows from it no pump could be (409)
  journal_failed,     ///< flash cannot be written: it did not happen (409)
  wrong_boot,         ///< meant for an earlier boot (409)
  expired,            ///< arrived after its `expires` (409)
  hand_needed,        ///< far from what was confirmed: only with a hand at the machine (409)
  other,              ///< a device said no in its own words
};
struct CalibrationRefused {
  CalibrationRefusal refusal = CalibrationRefusal::other;
  RefusalText text;
  friend bool operator==(const CalibrationRefused&, const CalibrationRefused&) = default;
};
using CalibrationAnswer = std::expected<CalibrationReport, CalibrationRefused>;

}  // namespace pourtocol::protocol
