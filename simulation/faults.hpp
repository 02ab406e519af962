// How bad a world is: how often each thing goes wrong, drawn per seed. A world has only some kinds
// of fault, as in a swarm test: a run with everything at once hides what two kinds alone would do.
#pragma once

#include <array>
#include <utility>

#include "core/random.hpp"
#include "simulation/script.hpp"

namespace pourtocol::simulation {

struct Faults {
  /// How often per minute a deed happens to each tap, or to the house.
  std::array<double, deed_count> per_minute{};

  // Of one guest's visit: how likely.
  double lifted_glass = 0;
  double double_tap = 0;
  double other_body = 0;  ///< the same key comes again with another amount
  double stop_pressed = 0;
  double host_stops = 0;
  double gives_up = 0;  ///< the order is lost for now, is given up, and may come all the same

  [[nodiscard]] double& of(Deed deed) noexcept {
    return per_minute[static_cast<std::size_t>(deed)];
  }
  [[nodiscard]] double of(Deed deed) const noexcept {
    return per_minute[static_cast<std::size_t>(deed)];
  }

  /// Nothing goes wrong, and people do nothing but drink.
  [[nodiscard]] static Faults calm() { return {}; }
  /// Each kind is there in one world out of two, and then at any rate up to its worst.
  [[nodiscard]] static Faults draw(Random& random);

  /// The worst that a world can have, in times per minute of a storm.
  static constexpr std::array<std::pair<Deed, double>, 65> worst{{
      {Deed::late_resume, 2.0},
      {Deed::service_run, 0.5},
      {Deed::look_up, 1.0},
      {Deed::new_bottle, 0.2},
      {Deed::order_refused, 1.0},
      {Deed::order_lost, 1.5},
      {Deed::order_cut, 1.0},
      {Deed::order_late, 1.5},
      {Deed::order_doubled, 1.5},
      {Deed::answer_lost, 2.0},
      {Deed::answer_reset, 1.0},
      {Deed::answer_garbage, 0.6},
      {Deed::answer_error, 0.6},
      {Deed::answer_wrong_id, 0.6},
      {Deed::answer_cut, 0.6},
      {Deed::answer_oversized, 0.3},
      {Deed::answer_trickled, 0.6},
      {Deed::status_lost, 4.0},
      {Deed::status_unanswered, 4.0},
      {Deed::status_garbage, 1.0},
      {Deed::status_cut, 1.0},
      {Deed::status_oversized, 0.6},
      {Deed::status_late, 4.0},
      {Deed::status_forged, 0.3},
      {Deed::stop_lost, 1.0},
      {Deed::stop_late, 1.0},
      {Deed::stop_unanswered, 1.0},
      {Deed::calibration_lost, 0.6},
      {Deed::calibration_unanswered, 0.6},
      {Deed::partition, 0.5},
      {Deed::partition_to, 0.5},
      {Deed::partition_from, 0.5},
      {Deed::swap_addresses, 0.5},
      {Deed::strange_stops, 0.5},
      {Deed::replayed_order, 1.0},
      {Deed::forged_order, 0.5},
      {Deed::power_cut, 2.0},
      {Deed::brown_out, 0.5},
      {Deed::lost_flash, 0.2},
      {Deed::torn_write, 1.0},
      {Deed::flash_fails, 0.2},
      {Deed::flash_lies, 0.1},
      {Deed::hang, 1.0},
      {Deed::press_stop, 0.3},
      {Deed::spike, 2.0},
      {Deed::flicker, 0.3},
      {Deed::stuck_present, 0.1},
      {Deed::stuck_absent, 0.1},
      {Deed::sensor_silent, 0.1},
      {Deed::clog, 0.3},
      {Deed::dead_meter, 0.3},
      {Deed::air, 0.3},
      {Deed::empty_bottle, 0.2},
      {Deed::siphon, 0.1},
      {Deed::welded_relay, 0.05},
      {Deed::kill_server, 2.0},
      {Deed::hang_server, 0.5},
      {Deed::power_out, 0.2},
      {Deed::disk_fails, 0.5},
      {Deed::disk_locked, 0.3},
      {Deed::slow_disk, 1.0},
      {Deed::no_descriptors, 0.3},
      {Deed::clock_jump, 0.5},
      {Deed::misread_cup, 0.3},
      {Deed::forged_calibration, 0.3},
  }};
};

inline Faults Faults::draw(Random& random) {
  Faults faults;
  const auto maybe = [&](double& rate, double most) {
    if (random.chance(0.5)) rate = random.uniform(0, most);
  };
  for (const auto& [deed, most] : worst) maybe(faults.of(deed), most);
  maybe(faults.lifted_glass, 0.3);
  maybe(faults.double_tap, 0.3);
  maybe(faults.other_body, 0.1);
  maybe(faults.stop_pressed, 0.1);
  maybe(faults.host_stops, 0.03);
  maybe(faults.gives_up, 0.1);
  return faults;
}

}  // namespace pourtocol::simulation
