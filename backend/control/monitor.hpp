// Keeps watch over one device: when to ask it for its status, and how far what it said still holds.
#pragma once

#include <optional>
#include <string>

#include "backend/control/device_link.hpp"
#include "backend/control/events.hpp"
#include "backend/control/service.hpp"
#include "backend/control/settings.hpp"

namespace pourtocol::control {

/// One status call at a time. Asking anew makes the answer of an older call worthless, so that what
/// is known never goes back in time.
class Monitor {
 public:
  explicit Monitor(const Settings& settings) noexcept : settings_{settings} {}

  /// How closely to watch.
  enum class Pace : std::uint8_t {
    idle,     ///< nothing runs: our firmware may hold its answer back until something changes
    pouring,  ///< something runs, and our firmware still tells of changes by itself
    unclear,  ///< every answer counts, none may be held back
  };

  /// The call to make now, if one is due.
  [[nodiscard]] std::optional<StatusCall> due(Instant now, Pace pace) const;
  /// A call that must be made now, whatever is due, because the answer is needed at once.
  [[nodiscard]] StatusCall at_once() const;

  /// What was taken in last came of another machine: nothing is to be built upon it.
  void distrust() noexcept { distrusted_ = true; }

  void asked(CallId call) noexcept { call_ = call; }
  /// Whether the answer is the awaited one. If so it has been taken in, and `plan` is to follow.
  bool take(const StatusAnswered& answer, Instant now);
  /// When to ask again, once it is clear what the answer has led to: who wished to ask as soon as
  /// possible because of that has just been told.
  void plan(Instant now, Pace pace) noexcept;

  /// Ask again as soon as possible.
  void hurry() noexcept { next_at_ = Instant::min(); }
  [[nodiscard]] Instant next_deadline(Instant now) const;

  [[nodiscard]] LinkState link(Instant now) const noexcept;
  /// Whether a call has ended, well or not, since this run began.
  [[nodiscard]] bool has_asked() const noexcept { return has_asked_; }
  /// Whether an order may rely on the last status, or must ask first: our firmware pushes every
  /// change and checks orders itself, a device of the seed's contract only answers what it is
  /// asked.
  [[nodiscard]] bool must_ask_before_order() const noexcept;

  [[nodiscard]] const std::optional<protocol::DeviceStatus>& status() const noexcept {
    return status_;
  }
  [[nodiscard]] Instant answered_at() const noexcept { return answered_at_; }
  /// When the call that brought the last status was asked.
  [[nodiscard]] Instant asked_at() const noexcept { return asked_at_; }
  /// Why the last call brought no status; nothing: it did. And the same for people.
  [[nodiscard]] std::optional<NoStatus> trouble() const noexcept { return trouble_; }
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
  /// For what the device is to do within `lifetime` from now, and as long as it does not restart.
  /// Nothing: it knows no guards.
  [[nodiscard]] std::optional<protocol::OrderGuard> guard(Instant now,
                                                          std::chrono::milliseconds lifetime) const;
  [[nodiscard]] bool speaks_version_2() const noexcept {
    return status_.has_value() && status_->details.has_value();
  }

 private:
  /// Whether the last status still says something about now.
  [[nodiscard]] bool is_fresh(Instant now) const noexcept;

  const Settings& settings_;
  std::optional<protocol::DeviceStatus> status_;
  Instant answered_at_{};
  Instant asked_at_{};
  std::optional<CallId> call_;  ///< the one call whose answer counts
  Instant next_at_ = Instant::min();
  bool distrusted_ = false;  ///< the last status is another machine's
  bool has_asked_ = false;
  std::optional<NoStatus> trouble_ = NoStatus::unreachable;
  std::string failure_ = "not asked yet";
};

}  // namespace pourtocol::control
