// pourtocol-sim: runs simulated parties and says whether every promise held.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <random>
#include <string>

#include "simulation/world.hpp"

namespace {

using namespace pourtocol;
using simulation::Bug;
using simulation::Report;

/// Pours of one world; a large order is split over worlds of different seeds, each bad in its own
/// way.
constexpr std::uint64_t pours_per_world = 500;

void print(const Report& report) {
  std::printf(
      "seed %llu: %llu orders, %llu episodes, %llu faults, %llu server kills, %.0f min;",
      static_cast<unsigned long long>(report.seed), static_cast<unsigned long long>(report.orders),
      static_cast<unsigned long long>(report.episodes),
      static_cast<unsigned long long>(report.faults), static_cast<unsigned long long>(report.kills),
      std::chrono::duration<double, std::ratio<60>>(report.virtual_time).count());
  for (const auto& [name, count] : report.outcomes) {
    std::printf(" %s %llu", name.c_str(), static_cast<unsigned long long>(count));
  }
  std::printf("; digest %016llx\n", static_cast<unsigned long long>(report.digest));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Runs simulated parties (guests, server, network, disk, dispensers) on virtual time\n"
      "and checks every promise of docs/safety.md. Exit status 0: all held.",
      "pourtocol-sim"};
  std::uint64_t seed = std::random_device{}();
  std::uint64_t pours = 10'000;
  std::string bug_name = "none";
  app.add_option("--seed", seed, "first seed; the same seed replays the same party")
      ->default_str("random");
  app.add_option("--pours", pours, "how many orders shall leave in all")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  app.add_option("--bug", bug_name, "plant a bug at a seam, to see it found");
  CLI11_PARSE(app, argc, argv);
  Bug bug = Bug::none;
  if (bug_name != "none") {
    const auto named = simulation::bug_named(bug_name);
    if (!named) {
      std::cerr << "--bug: \"" << bug_name << "\" is not one of:";
      for (const auto& [ignored, name] : simulation::planted_bugs) std::cerr << ' ' << name;
      std::cerr << '\n';
      return 2;
    }
    bug = *named;
  }

  const auto began = std::chrono::steady_clock::now();
  std::uint64_t orders = 0;
  std::uint64_t digest = 0;
  for (std::uint64_t world = seed; orders < pours; ++world) {
    const std::uint64_t share = std::min(pours_per_world, pours - orders);
    simulation::World party{{.seed = world, .pours = share, .bug = bug}};
    const Report report = party.run();
    print(report);
    if (report.violation) {
      std::printf("VIOLATION of invariant %d: %s\nreplay: ./dev sim --seed %llu --pours %llu%s\n",
                  report.violation->invariant, report.violation->what.c_str(),
                  static_cast<unsigned long long>(world), static_cast<unsigned long long>(share),
                  bug == Bug::none ? "" : (" --bug " + bug_name).c_str());
      return 1;
    }
    orders += report.orders;
    digest = (digest ^ report.digest) * 0x100000001b3U;
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf("%llu orders, no violation; digest %016llx; %.0f orders a minute\n",
              static_cast<unsigned long long>(orders), static_cast<unsigned long long>(digest),
              static_cast<double>(orders) / seconds * 60);
  return 0;
}
