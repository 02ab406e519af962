// What the checker looks at after every event, and at the end.
#include <algorithm>

#include "backend/control/wording.hpp"
#include "simulation/checker.hpp"

namespace pourtocol::simulation {

namespace {

using namespace std::chrono_literals;
using control::PourState;

/// Glass truly gone, pump off within this (invariant 4).
constexpr Duration glass_grace = 100ms;

/// A glass must have stood there for so long, but for a turn of the loop.
constexpr Duration glass_settles = 280ms;

/// The status that an order relies on is at most so old.
constexpr Duration just_before = 2s;
/// And a boot so much older than the order is told from the next one.
constexpr Duration hidden_in_uptimes = 5s;

/// Open pours close within this beyond the longest they can take (invariant 17).
constexpr Duration convergence = 10s;

/// The arrows of docs/safety.md once more, written down independently of the coordinator.
bool may_follow(PourState from, PourState to) {
  using enum PourState;
  static const std::set<std::pair<PourState, PourState>> arrows{
      {fresh, refused},       {fresh, sending},    {fresh, done},       {fresh, partial},
      {fresh, unknown},       {sending, not_sent}, {sending, accepted}, {sending, rejected},
      {sending, unclear},     {accepted, unclear}, {accepted, done},    {accepted, partial},
      {accepted, not_poured}, {unclear, sending},  {unclear, done},     {unclear, partial},
      {unclear, not_poured},  {unclear, unknown},  {unknown, done},     {unknown, partial},
      {unknown, not_poured}};
  return arrows.contains({from, to});
}

}  // namespace

// ---- after every event --------------------------------------------------------------------------

void Checker::look() {
  for (std::size_t i = 0; i < machines_.size(); ++i) look_at_machine(i);
  look_at_log();
  if (faults_ceased_) look_at_convergence();
}

void Checker::look_at_machine(std::size_t index) {
  Machine& machine = *machines_[index];
  const auto& labelled = machine.labelled();
  for (std::size_t& seen = labelled_[index]; seen < labelled.size(); ++seen) {
    const Machine::Labelled& episode = labelled[seen];
    ++episode_count_;
    if (episode.beyond_software) continue;
    const control::Pour* pour = ledger_.pour(episode.id);
    if (pour != nullptr && pour->tap != machine.name()) {
      broken(2, std::string{machine.name().view()} +
                    " pours what was ordered at another tap: " + quoted(episode.id));
    }
    if (given_up_.contains(episode.id)) {
      broken(18, "poured although it was given up: " + quoted(episode.id));
    }
    if (episode.id.empty()) {
      broken(12, "a pump went on without an order");
    } else if (!episode.resumed && ++episodes_of_[episode.id] > 1) {
      broken(1, "poured twice: " + quoted(episode.id));
    }
  }
  // An episode may still drip; only what can no longer change is judged.
  std::size_t& next = checked_[index];
  while (next < labelled.size() && machine.plant().episodes()[labelled[next].episode].final) {
    look_at_episode(index, labelled[next]);
    ++next;
  }
}

void Checker::look_at_episode(std::size_t index, const Machine::Labelled& labelled) {
  Machine& machine = *machines_[index];
  const firmware::Episode& episode = machine.plant().episodes()[labelled.episode];
  const RequestId& id = labelled.id;
  truth_[id] += episode.total;
  const auto ordered = ordered_.find(id);
  if (ordered == ordered_.end() || !machine.answers_for(id)) return;
  const Bounds& bounds = ordered->second;
  Duration& on = pump_on_for_[id];
  on += episode.ended - episode.started;
  if (truth_[id] > bounds.most) {
    broken(3, quoted(id) + ": " + control::in_ml(truth_[id]) + " ml flowed for " +
                  std::to_string(bounds.amount.count()) + " ml");
  }
  if (on > bounds.longest) broken(3, "the pump ran too long for " + quoted(id));
  if (labelled.sensor_honest) look_at_glass(labelled, episode);
  if (const control::Pour* pour = ledger_.pour(id)) look_at_pour(*pour);
}

void Checker::look_at_glass(const Machine::Labelled& labelled, const firmware::Episode& episode) {
  const std::string id = quoted(labelled.id);
  // No sensor sees at once that a glass has left: what counts is how long it has truly been gone.
  const Duration gone = labelled.glass_gone_for + episode.longest_without_glass;
  if (!episode.glass_at_start && gone > glass_grace) {
    broken(4, "the pump went on without a glass: " + id);
  }
  if (!labelled.resumed && labelled.glass_for < glass_settles) {
    broken(4, "the pump went on before the glass stood still: " + id);
  }
  if (episode.longest_without_glass > glass_grace) {
    broken(4, "the pump ran on for " +
                  std::to_string(episode.longest_without_glass.count() / 1000) +
                  " ms after the glass had left: " + id);
  }
}

void Checker::look_at_log() {
  const auto& transitions = ledger_.transitions();
  for (; transitions_seen_ < transitions.size(); ++transitions_seen_) {
    const auto& step = transitions[transitions_seen_];
    const control::Pour& pour = *ledger_.pour(step.request_id);
    const auto known = state_of_.find(step.request_id);
    const PourState from = known == state_of_.end() ? PourState::fresh : known->second;
    if (step.from != from || !may_follow(from, step.to)) {
      broken(10, quoted(step.request_id) + " went from " + std::string{name_of(from)} + " to " +
                     std::string{name_of(step.to)});
    }
    state_of_[step.request_id] = step.to;
    if (control::is_final(step.to)) look_at_pour(pour);
    if (control::is_final(step.to) && !pour.context.guard) look_at_unmeasured(pour);
    if (control::is_open(step.to)) {
      const auto [open, first] = open_on_.emplace(pour.tap, step.request_id);
      if (!first && open->second != step.request_id) broken(5, "two pours are open on one tap");
    } else if (open_on_.contains(pour.tap) && open_on_.at(pour.tap) == step.request_id) {
      open_on_.erase(pour.tap);
    }
  }
}

// ---- at the end ---------------------------------------------------------------------------------

void Checker::look_back() {
  look();
  for (const auto& [tap, id] : open_on_) {
    broken(17, "still open although all faults have long ceased: " + quoted(id));
  }
  for (const auto& [id, pour] : ledger_.pours()) look_at_pour(pour);
  const auto& rows = ledger_.rows();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].id != static_cast<std::int64_t>(i) + 1) broken(8, "the log has a gap");
  }
  look_at_acknowledged();
}

/// What a closed pour says of itself against what flowed, as far as that can be judged yet: nothing
/// may flow beyond its promise at any time, and all that it promised once all has flowed.
void Checker::look_at_pour(const control::Pour& pour) {
  if (!control::is_final(pour.state)) return;
  const auto on = std::find_if(machines_.begin(), machines_.end(),
                               [&](const auto& one) { return one->name() == pour.tap; });
  if (!(*on)->answers_for(pour.request_id)) return;
  const auto found = truth_.find(pour.request_id);
  const Microlitres flowed = found == truth_.end() ? Microlitres{} : found->second;
  Microlitres min{0};
  Microlitres max{0};
  if (pour.delivery) {
    min = pour.delivery->min;
    max = pour.delivery->max;
  }
  const auto index = static_cast<std::size_t>(on - machines_.begin());
  const bool still_flows = checked_[index] < (*on)->plant().episodes().size();
  if ((flowed < min && !still_flows) || flowed > max) {
    const std::string how = std::string{name_of(pour.state)} + ", " +
                            std::string{name_of(pour.cause)} + "; " + control::reason_for(pour);
    broken(7, quoted(pour.request_id) + " (" + how + ") says [" + control::in_ml(min) + ", " +
                  control::in_ml(max) + "] ml, but " + control::in_ml(flowed) + " ml flowed");
  }
}

/// What a device of the seed's contract is taken to have done, which measures nothing: each of the
/// table's arrows has what it needs.
void Checker::look_at_unmeasured(const control::Pour& pour) {
  const std::string id = quoted(pour.request_id);
  const auto left = left_at_.find(pour.request_id);
  const auto wished = wished_at_.find(pour.request_id);
  if (left == left_at_.end() || wished == wished_at_.end()) return;
  const Machine& machine = machine_of(pour.tap);
  if (pour.cause == control::Cause::rebooted &&
      machine.booted_at() < wished->second - just_before) {
    broken(13, "is said to have been cut by a restart that never was: " + id);
  }
  if (pour.cause == control::Cause::idle_throughout && pour.accepted) {
    broken(10, "was accepted and all was well, and is not taken for poured: " + id);
  }
  if (pour.state != PourState::done) return;
  // The first seconds of a boot hide another one: uptimes are told in whole seconds.
  const bool was_young = wished->second - booted_before_[pour.request_id] < hidden_in_uptimes;
  if (machine.was_cut_off(pour.request_id) && !was_young) {
    broken(13, "is taken for poured although a restart cut it off: " + id);
  }
  const Duration taken = schedule_.now() - left->second;
  if (taken < settings_.taps.front().shortest_for(control::ordered_amount(pour))) {
    broken(10, "is taken for poured sooner than a pump can pour: " + id);
  }
}

Machine& Checker::machine_of(const TapName& name) const {
  return **std::find_if(machines_.begin(), machines_.end(),
                        [&](const auto& one) { return one->name() == name; });
}

void Checker::faults_cease(Instant at) {
  faults_ceased_ = at;
}

/// Each open pour must close within the longest that it can take, and ten seconds.
void Checker::look_at_convergence() {
  for (const auto& [name, id] : open_on_) {
    const auto ordered = ordered_.find(id);
    const auto wished = wished_at_.find(id);
    const Duration longest = ordered == ordered_.end() ? Duration{0} : ordered->second.longest;
    Instant from = *faults_ceased_;
    if (wished != wished_at_.end()) from = std::max(from, wished->second);
    if (schedule_.now() > from + longest + convergence) {
      broken(17, "still open although all faults have ceased: " + quoted(id));
    }
  }
}

void Checker::server_died() {
  look_at_acknowledged();
}

void Checker::look_at_acknowledged() {
  const auto& rows = ledger_.rows();
  for (const control::LogRow& row : acknowledged_) {
    const auto index = static_cast<std::size_t>(row.id) - 1;
    if (index >= rows.size() || rows[index].request_id != row.request_id ||
        rows[index].outcome != row.outcome) {
      broken(8, "an acknowledged row is gone: " + std::to_string(row.id));
    }
  }
}

}  // namespace pourtocol::simulation
