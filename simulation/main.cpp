// pourtocol-sim: runs simulated parties and says whether every promise held.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <thread>

#include "simulation/shrink.hpp"
#include "simulation/swarm.hpp"

namespace {

using namespace pourtocol;
using simulation::Bug;
using simulation::Report;
using simulation::WorldOptions;

using Count = unsigned long long;

struct Wishes {
  std::uint64_t seed = std::random_device{}();
  std::uint64_t pours = 10'000;
  std::string bug_name = "none";
  Bug bug = Bug::none;
  bool swarm = false;
  bool stop_at_first = false;
  double minutes = 1;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  std::string json;
  int shrink_seconds = 20;
};

void print(const Report& report) {
  std::printf("seed %llu: %llu orders, %llu episodes, %llu faults, %llu server kills, %.0f min;",
              static_cast<Count>(report.seed), static_cast<Count>(report.orders),
              static_cast<Count>(report.episodes), static_cast<Count>(report.faults),
              static_cast<Count>(report.kills),
              std::chrono::duration<double, std::ratio<60>>(report.virtual_time).count());
  for (const auto& [name, count] : report.outcomes) {
    std::printf(" %s %llu", name.c_str(), static_cast<Count>(count));
  }
  std::printf("; digest %016llx\n", static_cast<Count>(report.digest));
}

void print_violation(const Report& report, std::uint64_t pours, const Wishes& wishes) {
  std::printf("VIOLATION of invariant %d: %s\nreplay: ./dev sim --seed %llu --pours %llu%s\n",
              report.violation->invariant, report.violation->what.c_str(),
              static_cast<Count>(report.seed), static_cast<Count>(pours),
              wishes.bug == Bug::none ? "" : (" --bug " + wishes.bug_name).c_str());
  std::fflush(stdout);
}

void print_story(const WorldOptions& options, const Wishes& wishes) {
  if (wishes.shrink_seconds == 0) return;
  const auto story = simulation::shrink(options, std::chrono::seconds{wishes.shrink_seconds});
  if (story) std::printf("the story of it:\n%s", told(*story, options).c_str());
}

int run_pours(const Wishes& wishes) {
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t orders = 0;
  std::uint64_t digest = 0;
  for (std::uint64_t world = wishes.seed; orders < wishes.pours; ++world) {
    const WorldOptions options{
        .seed = world,
        .pours = std::min(simulation::pours_per_world, wishes.pours - orders),
        .bug = wishes.bug};
    simulation::World party{options};
    const Report report = party.run();
    print(report);
    if (report.violation) {
      print_violation(report, options.pours, wishes);
      print_story(options, wishes);
      return 1;
    }
    orders += report.orders;
    digest = (digest ^ report.digest) * 0x100000001b3U;
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf("%llu orders, no violation; digest %016llx; %.0f orders a minute\n",
              static_cast<Count>(orders), static_cast<Count>(digest),
              static_cast<double>(orders) / seconds * 60);
  return 0;
}

int run_swarm(const Wishes& wishes) {
  const simulation::SwarmOptions options{.seed = wishes.seed,
                                         .time = std::chrono::duration<double>{wishes.minutes * 60},
                                         .jobs = wishes.jobs,
                                         .bug = wishes.bug,
                                         .stop_at_first = wishes.stop_at_first};
  std::printf("swarm from seed %llu on, %u at a time\n", static_cast<Count>(wishes.seed),
              wishes.jobs);
  std::optional<Report> first;
  const simulation::Totals totals = simulation::run_swarm(options, [&](const Report& report) {
    print_violation(report, simulation::pours_per_world, wishes);
    if (!first) first = report;
  });
  std::printf("%s", told(totals).c_str());
  if (!wishes.json.empty()) {
    std::ofstream file{wishes.json};
    file << as_json(totals);
    if (!file.flush()) {
      std::cerr << "--json: cannot write " << wishes.json << '\n';
      return 2;
    }
  }
  if (!first) return 0;
  print_story({.seed = first->seed, .pours = simulation::pours_per_world, .bug = wishes.bug},
              wishes);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Runs simulated parties (guests, server, network, disk, dispensers) on virtual time\n"
      "and checks every promise of docs/safety.md. Exit status 0: all held.",
      "pourtocol-sim"};
  Wishes wishes;
  app.add_option("--seed", wishes.seed, "first seed; the same seed replays the same party")
      ->default_str("random");
  app.add_option("--pours", wishes.pours, "how many orders shall leave in all")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  app.add_option("--bug", wishes.bug_name, "plant a bug at a seam, to see it found");
  auto* swarm = app.add_flag("--swarm", wishes.swarm, "one world after the other, on all cores");
  app.add_option("--minutes", wishes.minutes, "for how long")
      ->needs(swarm)
      ->check(CLI::Range(0.01, 100'000.0))
      ->capture_default_str();
  app.add_option("--jobs", wishes.jobs, "how many worlds at a time")
      ->needs(swarm)
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--json", wishes.json, "write the totals into this file")->needs(swarm);
  app.add_flag("--stop-at-first", wishes.stop_at_first, "no new world after a violation")
      ->needs(swarm);
  app.add_option("--shrink-seconds", wishes.shrink_seconds,
                 "how long to look for the shortest story of a violation; 0: not at all")
      ->check(CLI::Range(0, 3'600))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (wishes.bug_name != "none") {
    const auto named = simulation::bug_named(wishes.bug_name);
    if (!named) {
      std::cerr << "--bug: \"" << wishes.bug_name << "\" is not one of:";
      for (const auto& [ignored, name] : simulation::planted_bugs) std::cerr << ' ' << name;
      std::cerr << '\n';
      return 2;
    }
    wishes.bug = *named;
  }
  return wishes.swarm ? run_swarm(wishes) : run_pours(wishes);
}
