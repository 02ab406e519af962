// What happens to a party from outside: guests, the host, and everything that goes wrong, as a list
// of timed deeds. A world performs a script and draws nothing of that kind itself, so any part of a
// script can be performed again without the rest.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace pourtocol::simulation {

enum class Deed : std::uint8_t {
  // What people do.
  place_glass,
  lift_glass,
  order,         ///< `amount` ml under the key `order-<key>`, again until answered; each time it
                 ///< may leave the server for `length`: the phone has moved on by then
  late_order,    ///< as `order`, but long on its way: it comes once, whoever waits for it or not
  give_up,       ///< its guest gives the order `key` up, again until answered
  stop_pour,     ///< somebody stops the order `key`
  stop_all,      ///< the host's STOP ALL
  resume_all,    ///< the host releases what was stopped
  late_resume,   ///< the same, but it is `amount` µs on its way
  service_run,   ///< `key` numbers it; `amount`: ml, or above 200 the milliseconds of a run by time
  look_up,       ///< the host looks at the calibration
  clear_faults,  ///< the host says that what was wrong was seen to
  new_bottle,    ///< a full bottle is connected, and the machine is told so
  misread_cup,   ///< the host runs into a cup (`service-<key>`), takes what came for `amount`
                 ///< thousandths of it, and accepts what follows, from afar
  // What happens to one message: the next of its kind to this tap within `length`.
  order_refused,  ///< no connection
  order_lost,
  order_cut,      ///< the connection is reset when `amount` bytes of it have come
  order_late,     ///< by `amount` µs, perhaps after the time-out
  order_doubled,  ///< a copy comes `amount` µs later (our firmware only: the seed's cannot bear it)
  answer_lost,
  answer_reset,
  answer_garbage,
  answer_error,  ///< 5xx
  answer_wrong_id,
  answer_cut,        ///< half-closed in the middle
  answer_oversized,  ///< longer than anybody may say
  answer_trickled,   ///< whole, but after the time-out
  status_lost,
  status_unanswered,
  status_garbage,
  status_cut,
  status_oversized,
  status_late,    ///< the answer is held up by `amount` µs
  status_forged,  ///< a stranger answers: a million millilitres came of the newest order
  stop_lost,
  stop_late,  ///< by `amount` µs: orders overtake it
  stop_unanswered,
  calibration_lost,
  calibration_unanswered,
  // What happens for a while, `length`.
  partition,
  partition_to,    ///< requests do not come through, answers do
  partition_from,  ///< requests come through, answers do not
  swap_addresses,  ///< the machine and the `amount`th after it restart with each other's address
  strange_stops,   ///< a stranger stops `amount` orders that never were, within `length`
  replayed_order,  ///< a stranger sends the newest order of the tap again
  forged_order,    ///< a stranger orders `amount` ml of the machine itself; `key` numbers it
  forged_calibration,  ///< a stranger runs the machine itself (`key` numbers it), says that
                       ///< `amount`
  ///< thousandths of what every run was reckoned to bring had come, and accepts
  power_cut,
  brown_out,   ///< `amount` cuts in quick succession, also while it boots
  lost_flash,  ///< a power cut that takes the flash with it
  torn_write,  ///< power goes after `amount` bytes of the next write to flash
  flash_fails,
  flash_lies,  ///< it says it failed, and has written
  hang,
  press_stop,  ///< somebody holds the machine's own stop button down
  spike,
  flicker,  ///< one of `amount` readings of the glass sensor is false
  stuck_present,
  stuck_absent,
  sensor_silent,
  clog,
  dead_meter,  ///< jammed until somebody frees it when the pump is off
  air,         ///< in the line, for `amount` µs of pumping
  empty_bottle,
  siphon,        ///< liquid runs through the standing pump, `amount` µl a second
  welded_relay,  ///< the pump runs whatever the board does
  // What happens to the server, or to all.
  kill_server,  ///< and it comes back after `length`
  hang_server,  ///< it does nothing, then all at once
  power_out,    ///< everything in the house is without power
  disk_fails,   ///< and what was being written may be there nevertheless
  disk_locked,  ///< writes fail, and surely nothing is written
  slow_disk,
  no_descriptors,  ///< the server cannot open a connection to any machine
  clock_jump,      ///< the wall clock goes to `amount` days from now
};
inline constexpr std::size_t deed_count = static_cast<std::size_t>(Deed::clock_jump) + 1;

/// It happened to the whole house.
inline constexpr std::uint32_t no_tap = std::numeric_limits<std::uint32_t>::max();

struct Happening {
  Duration at{0};  ///< since the party began
  Deed deed = Deed::place_glass;
  std::uint32_t tap = no_tap;
  Duration length{0};
  std::int64_t amount = 0;
  std::uint64_t key = 0;
  friend bool operator==(const Happening&, const Happening&) = default;
};

/// In the order of time.
struct Script {
  std::vector<Happening> happenings;
  Duration ends_at{0};  ///< nothing is done any more, and everything must converge
};

/// Whether people do such things at any party.
[[nodiscard]] constexpr bool is_fault(Deed deed) noexcept {
  return deed >= Deed::order_refused;
}
/// Whether it waits for a message to happen to.
[[nodiscard]] constexpr bool is_of_message(Deed deed) noexcept {
  return deed >= Deed::order_refused && deed <= Deed::calibration_unanswered;
}

[[nodiscard]] std::string_view name_of(Deed deed) noexcept;
/// One line for people: "12.431 s  a guest orders 30 ml at tap2 (order-7)".
[[nodiscard]] std::string told(const Happening& happening);

}  // namespace pourtocol::simulation
