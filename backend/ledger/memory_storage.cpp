#include "backend/ledger/memory_storage.hpp"

#include <algorithm>
namespace pourtocol::ledger {

using control::LogRow;
using control::Pour;
using control::PourState;
using control::Recovered;
using control::StopNumber;

const Pour* MemoryStorage::pour(const RequestId& id) const {
  const auto found = pours_.find(id);
  return found == pours_.end() ? nullptr : &found->second;
}

const Pour* MemoryStorage::open_pour(const TapName& tap) const {
  const auto found = open_.find(tap);
  return found == open_.end() ? nullptr : pour(found->second);
}

std::optional<Pour> MemoryStorage::find(const RequestId& id) {
  const Pour* known = pour(id);
  return known == nullptr ? std::nullopt : std::optional{*known};
}

bool MemoryStorage::is_given_up(const RequestId& id) {
  return given_up_.contains(id);
}

std::optional<PourState> MemoryStorage::state_of_open(const TapName& tap) {
  const Pour* open = open_pour(tap);
  return open == nullptr ? std::nullopt : std::optional{open->state};
}

StopNumber MemoryStorage::stop_that_holds(const TapName& tap) {
  const auto held = held_.find(tap);
  return held == held_.end() ? StopNumber::none : held->second;
}

void MemoryStorage::add_pour(const Pour& pour) {
  // Without a database's constraints: the simulation is to see what a mistake of the rules does.
  pours_.emplace(pour.request_id, pour);
  if (pour.state == PourState::refused) return;
  started_[pour.tap].push_back(pour.request_id);
  if (is_open(pour.state)) open_[pour.tap] = pour.request_id;
}

void MemoryStorage::update_pour(const Pour& pour) {
  Pour& known = pours_.at(pour.request_id);
  known = pour;
  // Late evidence may resolve a pour while another one is open on its tap.
  if (open_pour(pour.tap) == &known && is_final(pour.state)) open_.erase(pour.tap);
}

std::int64_t MemoryStorage::add_event(const LogRow& row) {
  rows_.push_back(row);
  rows_.back().id = last_event();
  return last_event();
}

void MemoryStorage::add_transition(PourState from, const Pour& pour,
                                   std::optional<std::int64_t> /*event*/) {
  transitions_.push_back(
      {.request_id = pour.request_id, .from = from, .to = pour.state, .cause = pour.cause});
}

StopNumber MemoryStorage::add_hold(const TapName& tap, bool held, WallTime /*at*/) {
  const StopNumber number{++last_hold_};
  if (held) {
    held_[tap] = number;
  } else {
    held_.erase(tap);
  }
  return number;
}

void MemoryStorage::add_machine(const TapName& tap, const std::optional<MachineId>& machine,
                                WallTime /*at*/) {
  machines_.erase(tap);
  if (machine) machines_.emplace(tap, *machine);
}

void MemoryStorage::add_given_up(const RequestId& id, WallTime /*at*/) {
  given_up_.insert(id);
}

std::vector<Pour> MemoryStorage::open_pours() {
  std::vector<Pour> open;
  for (const auto& [tap, id] : open_) open.push_back(pours_.at(id));
  return open;
}

std::vector<Pour> MemoryStorage::last_that_may_have_flowed() {
  std::vector<Pour> pours;
  for (const auto& [tap, ids] : started_) {
    const auto last = std::find_if(ids.rbegin(), ids.rend(), [&](const RequestId& id) {
      return may_have_flowed(pours_.at(id).state);
    });
    if (last != ids.rend()) pours.push_back(pours_.at(*last));
  }
  return pours;
}

std::vector<Recovered::Held> MemoryStorage::held_taps() {
  std::vector<Recovered::Held> held;
  for (const auto& [tap, stop] : held_) held.push_back({.tap = tap, .stop = stop});
  return held;
}

std::vector<Recovered::Calibrated> MemoryStorage::last_accepted() {
  std::map<TapName, WallTime> newest;
  for (const LogRow& row : rows_) {
    if (row.action == control::accept_action && row.status == control::EventStatus::success) {
      newest[row.tap] = row.timestamp;
    }
  }
  std::vector<Recovered::Calibrated> accepted;
  for (const auto& [tap, at] : newest) accepted.push_back({.tap = tap, .at = at});
  return accepted;
}

std::vector<Recovered::Machine> MemoryStorage::machines() {
  std::vector<Recovered::Machine> machines;
  for (const auto& [tap, id] : machines_) machines.push_back({.tap = tap, .id = id});
  return machines;
}

std::int64_t MemoryStorage::last_event() {
  return static_cast<std::int64_t>(rows_.size());
}

}  // namespace pourtocol::ledger
