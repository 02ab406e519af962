// The names that enumerators have on the wire: one table for writing and for reading.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

#include "core/enumeration.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::protocol::detail {

/// The names of `Enum`, in the order of its enumerators. Specialised for each enumeration below;
/// none is used whose table is not whole (`all_named`).
template <class Enum>
inline constexpr std::array<std::string_view, 0> names{};

template <>
inline constexpr std::array<std::string_view, 3> names<DeviceState>{"idle", "pouring", "other"};

template <>
inline constexpr std::array<std::string_view, fault_count> names<Fault>{
    "no_flow", "idle_flow", "too_fast", "sensor_stuck", "cut_off", "journal_failed", "too_slow"};

template <>
inline constexpr std::array<std::string_view, 4> names<PourOutcome>{"finished", "stopped",
                                                                    "interrupted", "cancelled"};

template <>
inline constexpr std::array<std::string_view, 10> names<StopReason>{
    "target_reached", "glass_removed", "stop_requested", "no_flow",    "too_fast",
    "cut_off",        "sensor_stuck",  "journal_failed", "power_lost", "too_slow"};

template <>
inline constexpr std::array<std::string_view, 2> names<Measure>{"meter", "time"};

template <>
inline constexpr std::array<std::string_view, reset_reason_count> names<ResetReason>{
    "power_on", "brown_out", "watchdog", "panic", "software", "other"};

template <>
inline constexpr std::array<std::string_view, 9> names<Refusal>{
    "bad_order", "wrong_boot", "expired",        "cancelled", "busy",
    "no_glass",  "fault",      "not_calibrated", "other"};

template <>
inline constexpr std::array<std::string_view, 5> names<UnclearAnswer>{
    "timed_out", "connection_lost", "server_error", "not_the_contract", "wrong_request_id"};

template <>
inline constexpr std::array<std::string_view, 5> names<Purpose>{"pour", "calibrate", "prime",
                                                                "clean", "empty_line"};

template <>
inline constexpr std::array<std::string_view, 4> names<ServiceKind>{"calibrate", "prime", "clean",
                                                                    "empty_line"};

template <>
inline constexpr std::array<std::string_view, 2> names<ProposalSource>{"runs", "bottle"};

template <>
inline constexpr std::array<std::string_view, 12> names<CalibrationRefusal>{
    "bad_action", "no_such_run",       "nothing_to_accept", "busy",
    "no_bottle",  "not_enough_poured", "not_plausible",     "journal_failed",
    "wrong_boot", "expired",           "hand_needed",       "other"};

/// In the order of the alternatives of `CalibrationAction`.
inline constexpr std::array<std::string_view, std::variant_size_v<CalibrationAction>> action_names{
    "measured", "drop_run", "accept", "discard", "new_bottle", "bottle_empty", "clear_faults"};

static_assert(fault_count == enumerator_count<Fault>);
static_assert(reset_reason_count == enumerator_count<ResetReason>);

template <std::size_t count>
[[nodiscard]] consteval bool are_different(
    const std::array<std::string_view, count>& table) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    if (table[i].empty()) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (table[i] == table[j]) return false;
    }
  }
  return true;
}
static_assert(are_different(action_names));

/// Whether every enumerator has a name that no other has.
template <class Enum>
[[nodiscard]] consteval bool all_named() noexcept {
  return names<Enum>.size() == enumerator_count<Enum> && are_different(names<Enum>);
}

template <class Enum>
[[nodiscard]] constexpr std::optional<Enum> from_name(std::string_view name) noexcept {
  static_assert(all_named<Enum>(), "one name for each enumerator");
  for (std::size_t i = 0; i < names<Enum>.size(); ++i) {
    if (names<Enum>[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace pourtocol::protocol::detail
