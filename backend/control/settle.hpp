// How an open pour goes on, by what its device shows: the lower half of the table in
// docs/safety.md. Pure functions over plain values; nothing is remembered here.
#pragma once

#include <optional>
#include <string>

#include "backend/control/pour.hpp"
#include "backend/control/settings.hpp"
#include "core/time.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::control {

/// What is known of an open pour beside its record.
struct Watch {
  Instant sent_at{};  ///< statuses asked before this say nothing of the order
  /// The pump did not run for the order before this.
  Instant begun_after = Instant::min();
  Instant answered_at{};  ///< only statuses asked from here on can show that nothing is (any more)
                          ///< there
  Instant give_up_at{};   ///< W has passed
  Duration longest{0};    ///< the longest the amount can take
  Duration shortest{0};   ///< no pump is done with it sooner
  bool seen_pouring = false;
  int restarts_told = 0;  ///< how many statuses in a row have told of a restart
  bool may_send_again = false;
};

/// What there is to go by at this moment. `status` may be null: then only time and silence speak.
struct Evidence {
  const protocol::DeviceStatus* status = nullptr;
  Instant asked_at{};
  Instant now{};
  bool contact_lost = false;
  /// Another machine than the order went to answers in its place: what that one says is no
  /// evidence, so that there is no `status`.
  bool another_machine = false;
};

/// Whether `status` comes of the machine that the order of `pour` was meant for, by what both say:
/// the machine's id, or where the order knows none, that of its boot.
[[nodiscard]] bool is_of_its_machine(const Pour& pour, const protocol::DeviceStatus& status);

/// Whether the device has surely been restarted since what `before` tells of it: by its uptime,
/// which went back, or did not go on as long as the clock did. (It may be too young to go back.)
[[nodiscard]] bool has_restarted(const OrderContext& before, const protocol::DeviceStatus& status,
                                 Instant asked_at);

/// Takes down what `evidence` adds to what is known of a pour, before and after the steps it makes:
/// what has been seen of a device of the seed's contract, and how long it has been up for sure.
void take_note(const Pour& pour, const Evidence& evidence, Watch& watch);
void renew(const Evidence& evidence, OrderContext& context);

/// One arrow of the table.
struct Step {
  PourState to = PourState::unclear;
  Cause cause = Cause::contact_lost;
  std::optional<Delivery> delivery;
  std::optional<protocol::StopReason> stop_reason;
  std::string detail{};  ///< what the device claimed, where that cannot be
};

/// The next arrow out of an accepted or unclear pour, if the evidence carries one. To be asked
/// again after each step, since one piece of evidence may carry two (a reboot: accepted, unclear,
/// unknown).
[[nodiscard]] std::optional<Step> next_step(const Pour& pour, const Watch& watch,
                                            const Evidence& evidence);

/// What a record claims of `pour` that cannot be, in words that go after "the machine says that";
/// empty if all of it can be. A machine is not taken at its word: what it says must agree with the
/// order, keep to what an order can bring at the most, and not contradict itself.
[[nodiscard]] std::string impossible_claim(const protocol::RecentPour& record, const Pour& pour);

/// How a pour ended by its device's own record.
[[nodiscard]] Step step_of(const protocol::RecentPour& record);

/// Whether the device's count of pours has it. A stop that came before its order takes a place in
/// the record, and was never taken. (Nor seems a run by time to have been, that ended before it
/// began: then the proof fails that could have been given.)
[[nodiscard]] bool was_taken(const protocol::RecentPour& record);

/// What a pour of `unknown` outcome turns into when its device's own record appears after all.
[[nodiscard]] std::optional<Step> late_evidence(const Pour& pour,
                                                const protocol::DeviceDetails& details);

/// Whether a device of ours that has no late evidence now will never have any: the order can no
/// longer arrive, and does not run. What its record says later, say that the order was cancelled,
/// comes of a stop that found nothing, and a journal that was lost may by then seem whole again.
[[nodiscard]] bool is_past_telling(const Pour& pour, const protocol::DeviceDetails& details);

/// Nothing flowed, and it is certain.
[[nodiscard]] Delivery nothing_delivered() noexcept;
/// Nobody knows: anything up to `most`.
[[nodiscard]] Delivery anything_up_to(Microlitres most) noexcept;

}  // namespace pourtocol::control
