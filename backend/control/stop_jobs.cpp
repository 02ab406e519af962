#include "backend/control/stop_jobs.hpp"

#include <utility>

#include "core/assert.hpp"

namespace pourtocol::control {

StopJobs::StopJobs(std::vector<TapName> names, std::size_t waiting_per_tap)
    : names_{std::move(names)}, waiting_per_tap_{waiting_per_tap}, waiting_(names_.size()) {
  POURTOCOL_ASSERT(waiting_per_tap_ > 0);
}

void StopJobs::begin(Ticket ticket) {
  const bool is_new = jobs_.emplace(ticket, Job{}).second;
  POURTOCOL_ASSERT(is_new);
  changed_.push_back(ticket);
}

void StopJobs::await_row(Ticket ticket, bool early) {
  jobs_.at(ticket).row_awaited = true;
  if (early) early_.push_back(ticket);
}

void StopJobs::await_machine(Ticket ticket, TapIndex tap, CallId call, bool was_pouring) {
  Queue& queue = waiting_.at(static_cast<std::size_t>(tap));
  queue.emplace(ticket, Waiting{.call = call, .was_pouring = was_pouring});
  ++jobs_.at(ticket).machines_awaited;
  if (queue.size() <= waiting_per_tap_) return;
  const Ticket longest = queue.begin()->first;
  queue.erase(queue.begin());
  resolve(longest, tap, TapStopCode::no_answer);
}

void StopJobs::note(Ticket ticket, TapIndex tap, TapStopCode code) {
  jobs_.at(ticket).results.push_back({.tap = tap, .code = code});
}

void StopJobs::on_row(Ticket ticket, bool failed) {
  Job& job = jobs_.at(ticket);
  job.row_awaited = false;
  job.row_failed = failed;
  changed_.push_back(ticket);
}

void StopJobs::on_early_rows(bool failed) {
  for (const Ticket ticket : std::exchange(early_, {})) on_row(ticket, failed);
}

void StopJobs::on_answer(const StopAnswered& answer) {
  Queue& queue = waiting_.at(static_cast<std::size_t>(answer.tap));
  for (auto it = queue.begin(); it != queue.end();) {
    const auto [ticket, waiting] = *it;
    if (waiting.call != answer.call) {
      ++it;
      continue;
    }
    it = queue.erase(it);
    TapStopCode code = TapStopCode::no_answer;
    if (answer.result == StopResult::unsupported) code = TapStopCode::cannot_stop;
    if (answer.result == StopResult::stopped) code = TapStopCode::stopped;
    if (answer.result != StopResult::no_answer && !waiting.was_pouring) {
      code = TapStopCode::not_pouring;
    }
    resolve(ticket, answer.tap, code);
  }
}

/// It is known: one that is dropped has told no machine anything.
void StopJobs::resolve(Ticket ticket, TapIndex tap, TapStopCode code) {
  Job& job = jobs_.at(ticket);
  POURTOCOL_ASSERT(job.machines_awaited > 0);
  --job.machines_awaited;
  job.results.push_back({.tap = tap, .code = code});
  changed_.push_back(ticket);
}

void StopJobs::finish(Turn& turn) {
  for (const Ticket ticket : std::exchange(changed_, {})) {
    const auto found = jobs_.find(ticket);
    if (found == jobs_.end()) continue;
    const Job& job = found->second;
    if (job.row_awaited || job.machines_awaited > 0) continue;
    turn.emit(AnswerStop{.ticket = ticket, .answer = answer_of(job)});
    jobs_.erase(found);
  }
}

StopAnswer StopJobs::answer_of(const Job& job) const {
  StopAnswer answer{.code = ControlCode::ok, .message = "Stopped.", .taps = {}};
  for (const Job::Result& result : job.results) {
    answer.taps.push_back(
        {.tap = names_.at(static_cast<std::size_t>(result.tap)), .code = result.code});
    if (result.code == TapStopCode::no_answer) {
      answer.message = "Not every machine answered: look at it, and cut its power if it pours.";
    } else if (result.code == TapStopCode::cannot_stop && answer.message == "Stopped.") {
      answer.message = "A machine knows no stop: it ends by itself; cut its power if it must not.";
    }
  }
  if (job.row_failed) {
    answer.code = ControlCode::store_failed;
    answer.message =
        "The machines were told to stop, but the stop could not be recorded: it "
        "holds until the server restarts. Check the server's disk.";
  }
  return answer;
}

}  // namespace pourtocol::control
