#include "backend/control/monitor.hpp"

#include <algorithm>

namespace pourtocol::control {

StatusCall Monitor::at_once() const {
  return {.after_version = {},
          .wait = std::chrono::milliseconds{0},
          .timeout = settings_.status_timeout};
}

std::optional<StatusCall> Monitor::due(Instant now, Pace pace) const {
  if (call_ || now < next_at_) return std::nullopt;
  StatusCall call = at_once();
  if (speaks_version_2() && !trouble_ && !distrusted_ && pace != Pace::unclear) {
    call.after_version = status_->details->version;
    call.wait = settings_.long_poll;
  }
  return call;
}

bool Monitor::take(const StatusAnswered& answer, Instant now) {
  if (call_ != answer.call) return false;
  call_.reset();
  has_asked_ = true;
  if (const auto* received = std::get_if<StatusReceived>(&answer.result)) {
    status_ = received->status;
    asked_at_ = answer.asked_at;
    answered_at_ = now;
    trouble_.reset();
    distrusted_ = false;
    failure_.clear();
    return true;
  }
  const auto& failed = std::get<StatusFailed>(answer.result);
  trouble_ = failed.why;
  failure_ = failed.detail;
  return true;
}

void Monitor::plan(Instant now, Pace pace) noexcept {
  if (trouble_ || distrusted_) {
    next_at_ = now + settings_.poll_retry;
  } else if (speaks_version_2() && pace != Pace::unclear) {
    // At once, for a change to come; but a machine that holds nothing back is not asked as fast as
    // it answers.
    next_at_ = std::max(now, asked_at_ + settings_.poll_least);
  } else {
    const bool busy = pace != Pace::idle || status_->state != protocol::DeviceState::idle;
    next_at_ = now + (busy ? settings_.poll_busy : settings_.poll_idle);
  }
}

Instant Monitor::next_deadline(Instant now) const {
  Instant next = call_ ? Instant::max() : next_at_;
  const Instant stale_at = answered_at_ + settings_.status_stale + Duration{1};
  if (status_ && stale_at > now) next = std::min(next, stale_at);
  return next;
}

bool Monitor::is_fresh(Instant now) const noexcept {
  return status_.has_value() && now - answered_at_ <= settings_.status_stale;
}

LinkState Monitor::link(Instant now) const noexcept {
  if (trouble_ == NoStatus::not_a_device || trouble_ == NoStatus::device_error) {
    return LinkState::error;
  }
  return is_fresh(now) ? LinkState::online : LinkState::offline;
}

bool Monitor::must_ask_before_order() const noexcept {
  return !speaks_version_2() || trouble_.has_value() || distrusted_;
}

std::optional<protocol::OrderGuard> Monitor::guard(Instant now,
                                                   std::chrono::milliseconds lifetime) const {
  if (!speaks_version_2()) return std::nullopt;
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - answered_at_);
  return protocol::OrderGuard{.boot_id = status_->details->boot_id,
                              .expires = status_->details->uptime_ms + age + lifetime};
}

}  // namespace pourtocol::control
