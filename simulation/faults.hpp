// How bad a world is: the rate of each fault, drawn per seed. A world has only some kinds of fault,
// as in a swarm test: a run with everything at once hides what two kinds alone would do.
#pragma once

#include "core/random.hpp"

namespace pourtocol::simulation {

struct Faults {
  // Of one message between server and device.
  double connect_refused = 0;
  double request_lost = 0;
  double request_late = 0;     ///< arrives up to seconds later, perhaps after the time-out
  double request_doubled = 0;  ///< arrives twice (our firmware only: the seed's cannot bear it)
  double answer_lost = 0;
  double answer_reset = 0;
  double answer_garbage = 0;
  double answer_error = 0;  ///< 5xx
  double answer_wrong_id = 0;

  // Per minute of one device.
  double partitions = 0;
  double power_cuts = 0;
  double torn_writes = 0;
  double flash_failures = 0;
  double hangs = 0;
  double glass_spikes = 0;
  double stuck_sensors = 0;
  double clogs = 0;
  double dead_meters = 0;
  double lost_flash = 0;  ///< share of power cuts that also lose the flash

  // Per minute of the server.
  double server_kills = 0;
  double disk_failures = 0;
  double slow_disks = 0;
  double wall_clock_jumps = 0;

  // Of one guest's visit.
  double lifted_glass = 0;
  double double_tap = 0;
  double stop_pressed = 0;
  double host_stops = 0;

  /// Nothing goes wrong but what guests do.
  [[nodiscard]] static Faults calm() { return {}; }

  [[nodiscard]] static Faults draw(Random& random) {
    Faults faults;
    const auto maybe = [&](double& rate, double most) {
      if (random.chance(0.5)) rate = random.uniform(0, most);
    };
    maybe(faults.connect_refused, 0.05);
    maybe(faults.request_lost, 0.08);
    maybe(faults.request_late, 0.08);
    maybe(faults.request_doubled, 0.08);
    maybe(faults.answer_lost, 0.10);
    maybe(faults.answer_reset, 0.05);
    maybe(faults.answer_garbage, 0.03);
    maybe(faults.answer_error, 0.03);
    maybe(faults.answer_wrong_id, 0.02);
    maybe(faults.partitions, 1.0);
    maybe(faults.power_cuts, 2.0);
    maybe(faults.torn_writes, 1.0);
    maybe(faults.flash_failures, 0.3);
    maybe(faults.hangs, 1.0);
    maybe(faults.glass_spikes, 2.0);
    maybe(faults.stuck_sensors, 0.3);
    maybe(faults.clogs, 0.3);
    maybe(faults.dead_meters, 0.3);
    maybe(faults.lost_flash, 0.1);
    maybe(faults.server_kills, 2.0);
    maybe(faults.disk_failures, 0.5);
    maybe(faults.slow_disks, 1.0);
    maybe(faults.wall_clock_jumps, 0.5);
    maybe(faults.lifted_glass, 0.3);
    maybe(faults.double_tap, 0.3);
    maybe(faults.stop_pressed, 0.1);
    maybe(faults.host_stops, 0.03);
    return faults;
  }
};

}  // namespace pourtocol::simulation
