// The pure core against any sequence of events and times, sensible or not: whatever it is told, its
// pump must obey the rules. Host only, by RapidCheck.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <optional>
#include <string>

#include "core/random.hpp"
#include "firmware/core/dispenser.hpp"
#include "firmware/core/reckoning.hpp"

namespace pourtocol::firmware {
namespace {

/// Feeds a dispenser events drawn from a seed and watches its pump.
class Watcher {
 public:
  Watcher(std::uint64_t seed, bool metered)
      : random_{seed},
        config_{config_of(metered)},
        glass_likely_{random_.uniform(0.7, 1.0)},
        journal_works_{random_.uniform(0.7, 1.0)},
        step_max_{random_.chance(0.8) ? 10 : random_.between(10, 3000)},
        ticks_{static_cast<std::uint32_t>(random_.bits())},
        uptime_{ticks_},
        dispenser_{config_, fresh_tuning(factory_calibration()), BootId{1}, History{}} {}

  void run(int events) {
    for (int i = 0; i < events; ++i) {
      pass_time();
      tick();
      if (random_.chance(0.05)) order();
      if (random_.chance(0.005)) stop();
    }
  }

 private:
  static Config config_of(bool metered) {
    Config config;
    config.metered = metered;
    return config;
  }

  void pass_time() {
    ticks_ += static_cast<std::uint32_t>(random_.between(0, step_max_));
    now_ = uptime_.advance(ticks_);
    // The hardware does not wait for anybody.
    if (pump_on_ && now_ >= cut_off_at_) pump_on_ = false;
    if (random_.chance(0.01)) glass_ = random_.chance(glass_likely_);
    if (random_.chance(0.003)) valid_ = random_.chance(0.9);
    if (pump_on_ && random_.chance(0.7)) pulses_ += static_cast<std::uint32_t>(random_.below(3));
  }

  void tick() {
    const bool reading = glass_ != random_.chance(0.01);
    const bool seen = reading && valid_;
    if (!seen) {
      seen_since_.reset();
      if (!unseen_since_) unseen_since_ = now_;
    } else {
      if (!seen_since_ || now_ - last_tick_ > Uptime{50}) seen_since_ = now_;
      unseen_since_.reset();
      if (now_ - *seen_since_ >= config_.glass.settle) settled_ = true;
    }
    const bool gone = unseen_since_ && now_ - *unseen_since_ >= config_.glass.confirm;
    if (gone) settled_ = false;
    last_tick_ = now_;
    deliver(Tick{.glass = hal::GlassReading{.present = reading, .valid = valid_},
                 .pulses = pulses_,
                 .stop_pressed = random_.chance(0.001)});
    if (gone) RC_ASSERT(!pump_on_);
  }

  void order() {
    const auto id = RequestId::parse("id-" + std::to_string(random_.below(30)));
    protocol::DispenseOrder order{.amount = Millilitres{static_cast<int>(random_.between(-5, 70))},
                                  .request_id = *id,
                                  .guard = std::nullopt};
    if (random_.chance(0.3)) {
      order.guard = protocol::OrderGuard{.boot_id = BootId{random_.below(2)},
                                         .expires = now_ + Uptime{random_.between(-50, 50)}};
    }
    ordered_ = order;
    replies_ = 0;
    deliver(OrderReceived{order});
    RC_ASSERT(replies_ == 1);
    ordered_.reset();
  }

  void stop() {
    protocol::StopOrder order;
    if (random_.chance(0.5)) {
      order.request_id = RequestId::parse("id-" + std::to_string(random_.below(30)));
    }
    const auto running = dispenser_.status().details->pour;
    deliver(StopReceived{order});
    if (!order.request_id || (running && running->request_id == *order.request_id)) {
      RC_ASSERT(!pump_on_);
    }
  }

  void deliver(const Event& event) {
    std::optional<Event> next = event;
    while (next) {
      Effects effects;
      dispenser_.handle(*next, now_, effects);
      next.reset();
      for (const Effect& effect : effects) {
        if (std::holds_alternative<SwitchPumpOff>(effect)) {
          pump_on_ = false;
        } else if (const auto* on = std::get_if<SwitchPumpOn>(&effect)) {
          switch_on(on->cut_off);
        } else if (const auto* renew = std::get_if<RenewCutOff>(&effect)) {
          cut_off_at_ = now_ + renew->cut_off;
          RC_ASSERT(cut_off_at_ - on_at_ <= cut_off_max_);
        } else if (const auto* write = std::get_if<WriteJournal>(&effect)) {
          RC_ASSERT(!next.has_value());
          next = JournalWritten{.ok = journal(write->record)};
        } else if (std::holds_alternative<Reply>(effect)) {
          ++replies_;
        }
      }
    }
    check_status();
  }

  void switch_on(Milliseconds cut_off) {
    RC_ASSERT(ordered_.has_value());
    RC_ASSERT(!pump_on_);
    const protocol::DispenseOrder& order = *ordered_;
    RC_ASSERT(order.amount >= protocol::amount_min && order.amount <= protocol::amount_max);
    RC_ASSERT(!order.guard || (order.guard->boot_id == BootId{1} && now_ <= order.guard->expires));
    // A glass was seen without a break for the settling time, and was not missed for long since.
    RC_ASSERT(settled_);
    RC_ASSERT(dispenser_.status().glass_present);
    // Recorded, and for the first time (as far as the ring reaches).
    RC_ASSERT(recorded_ == order.request_id);
    RC_ASSERT(dispenser_.status().details->faults.empty());
    pump_on_ = true;
    on_at_ = now_;
    cut_off_at_ = now_ + cut_off;
    cut_off_max_ = plan_pour(expect(config_, dispenser_.tuning()), order.amount).cut_off;
    RC_ASSERT(cut_off <= cut_off_max_);
    RC_ASSERT(cut_off > Milliseconds{0});
  }

  bool journal(const Record& record) {
    if (record.kind == RecordKind::started) {
      RC_ASSERT(!pump_on_);
      const protocol::DeviceStatus status = dispenser_.status();
      for (const auto& pour : status.details->recent) {
        RC_ASSERT(pour.request_id != record.pour.request_id);
      }
    }
    const bool ok = random_.chance(journal_works_);
    if (ok && record.kind == RecordKind::started) recorded_ = record.pour.request_id;
    return ok;
  }

  void check_status() {
    const protocol::DeviceStatus status = dispenser_.status();
    if (pump_on_) RC_ASSERT(status.state == protocol::DeviceState::pouring);
    for (const auto& pour : status.details->recent) {
      RC_ASSERT(Microlitres{0} <= pour.min);
      RC_ASSERT(pour.min <= pour.delivered);
      RC_ASSERT(pour.delivered <= pour.max);
      RC_ASSERT(pour.max <= most_for(pour.requested));
    }
    // Uptime apart, nothing changes without a new version.
    protocol::DeviceStatus comparable = status;
    comparable.uptime = {};
    comparable.details->uptime_ms = {};
    if (last_status_ && last_status_->details->version == comparable.details->version) {
      RC_ASSERT(*last_status_ == comparable);
    }
    last_status_ = comparable;
  }

  Random random_;
  Config config_;
  double glass_likely_;
  double journal_works_;
  std::int64_t step_max_;
  std::uint32_t ticks_;
  UptimeCounter uptime_;
  Dispenser dispenser_;

  Uptime now_{0};
  Uptime last_tick_{0};
  bool glass_ = true;
  bool valid_ = true;
  std::uint32_t pulses_ = 0;
  bool settled_ = false;
  std::optional<Uptime> seen_since_;
  std::optional<Uptime> unseen_since_;
  bool pump_on_ = false;
  Uptime on_at_{0};
  Uptime cut_off_at_{0};
  Milliseconds cut_off_max_{0};
  std::optional<protocol::DispenseOrder> ordered_;
  std::optional<RequestId> recorded_;
  std::optional<protocol::DeviceStatus> last_status_;
  int replies_ = 0;
};

RC_GTEST_PROP(AnySequence, KeepsATimedPumpInRule, (std::uint64_t seed)) {
  Watcher{seed, false}.run(5000);
}

RC_GTEST_PROP(AnySequence, KeepsAMeteredPumpInRule, (std::uint64_t seed)) {
  Watcher{seed, true}.run(5000);
}

}  // namespace
}  // namespace pourtocol::firmware
