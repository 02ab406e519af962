// Makes a short story of a failing party: the few happenings that are enough to break the same
// promise again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "simulation/world.hpp"

namespace pourtocol::simulation {

struct Story {
  Script script;  ///< `WorldOptions::script` replays it, with the seed (and bug) it comes from
  Violation violation;
  std::size_t told_before = 0;  ///< happenings of the whole party up to its violation
  std::uint64_t runs = 0;       ///< parties that were tried
};

/// Runs the party of `options` and, if it breaks a promise, looks for the shortest story that
/// breaks the same one (delta debugging: leaves out taps, then kinds, then ever smaller parts; then
/// shortens the waiting between). Tries no new party once `budget` (of real time) is over. Nothing:
/// the party keeps its promises.
[[nodiscard]] std::optional<Story> shrink(const WorldOptions& options, std::chrono::seconds budget);

/// The story for people, one happening a line, with its machines before and its violation after.
[[nodiscard]] std::string told(const Story& story, const WorldOptions& options);

}  // namespace pourtocol::simulation
