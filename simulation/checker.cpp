#include "simulation/checker.hpp"

#include <algorithm>

#include "backend/control/wording.hpp"

namespace pourtocol::simulation {

namespace {

using namespace std::chrono_literals;
using control::AnswerCode;
using control::PourState;

/// Glass truly gone, pump off within this (invariant 4).
constexpr Duration glass_grace = 100ms;

/// The arrows of docs/safety.md once more, written down independently of the coordinator.
bool may_follow(PourState from, PourState to) {
  using enum PourState;
  static const std::set<std::pair<PourState, PourState>> arrows{
      {fresh, refused},    {fresh, sending},       {sending, not_sent}, {sending, accepted},
      {sending, rejected}, {sending, unclear},     {accepted, unclear}, {accepted, done},
      {accepted, partial}, {accepted, not_poured}, {unclear, sending},  {unclear, done},
      {unclear, partial},  {unclear, not_poured},  {unclear, unknown},  {unknown, done},
      {unknown, partial},  {unknown, not_poured}};
  return arrows.contains({from, to});
}

/// Whether an answer is the last word on its key, to be repeated for ever.
bool is_last_word(AnswerCode code) {
  switch (code) {
    case AnswerCode::pouring:
    case AnswerCode::amount_out_of_range:
    case AnswerCode::busy:
    case AnswerCode::no_glass:
    case AnswerCode::stopped:
    case AnswerCode::unclear_pour:
    case AnswerCode::device_fault:
    case AnswerCode::offline:
    case AnswerCode::device_refused:
      return true;
    default:
      return false;
  }
}

std::string quoted(const RequestId& id) {
  return "\"" + std::string{id.view()} + "\"";
}

}  // namespace

void Checker::broken(int invariant, const std::string& what) {
  if (!violation_) violation_ = {.invariant = invariant, .at = schedule_.now(), .what = what};
}

// ---- what happens -------------------------------------------------------------------------------

void Checker::order_leaves(control::TapIndex index, const protocol::DispenseOrder& order) {
  const TapName& name = tap(static_cast<std::size_t>(index)).name;
  const control::Pour* pour = ledger_.find(order.request_id);
  const std::string id = quoted(order.request_id);
  if (pour == nullptr || pour->state != PourState::sending) {
    broken(2, "an order left before its `started` row was durable: " + id);
    return;
  }
  if (order.amount < protocol::amount_min || order.amount > protocol::amount_max) {
    broken(3, "an order of " + std::to_string(order.amount.count()) + " ml left: " + id);
  }
  if (order.amount.count() != pour->amount_ml)
    broken(3, "another amount was sent than logged: " + id);
  if (const control::Pour* open = ledger_.open_on(name); open != nullptr && open != pour) {
    broken(14, "an order left while another pour of its tap was open: " + id);
  }
  if (held_.contains(name)) broken(15, "an order left for a stopped tap: " + id);
  if (failed_writes_.contains(order.request_id)) {
    broken(11, "an order left although its row could not be written: " + id);
  }
  const auto [known, first] = ordered_.emplace(order.request_id, order.amount);
  if (!first && !order.guard) {
    broken(1, "an order was sent twice to a device of the seed's contract: " + id);
  }
}

void Checker::stop_taken(control::TapIndex index, const protocol::StopOrder& stop) {
  Machine& machine = *machines_[static_cast<std::size_t>(index)];
  if (!machine.pump_on()) return;
  const bool meant = !stop.request_id || machine.labelled().back().id == *stop.request_id;
  if (meant) broken(15, "the pump runs on after a stop");
}

/// From the moment a release is on its way to the disk nobody is promised a stop any more.
void Checker::write_submitted(const control::StoreWrite& write) {
  const auto* hold = std::get_if<control::HoldWrite>(&write);
  if (hold == nullptr || hold->held) return;
  for (const TapName& name : hold->taps) held_.erase(name);
}

void Checker::write_answered(const control::StoreWrite& write, const control::WriteReply& reply) {
  if (const auto* start = std::get_if<control::StartWrite>(&write)) {
    if (std::holds_alternative<control::Failed>(reply.result)) {
      failed_writes_.insert(start->pour.request_id);
    }
    const bool claimed = std::holds_alternative<control::Started>(reply.result);
    if (claimed) failed_writes_.erase(start->pour.request_id);  // asked for again, and written
    if (claimed && ledger_.find(start->pour.request_id) == nullptr) {
      broken(8, "a start was acknowledged that is not on the disk");
    }
  } else if (const auto* step = std::get_if<control::StepWrite>(&write)) {
    const bool claimed = std::holds_alternative<control::Written>(reply.result);
    // Steps of one commit are on the disk together: this one need not be the last.
    const auto& steps = ledger_.transitions();
    const bool there = std::any_of(steps.rbegin(), steps.rend(), [&](const auto& on_disk) {
      return on_disk.request_id == step->pour.request_id && on_disk.from == step->from &&
             on_disk.to == step->pour.state;
    });
    if (claimed && !there) broken(8, "a step was acknowledged that is not on the disk");
  }
  const auto* hold = std::get_if<control::HoldWrite>(&write);
  if (hold != nullptr && hold->held && std::holds_alternative<control::Written>(reply.result)) {
    held_.insert(hold->taps.begin(), hold->taps.end());
  }
  if (reply.row) acknowledged_.push_back(*reply.row);
}

void Checker::answered(const control::DispenseRequest&, const RequestId& id,
                       const control::DispenseAnswer& answer) {
  const bool kept = !answer.request_id.empty();
  if (!kept) return;
  const control::Pour* pour = ledger_.find(id);
  if (pour == nullptr) {
    broken(9, "a client was answered about " + quoted(id) + ", of which nothing is on the disk");
    return;
  }
  if (answer.code == AnswerCode::pouring && !pour->accepted && pour->state != PourState::done &&
      pour->state != PourState::partial) {
    broken(9, "a client was told it pours, but the log does not say so: " + quoted(id) + " is " +
                  std::string{name_of(pour->state)});
  }
  if (!is_last_word(answer.code)) return;
  const auto [known, first] = final_answers_.emplace(id, answer.code);
  if (!first && known->second != answer.code) {
    broken(9, "one key got two final answers: " + quoted(id));
  }
}

// ---- after every event --------------------------------------------------------------------------

void Checker::look() {
  for (std::size_t i = 0; i < machines_.size(); ++i) look_at_machine(i);
  look_at_log();
}

void Checker::look_at_machine(std::size_t index) {
  Machine& machine = *machines_[index];
  const auto& labelled = machine.labelled();
  for (std::size_t& seen = labelled_[index]; seen < labelled.size(); ++seen) {
    const Machine::Labelled& episode = labelled[seen];
    ++episode_count_;
    if (episode.id.empty()) {
      broken(12, "a pump went on without an order");
    } else if (!episode.resumed && ++episodes_of_[episode.id] > 1) {
      broken(1, "poured twice: " + quoted(episode.id));
    }
  }
  // An episode may still drip; only what can no longer change is judged.
  std::size_t& next = checked_[index];
  while (next < labelled.size() && machine.plant().episodes()[labelled[next].episode].final) {
    look_at_episode(machine, labelled[next]);
    ++next;
  }
}

void Checker::look_at_episode(Machine& machine, const Machine::Labelled& labelled) {
  const firmware::Episode& episode = machine.plant().episodes()[labelled.episode];
  const auto ordered = ordered_.find(labelled.id);
  if (ordered == ordered_.end()) return;
  const Microlitres most = settings_.taps.front().most_for(ordered->second);
  Spans& spans = spans_of_[labelled.id];
  spans.total += episode.total;
  spans.on += episode.ended - episode.started;
  if (spans.total > most) {
    broken(3, quoted(labelled.id) + ": " + control::in_ml(spans.total) + " ml flowed for " +
                  std::to_string(ordered->second.count()) + " ml");
  }
  const std::size_t index =
      static_cast<std::size_t>(std::find_if(machines_.begin(), machines_.end(),
                                            [&](const auto& m) { return m.get() == &machine; }) -
                               machines_.begin());
  if (spans.on > tap(index).longest_for(ordered->second)) {
    broken(3, "the pump ran too long for " + quoted(labelled.id));
  }
  if (labelled.sensor_honest && !episode.glass_at_start) {
    broken(4, "the pump went on without a glass: " + quoted(labelled.id));
  }
  if (labelled.sensor_honest && episode.longest_without_glass > glass_grace) {
    broken(4, "the pump ran on for " +
                  std::to_string(episode.longest_without_glass.count() / 1000) +
                  " ms after the glass had left: " + quoted(labelled.id));
  }
}

void Checker::look_at_log() {
  const auto& transitions = ledger_.transitions();
  for (; transitions_seen_ < transitions.size(); ++transitions_seen_) {
    const auto& step = transitions[transitions_seen_];
    const control::Pour& pour = *ledger_.find(step.request_id);
    const auto known = state_of_.find(step.request_id);
    const PourState from = known == state_of_.end() ? PourState::fresh : known->second;
    if (step.from != from || !may_follow(from, step.to)) {
      broken(10, quoted(step.request_id) + " went from " + std::string{name_of(from)} + " to " +
                     std::string{name_of(step.to)});
    }
    state_of_[step.request_id] = step.to;
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
  add_up_truth();
  for (const auto& [id, pour] : ledger_.pours()) look_at_pour(pour);
  const auto& rows = ledger_.rows();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].id != static_cast<std::int64_t>(i) + 1) broken(8, "the log has a gap");
  }
  for (const control::LogRow& row : acknowledged_) {
    const auto index = static_cast<std::size_t>(row.id) - 1;
    if (index >= rows.size() || rows[index].request_id != row.request_id ||
        rows[index].outcome != row.outcome) {
      broken(8, "an acknowledged row is gone: " + std::to_string(row.id));
    }
  }
}

void Checker::look_at_pour(const control::Pour& pour) {
  if (!control::is_final(pour.state)) return;
  const auto found = truth_.find(pour.request_id);
  const Microlitres flowed = found == truth_.end() ? Microlitres{} : found->second;
  Microlitres min{0};
  Microlitres max{0};
  if (pour.delivery) {
    min = pour.delivery->min;
    max = pour.delivery->max;
  }
  if (flowed < min || flowed > max) {
    const std::string how = std::string{name_of(pour.state)} + ", " +
                            std::string{name_of(pour.cause)} + "; " + control::reason_for(pour);
    broken(7, quoted(pour.request_id) + " (" + how + ") says [" + control::in_ml(min) + ", " +
                  control::in_ml(max) + "] ml, but " + control::in_ml(flowed) + " ml flowed");
  }
}

void Checker::add_up_truth() {
  truth_.clear();
  for (const auto& machine : machines_) {
    for (const Machine::Labelled& labelled : machine->labelled()) {
      truth_[labelled.id] += machine->plant().episodes()[labelled.episode].total;
    }
  }
}

}  // namespace pourtocol::simulation
