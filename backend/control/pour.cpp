#include "backend/control/pour.hpp"

#include <array>
#include <utility>

#include "backend/control/service.hpp"
#include "core/assert.hpp"
#include "protocol/limits.hpp"

namespace pourtocol::control {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::array state_names{"new"sv,     "refused"sv,    "sending"sv,  "accepted"sv,
                                 "unclear"sv, "not_sent"sv,   "rejected"sv, "done"sv,
                                 "partial"sv, "not_poured"sv, "unknown"sv};

constexpr std::array cause_names{"checks_passed"sv,
                                 "amount_out_of_range"sv,
                                 "busy"sv,
                                 "no_glass"sv,
                                 "stopped"sv,
                                 "offline"sv,
                                 "wrong_machine"sv,
                                 "given_up"sv,
                                 "too_late"sv,
                                 "unclear_pour"sv,
                                 "device_fault"sv,
                                 "service_unsupported"sv,
                                 "connect_failed"sv,
                                 "stopped_before_sending"sv,
                                 "shutting_down"sv,
                                 "device_accepted"sv,
                                 "device_refused"sv,
                                 "answer_timed_out"sv,
                                 "connection_lost"sv,
                                 "device_error"sv,
                                 "not_the_contract"sv,
                                 "wrong_request_id"sv,
                                 "server_restarted"sv,
                                 "device_rebooted"sv,
                                 "contact_lost"sv,
                                 "deadline_passed"sv,
                                 "ended_too_soon"sv,
                                 "no_trace"sv,
                                 "sent_again"sv,
                                 "idle_again"sv,
                                 "seen_pouring"sv,
                                 "rebooted"sv,
                                 "idle_throughout"sv,
                                 "unreachable"sv,
                                 "journal_lost"sv,
                                 "impossible_record"sv,
                                 "device_reported"sv,
                                 "power_lost"sv,
                                 "order_expired"sv,
                                 "boot_changed"sv,
                                 "ordered_at_machine"sv,
                                 "log_failed"sv,
                                 "starting"sv};

constexpr std::array basis_names{"command"sv, "observed"sv, "time"sv, "meter"sv, "none"sv};

constexpr std::array status_names{"started"sv, "success"sv, "failed"sv};

template <class Enum, std::size_t Count>
std::optional<Enum> find_name(const std::array<std::string_view, Count>& names,
                              std::string_view name) {
  static_assert(Count == enumerator_count<Enum>, "one name for each enumerator");
  for (std::size_t i = 0; i < Count; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template <class Enum, std::size_t Count>
std::string_view name_at(const std::array<std::string_view, Count>& names, Enum value) {
  static_assert(Count == enumerator_count<Enum>, "one name for each enumerator");
  const auto index = static_cast<std::size_t>(value);
  POURTOCOL_ASSERT(index < Count);
  return names[index];
}

}  // namespace

bool is_legal(PourState from, PourState to) noexcept {
  using enum PourState;
  switch (from) {
    case fresh:
      return to == refused || to == sending || to == done || to == partial || to == unknown;
    case sending:
      return to == not_sent || to == accepted || to == rejected || to == unclear;
    case accepted:
      return to == unclear || to == done || to == partial || to == not_poured;
    case unclear:
      return to == sending || to == done || to == partial || to == not_poured || to == unknown;
    case unknown:
      return to == done || to == partial || to == not_poured;
    case refused:
    case not_sent:
    case rejected:
    case done:
    case partial:
    case not_poured:
      return false;
  }
  return false;
}

bool is_for(const Pour& pour, const DispenseRequest& request) noexcept {
  return pour.amount_ml == request.amount_ml && pour.user == request.user &&
         pour.purpose == request.purpose && pour.run_time == request.run_time &&
         pour.portions == request.portions;
}

bool asks_for_the_same(const Pour& one, const Pour& other) noexcept {
  return one.tap == other.tap && one.user == other.user && one.amount_ml == other.amount_ml &&
         one.purpose == other.purpose && one.run_time == other.run_time &&
         one.portions == other.portions && one.started_at == other.started_at;
}

bool is_possible(const Pour& pour) noexcept {
  if (pour.purpose == protocol::Purpose::pour) {
    return pour.run_time.count() == 0 && pour.portions == 1 &&
           pour.amount_ml >= protocol::amount_min.count() &&
           pour.amount_ml <= protocol::amount_max.count();
  }
  if (pour.run_time.count() != 0) {
    return pour.amount_ml == 0 && pour.portions == 1 && pour.run_time >= protocol::cup_run_min &&
           pour.run_time <= protocol::line_run_max;
  }
  return pour.amount_ml >= protocol::amount_min.count() &&
         pour.amount_ml <= protocol::service_amount_max.count() && pour.portions >= 1 &&
         pour.portions <= protocol::portions_max && pour.amount_ml % pour.portions == 0;
}

EventStatus event_status_of(PourState state) noexcept {
  if (is_open(state)) return EventStatus::started;
  return state == PourState::done ? EventStatus::success : EventStatus::failed;
}

PourState outcome_of(EventStatus status) noexcept {
  switch (status) {
    case EventStatus::started:
      return PourState::sending;
    case EventStatus::success:
      return PourState::done;
    case EventStatus::failed:
      break;
  }
  return PourState::unknown;
}

std::string_view name_of(PourState state) noexcept {
  return name_at(state_names, state);
}
std::string_view name_of(Cause cause) noexcept {
  return name_at(cause_names, cause);
}
std::string_view name_of(Basis basis) noexcept {
  return name_at(basis_names, basis);
}

std::string_view name_of(EventStatus status) noexcept {
  return name_at(status_names, status);
}

std::optional<PourState> pour_state_named(std::string_view name) noexcept {
  return find_name<PourState>(state_names, name);
}
std::optional<Cause> cause_named(std::string_view name) noexcept {
  return find_name<Cause>(cause_names, name);
}
std::optional<Basis> basis_named(std::string_view name) noexcept {
  return find_name<Basis>(basis_names, name);
}

}  // namespace pourtocol::control
