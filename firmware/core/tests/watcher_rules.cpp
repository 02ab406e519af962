// The rules that hold always, whatever the watched machine was told.
#include <algorithm>

#include "firmware/core/spreads.hpp"
#include "firmware/core/tests/watcher.hpp"

namespace pourtocol::firmware {

namespace {

// The rule's own number (safety.md), not the core's.
constexpr std::int64_t glass_gone_max = 100;

}  // namespace

void Watcher::check_glass_rule() {
  if (glass_ || unseen_since_true_ - late_at_ < 200) return;
  must(machine_.on_until() <= unseen_since_true_ + glass_gone_max,
       "4: the pump is off 100 ms after the glass is truly gone");
}

void Watcher::check_status() {
  const protocol::DeviceStatus status = dispenser_->status();
  if (machine_.is_on()) {
    must(status.state == protocol::DeviceState::pouring, "a machine that pumps says so");
  }
  for (const auto& pour : status.details->recent) {
    must(Microlitres{0} <= pour.min && pour.min <= pour.delivered && pour.delivered <= pour.max,
         "7: an interval holds what is thought to have come");
    if (pour.purpose == protocol::Purpose::pour) {
      must(pour.max.count() <= most_of(pour.requested.count()),
           "3: a receipt stays within what was asked for");
    }
  }
  if (run_ && run_open_ && !status.details->pour) {
    run_open_ = false;
    must(!machine_.is_on(), "5: what has ended does not pump");
    must(remembers(run_->id), "7: what has ended is remembered");
    for (const auto& pour : status.details->recent) {
      if (pour.request_id == run_->id) check_truth(pour);
    }
  }
  // Uptime apart, nothing changes without a new version.
  protocol::DeviceStatus comparable = status;
  comparable.uptime = {};
  comparable.details->uptime_ms = {};
  if (last_status_ && last_status_->details->version == comparable.details->version) {
    must(*last_status_ == comparable, "what changes has a new version");
  }
  last_status_ = comparable;
  (void)dispenser_->refresh(kept_status_);
  must(kept_status_ == status, "a status kept up to date is the status");
}

/// 3 and 7: of the last run, against what truly flowed.
void Watcher::check_truth(const protocol::RecentPour& pour) {
  if (!run_volume_known_) return;
  must(machine_.comes_to_at_least() <= run_->most, "3: no more flows than an order may bring");
  if (!receipt_holds_) return;
  must(machine_.comes_to_at_least() <= pour.max.count(), "7: no more flowed than the receipt says");
  must(machine_.comes_to_at_most() >= pour.min.count(), "7: no less flowed than the receipt says");
}

void Watcher::check_tuning() const {
  const Tuning& now = tuning();
  must(validate(now).has_value(), "what is learned is valid");
  if (!now.calibrated()) return;
  const Calibration& from = now.calibration;
  const std::int64_t flow = now.flow.microlitres_per_second() * 1000;
  const std::int64_t calibrated = from.flow.microlitres_per_second();
  must(flow >= std::max<std::int64_t>(calibrated * 750 - 1000, 2'000'000) &&
           flow <= std::max<std::int64_t>(calibrated * 1150, 2'000'000),
       "a learned flow stays near the calibrated one");
  must(2 * now.start_delay >= from.start_delay - Milliseconds{1} &&
           now.start_delay <= 2 * from.start_delay,
       "a learned start delay stays between half and double");
  must(2 * now.coast.count() >= from.coast.count() - 1 &&
           now.coast.count() <= 2 * from.coast.count(),
       "a learned coast stays between half and double");
}

bool Watcher::remembers(const RequestId& id) const {
  const protocol::DeviceStatus status = dispenser_->status();
  return std::ranges::any_of(status.details->recent,
                             [&](const auto& pour) { return pour.request_id == id; });
}

}  // namespace pourtocol::firmware
