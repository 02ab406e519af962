#include "simulation/disk.hpp"

#include <algorithm>
#include <utility>

namespace pourtocol::simulation {

namespace {

using namespace std::chrono_literals;

/// How many writes share one commit at most, as in backend/database.
constexpr std::size_t batch_max = 512;

}  // namespace

Disk::Log::~Log() {
  *alive_ = false;
  // Killed in the middle of a commit: it is on the disk wholly or not at all.
  const bool committed = !broken_ && disk_.random_.chance(0.5);
  for (Waiting& waiting : committing_) {
    if (committed) (void)disk_.apply(waiting.id, waiting.write);
  }
}

void Disk::Log::submit(control::WriteId id, control::StoreWrite write) {
  const bool is_start = std::holds_alternative<control::StartWrite>(write) &&
                        !std::get<control::StartWrite>(write).refusal;
  if (disk_.bug_ == Bug::log_after_send && is_start) {
    // Says it is written, and writes it some time later.
    disk_.schedule_.after(1us, [this, alive = alive_, id] {
      if (*alive) reply({.id = id, .result = control::Started{}, .row = {}});
    });
    disk_.schedule_.after(50ms, [this, alive = alive_, id, write = std::move(write)] {
      if (*alive) (void)disk_.apply(id, write);
    });
    return;
  }
  queue_.push_back({.id = id, .write = std::move(write)});
  if (committing_.empty()) begin_commit();
}

void Disk::Log::begin_commit() {
  while (!queue_.empty() && committing_.size() < batch_max) {
    committing_.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  if (committing_.empty()) return;
  const Duration sync{disk_.slow_ ? disk_.random_.between(100'000, 1'500'000)
                                  : disk_.random_.between(80, 2'000)};
  disk_.schedule_.after(sync, [this, alive = alive_] {
    if (*alive) finish_commit();
  });
}

void Disk::Log::finish_commit() {
  std::vector<Waiting> batch = std::exchange(committing_, {});
  if (disk_.failing_ || disk_.locked_) broken_ = true;
  if (broken_) {
    fail_all(std::move(batch));
    return;
  }
  std::vector<control::WriteReply> replies;
  for (Waiting& waiting : batch) {
    if (disk_.bug_ == Bug::lose_acknowledged_rows && disk_.random_.chance(0.02) &&
        std::holds_alternative<control::StepWrite>(waiting.write)) {
      replies.push_back({.id = waiting.id, .result = control::Written{}, .row = {}});
      acknowledged_only_.push_back(std::move(waiting));
      continue;
    }
    if (disk_.bug_ == Bug::forget_stopped &&
        std::holds_alternative<control::HoldWrite>(waiting.write)) {
      const auto& hold = std::get<control::HoldWrite>(waiting.write);
      const auto says = hold.held ? control::StopNumber{1} : control::StopNumber::none;
      replies.push_back({.id = waiting.id,
                         .result = control::Holds{std::vector(hold.taps.size(), says)},
                         .row = {}});
      continue;
    }
    replies.push_back(disk_.apply(waiting.id, waiting.write));
  }
  for (control::WriteReply& one : replies) {
    reply(std::move(one));
    if (!*alive_) return;
  }
  if (committing_.empty()) begin_commit();
}

/// After an error nobody knows what is on the disk: now and then it is all there.
void Disk::Log::fail_all(std::vector<Waiting> batch) {
  const bool written_anyway = disk_.failing_ && disk_.random_.chance(0.3);
  for (Waiting& waiting : batch) {
    if (written_anyway) (void)disk_.apply(waiting.id, waiting.write);
  }
  for (Waiting& waiting : std::exchange(queue_, {})) batch.push_back(std::move(waiting));
  for (const Waiting& waiting : batch) {
    const bool is_start = std::holds_alternative<control::StartWrite>(waiting.write) &&
                          !std::get<control::StartWrite>(waiting.write).refusal;
    if (disk_.bug_ == Bug::send_after_failed_write && is_start) {
      reply({.id = waiting.id, .result = control::Started{}, .row = {}});
    } else {
      reply({.id = waiting.id, .result = control::Failed{"disk full"}, .row = {}});
    }
  }
}

void Disk::Log::reply(control::WriteReply one) {
  listener_.on_reply(std::move(one));
}

void Disk::Log::recover() {
  disk_.schedule_.after(Duration{disk_.random_.between(500, 20'000)}, [this, alive = alive_] {
    if (!*alive) return;
    if (!committing_.empty() || !queue_.empty()) {
      recover();  // what was submitted before is answered first
      return;
    }
    if ((disk_.failing_ || disk_.locked_) && disk_.random_.chance(0.5)) {
      listener_.on_recovered(control::RecoverFailed{"disk error"});
      return;
    }
    broken_ = false;
    control::Recovered recovered = ledger::present_state(disk_.tables_);
    if (disk_.bug_ == Bug::forget_open_pours) recovered.open.clear();
    listener_.on_recovered(std::move(recovered));
  });
}

}  // namespace pourtocol::simulation
