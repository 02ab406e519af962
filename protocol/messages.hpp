// What server and dispenser say to each other, as plain values. PROTOCOL.md tells the same in
// words; the codec turns these into JSON and back.
//
// Two contracts share these types. Version 1 is the seed's: a status of three fields, an order of
// two. Version 2, which our firmware announces, adds `DeviceDetails` to the status and `OrderGuard`
// to the order; what they make possible is that an order is never poured twice and that a pour
// whose answer was lost can still be settled with measured millilitres.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/fixed_text.hpp"
#include "core/fixed_vector.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "protocol/limits.hpp"

namespace pourtocol::protocol {

/// What a dispenser says it is doing.
enum class DeviceState : std::uint8_t { idle, pouring };

/// A reason why a dispenser does not pour until a person has looked at it. Wire names are the
/// enumerators' own.
enum class Fault : std::uint8_t {
  no_flow,         ///< pump on, meter still: clogged, empty, or air in the line
  idle_flow,       ///< meter turns with the pump off: leak, siphon or welded relay
  too_fast,        ///< metered flow far above the calibration: calibrate again
  sensor_stuck,    ///< the glass sensor gives no readings
  cut_off,         ///< the last pour was ended by its time limit
  journal_failed,  ///< flash cannot be written: nothing may pour unrecorded
};
inline constexpr std::size_t fault_count = 6;

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
};

/// What an amount was measured with.
enum class Measure : std::uint8_t {
  meter,  ///< a flow meter counted it
  time,   ///< reckoned from the pump's running time and the calibration
};

/// The pour that is running now.
struct RunningPour {
  RequestId request_id;
  Millilitres requested;
  Microlitres delivered;  ///< so far
  friend bool operator==(const RunningPour&, const RunningPour&) = default;
};

/// A pour of the past, as the dispenser's journal has it. What truly flowed lies in [min, max].
struct RecentPour {
  RequestId request_id;
  Millilitres requested;  ///< 0 if it was cancelled before its order came
  PourOutcome outcome = PourOutcome::finished;
  StopReason stop_reason = StopReason::target_reached;
  Measure measure = Measure::time;
  Microlitres delivered;
  Microlitres uncertainty;  ///< the ± of `delivered` when nothing was out of order
  Microlitres min;
  Microlitres max;
  friend bool operator==(const RecentPour&, const RecentPour&) = default;
};

using RecentPours = FixedVector<RecentPour, recent_pours_max>;

/// What version 2 adds to a status.
struct DeviceDetails {
  BootId boot_id;
  Uptime uptime_ms{0};
  TapName tap;                ///< may be empty: the board has not been named
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

/// Makes an order of version 2 harmless when it arrives late: a board refuses it unless it is still
/// the boot the order was meant for and its own uptime has not passed `expires`.
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

/// Why a dispenser of ours refuses an order. Sent as `{"error": code, "message": …}`.
enum class Refusal : std::uint8_t {
  bad_order,       ///< not an order, or an amount outside 1..60 (400)
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

}  // namespace pourtocol::protocol
