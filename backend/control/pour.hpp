// What a pour is to the server: its states, the legal steps between them, and what is kept of it.
//
// The table is the one of docs/safety.md ("How an unclear pour is settled"). Every step is an arrow
// of that table, becomes one row of the durable log, and names its cause.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/enumeration.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::control {

/// Where a pour stands. A pour is *open* while it is sending, accepted or unclear; otherwise
/// *final*.
enum class PourState : std::uint8_t {
  fresh,       ///< not in the log yet; never stored as a pour's present state
  refused,     ///< the server said no; nothing was sent
  sending,     ///< `started` is durable; the order may be on its way
  accepted,    ///< the device said yes
  unclear,     ///< nobody knows yet what happened; the pump takes no other order
  not_sent,    ///< not one byte of the order left
  rejected,    ///< the device said no
  done,        ///< poured as ordered
  partial,     ///< poured less
  not_poured,  ///< proved: nothing flowed
  unknown,     ///< can no longer be found out; the interval says what may have flowed
};
inline constexpr std::size_t pour_state_count = enumerator_count<PourState>;

/// Why a step was taken. The names are part of the API (`code`) and of the log: never rename one.
enum class Cause : std::uint8_t {
  // fresh -> sending
  checks_passed,
  // fresh -> refused
  amount_out_of_range,
  busy,
  no_glass,
  stopped,
  offline,
  wrong_machine,  ///< another machine answers in its place; also: -> unclear, unknown
  given_up,       ///< whoever ordered gave the id up before the order came
  too_late,  ///< the order came after its deadline; or -> not_sent: it could not leave before it
  unclear_pour,
  device_fault,
  service_unsupported,  ///< a service run, and the device knows none
  // sending -> not_sent
  connect_failed,
  stopped_before_sending,
  shutting_down,
  // sending -> accepted, rejected
  device_accepted,
  device_refused,
  // sending, accepted -> unclear
  answer_timed_out,
  connection_lost,
  device_error,
  not_the_contract,
  wrong_request_id,
  server_restarted,
  device_rebooted,
  contact_lost,
  deadline_passed,  ///< also: -> unknown
  ended_too_soon,   ///< the device was idle again sooner than a pump could pour; also: -> unknown
  no_trace,         ///< our firmware accepted it, yet knows nothing of it
  // unclear -> sending
  sent_again,
  // -> done, by a device of the seed's contract
  idle_again,
  seen_pouring,
  // -> unknown
  rebooted,
  idle_throughout,
  unreachable,
  journal_lost,
  impossible_record,  ///< what its device's record claims of it cannot be
  // -> done, partial, not_poured: our firmware's own record
  device_reported,
  power_lost,
  order_expired,
  boot_changed,
  // fresh -> done, partial, unknown
  ordered_at_machine,  ///< nobody ordered it here: the machine's own record names it
  // no step: why a tap takes no order while nothing can be written, or nothing is known yet
  log_failed,
  starting,  ///< this run of the server has not read the log or heard of the machine yet
};
inline constexpr std::size_t cause_count = enumerator_count<Cause>;

/// What became of an amount, and how it is known.
enum class Basis : std::uint8_t {
  command,   ///< the device took the order and was idle again; nothing measured it
  observed,  ///< the answer was lost, but the device was seen pouring and then idle
  time,      ///< our firmware, by the pump's running time
  meter,     ///< our firmware, by its flow meter
  none,      ///< nobody measured: only the interval is known
};

/// How much flowed. What truly flowed lies in [min, max], for ever; `delivered` is the best
/// estimate.
struct Delivery {
  Basis basis = Basis::none;
  Microlitres delivered;
  Microlitres uncertainty;  ///< the ± of `delivered` when nothing was out of order
  Microlitres min;
  Microlitres max;
  friend bool operator==(const Delivery&, const Delivery&) = default;
};

/// What the device stood at when the order was made. Kept with the pour, so that a server that was
/// killed can still tell an old boot from a new one.
struct OrderContext {
  /// The device's, in the status the order relied on; or, where there is no guard, in a later one
  /// that says more (`settle.hpp`).
  std::chrono::seconds uptime{0};
  Instant uptime_at{};                        ///< by then it had been up for so long
  Instant sent_at{};                          ///< no byte of the order left before
  ClockId clock;                              ///< of these two instants
  std::optional<protocol::OrderGuard> guard;  ///< present: the device spoke version 2
  std::uint32_t pours_total = 0;              ///< version 2: the device's count before this order
  std::optional<MachineId> machine;           ///< which one it said it is; absent: it did not say
  friend bool operator==(const OrderContext&, const OrderContext&) = default;
};

/// All that is kept of one pour: a row of `pours`, and the receipt.
struct Pour {
  RequestId request_id;
  TapName tap;
  UserToken user;
  std::int64_t amount_ml = 0;  ///< as asked; see `is_possible`, unless refused for that very reason
  protocol::Purpose purpose = protocol::Purpose::pour;
  std::chrono::milliseconds run_time{0};  ///< of a service run that goes by time, else 0
  int portions = 1;                       ///< into which `amount_ml` is divided: a calibration's
  PourState state = PourState::fresh;
  Cause cause = Cause::checks_passed;  ///< of the last step
  std::string detail;                  ///< what the device said, or empty; at most 160 bytes
  bool accepted = false;               ///< the device said yes to it at some time
  OrderContext context;
  Microlitres most;                  ///< hi: the most this order can physically deliver
  std::optional<Delivery> delivery;  ///< present once final, except refused
  std::optional<protocol::StopReason> stop_reason;
  WallTime started_at{};
  WallTime updated_at{};
  friend bool operator==(const Pour&, const Pour&) = default;
};

/// Whether so much may be asked for: 1..60 ml by a guest; 1..200 ml, or a time and no amount, for a
/// service run. The device knows the bounds of each kind of run and checks them itself.
[[nodiscard]] bool is_possible(const Pour& pour) noexcept;

/// Whether both are the same order: what was asked for, by whom, where and when. No step changes
/// any of it.
[[nodiscard]] bool asks_for_the_same(const Pour& one, const Pour& other) noexcept;

/// The amount of a pour that was not refused.
[[nodiscard]] constexpr Millilitres ordered_amount(const Pour& pour) noexcept {
  return Millilitres{static_cast<std::int32_t>(pour.amount_ml)};
}

/// The seed's three words for the log.
enum class EventStatus : std::uint8_t { started, success, failed };

/// One row of `events`: the seed's columns, then ours.
struct LogRow {
  std::int64_t id = 0;
  WallTime timestamp{};
  UserToken user;
  std::int64_t amount_ml = 0;
  EventStatus status = EventStatus::started;
  std::string reason;  ///< empty when there is none
  TapName tap;
  RequestId request_id;
  PourState outcome = PourState::sending;
  std::optional<Delivery> delivery;
  std::optional<Cause> cause;  ///< of the step that made the row; absent in the original's rows
  std::optional<protocol::StopReason> stop_reason;
  protocol::Purpose purpose = protocol::Purpose::pour;
  /// Not empty: the row belongs to no pour. Somebody did this to the tap's calibration, by its name
  /// in the protocol, or took a machine over (`takeover_action`).
  std::string action;
};

inline constexpr std::string_view takeover_action = "adopt";
inline constexpr std::string_view accept_action = "accept";  ///< of a calibration
/// What stands in place of a pour's purpose in a row about `action`.
[[nodiscard]] constexpr std::string_view purpose_of_act(std::string_view action) noexcept {
  return action == takeover_action ? "machine" : "calibration";
}

[[nodiscard]] constexpr bool is_open(PourState state) noexcept {
  return state == PourState::sending || state == PourState::accepted || state == PourState::unclear;
}
[[nodiscard]] constexpr bool is_final(PourState state) noexcept {
  return state != PourState::fresh && !is_open(state);
}

/// Whether anything can have flowed of a pour that stands so.
[[nodiscard]] constexpr bool may_have_flowed(PourState state) noexcept {
  return is_open(state) || state == PourState::done || state == PourState::partial ||
         state == PourState::unknown;
}

/// The arrows of the table, and late evidence: an `unknown` may become what its device's record
/// proves.
[[nodiscard]] bool is_legal(PourState from, PourState to) noexcept;

/// What the log's `status` column says of a pour in `state`: `started` while it is open, `success`
/// only for what was poured as ordered.
[[nodiscard]] EventStatus event_status_of(PourState state) noexcept;

/// What stands for `outcome` in a row that belongs to no pour, or that the original wrote.
[[nodiscard]] PourState outcome_of(EventStatus status) noexcept;

/// Whether the step into `to` makes a row of `events`: the start and the end of a pour do; what
/// happens between is kept in `transitions` only, so that a reader of the seed's log sees one
/// start, one end.
[[nodiscard]] constexpr bool makes_event(PourState from, PourState to) noexcept {
  return from == PourState::fresh || is_final(to);
}

/// One plain sentence for a person: what happened, with the amounts. Empty for a start and for a
/// pour that went as ordered.
[[nodiscard]] std::string reason_for(const Pour& pour);

[[nodiscard]] std::string_view name_of(PourState state) noexcept;
[[nodiscard]] std::string_view name_of(Cause cause) noexcept;
[[nodiscard]] std::string_view name_of(Basis basis) noexcept;
[[nodiscard]] std::string_view name_of(EventStatus status) noexcept;
[[nodiscard]] std::optional<PourState> pour_state_named(std::string_view name) noexcept;
[[nodiscard]] std::optional<Cause> cause_named(std::string_view name) noexcept;
[[nodiscard]] std::optional<Basis> basis_named(std::string_view name) noexcept;

}  // namespace pourtocol::control
