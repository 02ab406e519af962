// Bugs that can be planted, to see whether the simulation would find them. Each sits at a seam (a
// port, a board's pin, the network's edge), so that no production code knows of it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pourtocol::simulation {

enum class Bug : std::uint8_t {
  none,
  retry_after_timeout,      ///< the link sends an order again when its answer is late
  log_after_send,           ///< `started` counts as durable before it is
  forget_dedupe,            ///< the device takes every order for a new one
  ignore_glass,             ///< the device's sensor always says there is a glass
  strip_guard,              ///< orders travel without boot id and deadline
  forget_open_pours,        ///< a restarted server does not take up what was open
  lose_acknowledged_rows,   ///< a crash loses rows that were reported durable
  send_after_failed_write,  ///< a failed write is reported as written
  pour_too_much,            ///< the order's amount is doubled on the way
  ignore_stop,              ///< the device does not act on a stop
  hide_reboot,              ///< the device keeps its boot id over a reboot
  journal_that_forgets,     ///< flash says it has written, and has not
  overstate_delivered,      ///< the device reports 10 ml more than it measured
  pump_left_on_at_reboot,   ///< the pump's pin floats high while the board boots
  forget_stopped,           ///< a restarted server forgets which taps are stopped
  accept_then_say_no,       ///< an accepted order is reported as refused
  deny_identity,            ///< the devices do not say which machine and which tap they are
  keep_wrong_address,       ///< the link never looks up again where a tap's name leads
};

inline constexpr std::array<std::pair<Bug, std::string_view>, 18> planted_bugs{{
    {Bug::retry_after_timeout, "retry_after_timeout"},
    {Bug::log_after_send, "log_after_send"},
    {Bug::forget_dedupe, "forget_dedupe"},
    {Bug::ignore_glass, "ignore_glass"},
    {Bug::strip_guard, "strip_guard"},
    {Bug::forget_open_pours, "forget_open_pours"},
    {Bug::lose_acknowledged_rows, "lose_acknowledged_rows"},
    {Bug::send_after_failed_write, "send_after_failed_write"},
    {Bug::pour_too_much, "pour_too_much"},
    {Bug::ignore_stop, "ignore_stop"},
    {Bug::hide_reboot, "hide_reboot"},
    {Bug::journal_that_forgets, "journal_that_forgets"},
    {Bug::overstate_delivered, "overstate_delivered"},
    {Bug::pump_left_on_at_reboot, "pump_left_on_at_reboot"},
    {Bug::forget_stopped, "forget_stopped"},
    {Bug::accept_then_say_no, "accept_then_say_no"},
    {Bug::deny_identity, "deny_identity"},
    {Bug::keep_wrong_address, "keep_wrong_address"},
}};

[[nodiscard]] constexpr std::optional<Bug> bug_named(std::string_view name) noexcept {
  for (const auto& [bug, text] : planted_bugs) {
    if (text == name) return bug;
  }
  return std::nullopt;
}

}  // namespace pourtocol::simulation
