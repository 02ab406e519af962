// The stops whose clients wait: until they are durable, and until the machines have answered.
#pragma once

#include <cstddef>
#include <map>
#include <unordered_map>
#include <vector>

#include "backend/control/events.hpp"
#include "backend/control/turn.hpp"

namespace pourtocol::control {

/// Every stop is answered once. However many wait, what happens to one costs no more than a look at
/// those it concerns; and however long a machine hangs, no more than `waiting_per_tap` wait for it:
/// beyond that, who has waited for it the longest is told that it has not answered.
class StopJobs {
 public:
  /// `names`: of all taps. `waiting_per_tap`: at least 1.
  StopJobs(std::vector<TapName> names, std::size_t waiting_per_tap);

  /// A stop of which nothing is known yet. What it waits for is told next, in the same turn.
  void begin(Ticket ticket);
  /// It waits for its row in the log. `early`: the row is written when the log has been read.
  void await_row(Ticket ticket, bool early);
  /// It waits for the answer to that call. `was_pouring`: when it was asked for.
  void await_machine(Ticket ticket, TapIndex tap, CallId call, bool was_pouring);
  /// What is known of a tap without asking its machine.
  void note(Ticket ticket, TapIndex tap, TapStopCode code);

  [[nodiscard]] bool knows(Ticket ticket) const { return jobs_.contains(ticket); }
  /// Its row is in the log, or never will be.
  void on_row(Ticket ticket, bool failed);
  /// So it is with all that came early.
  void on_early_rows(bool failed);
  void on_answer(const StopAnswered& answer);
  /// Forgets it: somebody else answers.
  void drop(Ticket ticket) { jobs_.erase(ticket); }

  /// Answers those that wait for nothing any more. At the end of every turn.
  void finish(Turn& turn);

 private:
  struct Job {
    bool row_awaited = false;
    bool row_failed = false;
    std::size_t machines_awaited = 0;
    struct Result {
      TapIndex tap{};
      TapStopCode code{};
    };
    std::vector<Result> results;
  };
  struct Waiting {
    CallId call{};
    bool was_pouring = false;
  };
  /// Those that wait for one machine, the longest first: tickets grow.
  using Queue = std::map<Ticket, Waiting>;

  void resolve(Ticket ticket, TapIndex tap, TapStopCode code);
  [[nodiscard]] StopAnswer answer_of(const Job& job) const;

  std::vector<TapName> names_;  // by tap
  std::size_t waiting_per_tap_;
  std::unordered_map<Ticket, Job> jobs_;
  std::vector<Queue> waiting_;  // by tap
  std::vector<Ticket> early_;
  std::vector<Ticket> changed_;  // may be finished
};

}  // namespace pourtocol::control
