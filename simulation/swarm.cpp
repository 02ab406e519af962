#include "simulation/swarm.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <thread>

namespace pourtocol::simulation {

namespace {

using Clock = std::chrono::steady_clock;

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

double hours(Duration time) {
  return std::chrono::duration<double, std::ratio<3'600>>(time).count();
}

}  // namespace

void Totals::add(const Report& report) {
  ++worlds;
  orders += report.orders;
  episodes += report.episodes;
  pours += report.pours;
  faulted_pours += report.faulted_pours;
  faults += report.faults;
  for (std::size_t i = 0; i < deed_count; ++i) faults_of[i] += report.faults_of[i];
  kills += report.kills;
  for (const auto& [name, count] : report.outcomes) outcomes[name] += count;
  if (report.violation) ++violations[report.violation->invariant];
  virtual_time += report.virtual_time;
}

Totals run_swarm(const SwarmOptions& options, const std::function<void(const Report&)>& heard) {
  const Clock::time_point began = Clock::now();
  std::atomic<std::uint64_t> next_seed{options.seed};
  std::atomic<bool> stopped{false};
  std::mutex mutex;
  Totals totals;
  const auto work = [&] {
    while (!stopped && Clock::now() - began < options.time) {
      World world{{.seed = next_seed++, .pours = pours_per_world, .bug = options.bug}};
      const Report report = world.run();
      const std::lock_guard lock{mutex};
      totals.add(report);
      if (!report.violation) continue;
      heard(report);
      if (options.stop_at_first) stopped = true;
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < std::max(1U, options.jobs); ++i) threads.emplace_back(work);
  for (std::jthread& thread : threads) thread.join();
  totals.took = Clock::now() - began;
  return totals;
}

std::string told(const Totals& totals) {
  std::string text =
      std::to_string(totals.worlds) + " worlds, " + number(hours(totals.virtual_time)) +
      " hours of party: " + std::to_string(totals.orders) + " orders, " +
      std::to_string(totals.pours) + " pours, " + std::to_string(totals.faulted_pours) +
      " of them faulted; " + std::to_string(totals.kills) + " server kills\noutcomes:";
  for (const auto& [name, count] : totals.outcomes)
    text += " " + name + " " + std::to_string(count);
  text += "\n" + std::to_string(totals.faults) + " faults:";
  for (std::size_t i = 0; i < deed_count; ++i) {
    if (totals.faults_of[i] == 0) continue;
    text += " " + std::string{name_of(static_cast<Deed>(i))} + " " +
            std::to_string(totals.faults_of[i]);
  }
  std::uint64_t broken = 0;
  for (const auto& [invariant, count] : totals.violations) broken += count;
  const double minutes = totals.took.count() / 60;
  text += "\n" + std::to_string(broken) + " violations in " + number(totals.took.count()) + " s; " +
          number(static_cast<double>(totals.orders) / minutes) + " orders a minute, " +
          number(static_cast<double>(totals.faulted_pours) / minutes) + " faulted pours a minute\n";
  return text;
}

std::string as_json(const Totals& totals) {
  std::string text = "{";
  const auto member = [&](std::string_view name, const std::string& value) {
    if (text.back() != '{') text += ",";
    text += "\n  \"" + std::string{name} + "\": " + value;
  };
  const auto count = [&](std::string_view name, std::uint64_t value) {
    member(name, std::to_string(value));
  };
  const auto counts = [&](std::string_view name, const auto& of) {
    std::string inner;
    for (const auto& [key, value] : of) {
      inner += (inner.empty() ? "\"" : ", \"") + key + "\": " + std::to_string(value);
    }
    member(name, "{" + inner + "}");
  };
  count("worlds", totals.worlds);
  count("orders", totals.orders);
  count("episodes", totals.episodes);
  count("pours", totals.pours);
  count("faulted_pours", totals.faulted_pours);
  count("faults", totals.faults);
  count("server_kills", totals.kills);
  member("virtual_hours", number(hours(totals.virtual_time)));
  member("seconds", number(totals.took.count()));
  counts("outcomes", totals.outcomes);
  std::map<std::string, std::uint64_t> faults;
  for (std::size_t i = 0; i < deed_count; ++i) {
    if (totals.faults_of[i] != 0)
      faults[std::string{name_of(static_cast<Deed>(i))}] = totals.faults_of[i];
  }
  counts("faults_of", faults);
  std::map<std::string, std::uint64_t> violations;
  for (const auto& [invariant, times] : totals.violations)
    violations[std::to_string(invariant)] = times;
  counts("violations", violations);
  return text + "\n}\n";
}

}  // namespace pourtocol::simulation
