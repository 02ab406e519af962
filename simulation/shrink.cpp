#include "simulation/shrink.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <utility>
#include <vector>

namespace pourtocol::simulation {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Waiting longer than this between two happenings is worth shortening.
constexpr Duration dull = 3s;

/// In a longer story there are too many pairs to try each of them.
constexpr std::size_t pairs_max = 24;

/// Nobody reads more than so many lines.
constexpr std::size_t told_max = 60;

/// Tries parts of a script, and keeps what still breaks the promise.
class Shrinker {
 public:
  Shrinker(const WorldOptions& options, Story story, Clock::time_point until)
      : options_{options}, story_{std::move(story)}, until_{until} {}

  [[nodiscard]] Story run() {
    keep_the_last();
    leave_out_taps();
    leave_out_kinds();
    for (bool shorter = true; shorter && in_time();) {
      const std::size_t before = story_.script.happenings.size();
      leave_out_parts();
      leave_out_pairs();
      shorten_waiting();
      shorter = story_.script.happenings.size() < before;
    }
    shorten_end();
    return std::move(story_);
  }

 private:
  [[nodiscard]] bool in_time() const { return Clock::now() < until_; }

  /// Keeps `candidate` if it breaks the same promise.
  bool try_out(Script candidate) {
    if (!in_time()) return false;
    ++story_.runs;
    WorldOptions options = options_;
    options.script = &candidate;
    World world{options};
    const Report report = world.run();
    if (!report.violation || report.violation->invariant != story_.violation.invariant) {
      return false;
    }
    candidate.ends_at = std::min(candidate.ends_at, world.script().ends_at);
    story_.script = std::move(candidate);
    story_.violation = *report.violation;
    return true;
  }

  template <class Leaves>
  void try_without(Leaves leaves) {
    Script candidate = story_.script;
    const auto left_out = std::erase_if(candidate.happenings, leaves);
    if (left_out > 0) try_out(std::move(candidate));
  }

  /// Most stories begin shortly before their end.
  void keep_the_last() {
    for (const Duration length : {8s, 15s, 30s, 60s, 120s}) {
      Script candidate = story_.script;
      const Duration from = candidate.ends_at - length;
      std::erase_if(candidate.happenings, [&](const Happening& one) { return one.at < from; });
      if (from <= Duration{0} || candidate.happenings.empty()) continue;
      bring_forward(candidate, 0, 1s);
      if (try_out(std::move(candidate))) return;
    }
  }

  void leave_out_taps() {
    std::set<std::uint32_t> taps;
    for (const Happening& one : story_.script.happenings) taps.insert(one.tap);
    for (const std::uint32_t tap : taps) {
      try_without([&](const Happening& one) { return one.tap == tap; });
    }
  }

  void leave_out_kinds() {
    for (std::size_t i = 0; i < deed_count; ++i) {
      try_without([&](const Happening& one) { return one.deed == static_cast<Deed>(i); });
    }
  }

  void leave_out_parts() {
    for (std::size_t part = (story_.script.happenings.size() + 1) / 2; part >= 1; part /= 2) {
      for (std::size_t from = 0; from < story_.script.happenings.size() && in_time();) {
        Script candidate = story_.script;
        auto& all = candidate.happenings;
        const auto first = all.begin() + static_cast<std::ptrdiff_t>(from);
        all.erase(first, first + static_cast<std::ptrdiff_t>(std::min(part, all.size() - from)));
        if (!try_out(std::move(candidate))) from += part;
      }
      shorten_waiting();
    }
  }

  /// A glass that is placed and the one that is lifted later: neither can go alone.
  void leave_out_pairs() {
    if (story_.script.happenings.size() > pairs_max) return;
    for (std::size_t one = 0; one < story_.script.happenings.size(); ++one) {
      for (std::size_t other = one + 1; other < story_.script.happenings.size() && in_time();) {
        Script candidate = story_.script;
        auto& all = candidate.happenings;
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(other));
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(one));
        if (try_out(std::move(candidate))) {
          other = one + 1;
        } else {
          ++other;
        }
      }
    }
  }

  /// All from happening `index` on come sooner, so that there is no more than `wait` before it.
  static void bring_forward(Script& script, std::size_t index, Duration wait) {
    auto& all = script.happenings;
    const Duration before = index == 0 ? Duration{0} : all[index - 1].at;
    const Duration gain = all[index].at - before - wait;
    if (gain <= Duration{0}) return;
    for (std::size_t i = index; i < all.size(); ++i) all[i].at -= gain;
    script.ends_at -= gain;
  }

  void shorten_waiting() {
    Script candidate = story_.script;
    for (std::size_t i = 0; i < candidate.happenings.size(); ++i) {
      bring_forward(candidate, i, dull);
    }
    if (candidate.ends_at == story_.script.ends_at || try_out(std::move(candidate))) return;
    for (std::size_t i = 0; i < story_.script.happenings.size() && in_time(); ++i) {
      candidate = story_.script;
      bring_forward(candidate, i, dull);
      if (candidate.ends_at < story_.script.ends_at) try_out(std::move(candidate));
    }
  }

  void shorten_end() {
    const auto& all = story_.script.happenings;
    for (const Duration after : {1s, 10s}) {
      Script candidate = story_.script;
      candidate.ends_at = (all.empty() ? Duration{0} : all.back().at) + after;
      if (candidate.ends_at < story_.script.ends_at && try_out(std::move(candidate))) return;
    }
  }

  WorldOptions options_;
  Story story_;
  Clock::time_point until_;
};

}  // namespace

std::optional<Story> shrink(const WorldOptions& options, std::chrono::seconds budget) {
  const Clock::time_point until = Clock::now() + budget;
  World whole{options};
  const Report report = whole.run();
  if (!report.violation) return std::nullopt;
  Story story{.script = whole.script(),
              .violation = *report.violation,
              .told_before = whole.script().happenings.size(),
              .runs = 1};
  return Shrinker{options, std::move(story), until}.run();
}

std::string told(const Story& story, const WorldOptions& options) {
  std::string text;
  std::set<std::uint32_t> taps;
  for (const Happening& one : story.script.happenings) taps.insert(one.tap);
  const std::vector<std::string> cast = World{options}.cast();
  for (std::size_t i = 0; i < cast.size(); ++i) {
    if (taps.contains(static_cast<std::uint32_t>(i))) text += "  " + cast[i] + "\n";
  }
  const std::vector<Happening>& all = story.script.happenings;
  // Where the time did not suffice the end says most.
  const std::size_t left_out = all.size() - std::min(all.size(), told_max);
  if (left_out > 0) text += "  (" + std::to_string(left_out) + " happenings before)\n";
  for (std::size_t i = left_out; i < all.size(); ++i) text += "  " + told(all[i]) + "\n";
  std::array<char, 32> at{};
  const Duration when = story.violation.at - Instant{} - std::chrono::hours{1};
  std::snprintf(at.data(), at.size(), "%10.3f s", std::chrono::duration<double>(when).count());
  text += "  " + std::string{at.data()} + "  VIOLATION of " +
          std::to_string(story.violation.invariant) + ": " + story.violation.what + "\n";
  text += "  (" + std::to_string(story.script.happenings.size()) + " of " +
          std::to_string(story.told_before) + " happenings, after " + std::to_string(story.runs) +
          " parties)\n";
  return text;
}

}  // namespace pourtocol::simulation
