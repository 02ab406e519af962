// Worlds without end: one seed after another on several threads, each world on its own.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "simulation/world.hpp"

namespace pourtocol::simulation {

/// Pours of one world: many worlds, each bad in its own way, rather than a few long ones.
inline constexpr std::uint64_t pours_per_world = 500;

struct SwarmOptions {
  std::uint64_t seed = 1;  ///< of the first world; the others follow
  std::chrono::duration<double> time{60};
  unsigned jobs = 2;
  Bug bug = Bug::none;
  bool stop_at_first = false;
};

struct Totals {
  std::uint64_t worlds = 0;
  std::uint64_t orders = 0;
  std::uint64_t episodes = 0;
  std::uint64_t pours = 0;
  std::uint64_t faulted_pours = 0;  ///< as `Report` counts them
  std::uint64_t faults = 0;
  std::array<std::uint64_t, deed_count> faults_of{};
  std::uint64_t kills = 0;
  std::map<std::string, std::uint64_t> outcomes;
  std::map<int, std::uint64_t> violations;  ///< by invariant
  Duration virtual_time{0};
  std::chrono::duration<double> took{0};

  void add(const Report& report);
};

/// Runs worlds until the time is over; those that have begun are finished. `heard` is told of each
/// world in which a promise was broken, one at a time, from any thread.
[[nodiscard]] Totals run_swarm(const SwarmOptions& options,
                               const std::function<void(const Report&)>& heard);

/// For people, several lines.
[[nodiscard]] std::string told(const Totals& totals);
[[nodiscard]] std::string as_json(const Totals& totals);

}  // namespace pourtocol::simulation
