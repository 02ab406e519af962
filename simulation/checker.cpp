#include "simulation/checker.hpp"

#include <algorithm>
#include <utility>

#include "backend/control/wording.hpp"

namespace pourtocol::simulation {

namespace {

using namespace std::chrono_literals;
using control::AnswerCode;
using control::PourState;

/// A moment between the wish and the status it relies on, and the board's whole milliseconds.
constexpr Duration clock_error = 5ms;

/// Whether an answer is the last word on its key, to be repeated for ever.
bool is_last_word(AnswerCode code) {
  switch (code) {
    case AnswerCode::pouring:
    case AnswerCode::amount_out_of_range:
    case AnswerCode::busy:
    case AnswerCode::no_glass:
    case AnswerCode::stopped:
    case AnswerCode::given_up:
    case AnswerCode::too_late:
    case AnswerCode::unclear_pour:
    case AnswerCode::device_fault:
    case AnswerCode::offline:
    case AnswerCode::device_refused:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string quoted(const RequestId& id) {
  return "\"" + std::string{id.view()} + "\"";
}

Bounds bounds_of(const control::TapSettings& tap, const control::OrderCall& call) {
  Bounds bounds;
  std::int64_t cap = 60;
  if (const auto* drink = std::get_if<protocol::DispenseOrder>(&call.order)) {
    bounds.amount = drink->amount;
  } else {
    const auto& service = std::get<protocol::ServiceOrder>(call.order);
    cap = 200;
    if (const auto* time = std::get_if<std::chrono::milliseconds>(&service.extent)) {
      return {.possible = *time >= 500ms && *time <= 60s,
              .amount = Millilitres{0},
              .most = tap.most_for(Millilitres{200}),
              .longest = tap.start_delay + *time};
    }
    bounds.amount = std::get<Millilitres>(service.extent);
  }
  bounds.possible = bounds.amount.count() >= 1 && bounds.amount.count() <= cap;
  bounds.most = tap.most_for(bounds.amount);
  bounds.longest = tap.longest_for(bounds.amount);
  return bounds;
}

void Checker::broken(int invariant, const std::string& what) {
  if (!violation_) violation_ = {.invariant = invariant, .at = schedule_.now(), .what = what};
}

// ---- what happens -------------------------------------------------------------------------------

void Checker::order_leaves(control::TapIndex index, const control::OrderCall& call) {
  const TapName& name = tap(static_cast<std::size_t>(index)).name;
  const auto& [request_id, guarded] = std::visit(
      [](const auto& order) {
        return std::pair{order.request_id, order.guard.has_value()};
      },
      call.order);
  const control::Pour* pour = ledger_.pour(request_id);
  const std::string id = quoted(request_id);
  if (pour == nullptr || pour->state != PourState::sending) {
    broken(2, "an order left before its `started` row was durable: " + id);
    return;
  }
  const Bounds bounds = bounds_of(tap(static_cast<std::size_t>(index)), call);
  if (!bounds.possible) broken(3, "an impossible order left: " + id);
  if (bounds.amount.count() != pour->amount_ml)
    broken(3, "another amount was sent than logged: " + id);
  if (const control::Pour* open = ledger_.open_pour(name); open != nullptr && open != pour) {
    broken(14, "an order left while another pour of its tap was open: " + id);
  }
  if (held_.contains(name)) broken(15, "an order left for a stopped tap: " + id);
  if (failed_writes_.contains(request_id)) {
    broken(11, "an order left although its row could not be written: " + id);
  }
  if (given_up_.contains(request_id)) broken(18, "an order left that was given up: " + id);
  if (const auto last = leaves_by_.find(request_id);
      last != leaves_by_.end() && schedule_.now() > last->second) {
    broken(18, "an order left after its deadline: " + id);
  }
  left_at_.emplace(request_id, schedule_.now());
  const auto [known, first] = ordered_.emplace(request_id, bounds);
  if (!first && !guarded) {
    broken(1, "an order was sent twice to a device of the seed's contract: " + id);
  }
}

void Checker::wished(const control::DispenseRequest& request, const RequestId& id) {
  Instant& last = leaves_by_[id];
  last = std::max(last, request.deadline.value_or(Instant::max()));
}

void Checker::pour_stopped(const RequestId& id, control::ControlCode told) {
  const bool never_left = !ordered_.contains(id);
  if (told == control::ControlCode::given_up && !never_left) {
    broken(18, "an order had left that was called given up: " + quoted(id));
  }
  const bool stopped = told == control::ControlCode::ok && never_left;
  if (stopped || told == control::ControlCode::given_up) given_up_.insert(id);
}

/// Late or from before a reboot: no such order may begin anything (our firmware's guard).
void Checker::order_taken(control::TapIndex index, const RequestId& id,
                          const firmware::OrderReply& reply) {
  const auto* accepted = std::get_if<protocol::OrderAccepted>(&reply);
  const Machine& machine = *machines_[static_cast<std::size_t>(index)];
  if (accepted == nullptr || accepted->repeated || machine.protocol() == 1) return;
  const auto wished = wished_at_.find(id);
  if (wished == wished_at_.end()) return;
  if (schedule_.now() > wished->second + settings_.order_lifetime + clock_error) {
    broken(13, "an order was taken after its time: " + quoted(id));
  }
  if (machine.booted_at() > wished->second + clock_error) {
    broken(13, "an order was taken that was meant for an earlier boot: " + quoted(id));
  }
}

void Checker::stop_taken(control::TapIndex index, const protocol::StopOrder& stop) {
  Machine& machine = *machines_[static_cast<std::size_t>(index)];
  if (!machine.pump_on() || machine.labelled().back().beyond_software) return;
  const bool meant = !stop.request_id || machine.labelled().back().id == *stop.request_id;
  if (meant) broken(15, "the pump runs on after a stop");
}

/// From the moment a release is on its way to the disk nobody is promised a stop any more.
void Checker::write_submitted(const control::StoreWrite& write) {
  if (const auto* start = std::get_if<control::StartWrite>(&write)) {
    // A wish whose row was never written is a new one when it is asked for again.
    if (ledger_.pour(start->pour.request_id) == nullptr) {
      wished_at_[start->pour.request_id] = schedule_.now();
      booted_before_[start->pour.request_id] = machine_of(start->pour.tap).booted_at();
    }
  }
  const auto* hold = std::get_if<control::HoldWrite>(&write);
  if (hold == nullptr || hold->held) return;
  if (!resumed_.contains(hold->up_to)) broken(15, "stops are lifted that no resume has named");
  for (const TapName& name : hold->taps) forget_stop(name, hold->up_to);
}

/// A newer stop stands.
void Checker::forget_stop(const TapName& name, control::StopNumber up_to) {
  const auto known = held_.find(name);
  if (known != held_.end() && known->second <= up_to) held_.erase(known);
}

void Checker::write_answered(const control::StoreWrite& write, const control::WriteReply& reply) {
  if (const auto* start = std::get_if<control::StartWrite>(&write)) {
    if (std::holds_alternative<control::Failed>(reply.result)) {
      failed_writes_.insert(start->pour.request_id);
    }
    const bool claimed = std::holds_alternative<control::Started>(reply.result);
    if (claimed) failed_writes_.erase(start->pour.request_id);  // asked for again, and written
    if (claimed && ledger_.pour(start->pour.request_id) == nullptr) {
      broken(8, "a start was acknowledged that is not on the disk");
    }
    if (claimed) look_at_start(start->pour);
  } else if (const auto* step = std::get_if<control::StepWrite>(&write)) {
    const bool claimed = std::holds_alternative<control::Written>(reply.result);
    // Steps of one commit are on the disk together: this one need not be the last.
    const auto& steps = ledger_.transitions();
    const bool there = std::any_of(steps.rbegin(), steps.rend(), [&](const auto& on_disk) {
      return on_disk.request_id == step->pour.request_id && on_disk.from == step->from &&
             on_disk.to == step->pour.state;
    });
    if (claimed && !there) broken(8, "a step was acknowledged that is not on the disk");
    if (step->pour.state == PourState::sending) {
      if (claimed) {
        failed_writes_.erase(step->pour.request_id);
      } else {
        failed_writes_.insert(step->pour.request_id);
      }
    }
  }
  if (const auto* hold = std::get_if<control::HoldWrite>(&write)) {
    const auto* holds = std::get_if<control::Holds>(&reply.result);
    for (std::size_t i = 0; i < hold->taps.size(); ++i) {
      if (!hold->held) {
        forget_stop(hold->taps[i], hold->up_to);
      } else if (holds != nullptr) {
        held_[hold->taps[i]] = holds->newest.at(i);
      }
    }
  }
  if (reply.row) acknowledged_.push_back(*reply.row);
}

/// Replies come in the order in which they became durable, so what is known here is what the
/// transaction had before it.
void Checker::look_at_start(const control::Pour& pour) {
  const bool drink = pour.purpose == protocol::Purpose::pour;
  const bool by_time = pour.run_time.count() != 0;
  const std::int64_t most = drink ? 60 : 200;
  if (!by_time && (pour.amount_ml < 1 || pour.amount_ml > most)) {
    broken(6, "a start of " + std::to_string(pour.amount_ml) + " ml became durable");
  }
  if (held_.contains(pour.tap)) broken(6, "a start of a stopped tap became durable");
}

void Checker::answered(const control::DispenseRequest& request, const RequestId& id,
                       const control::DispenseAnswer& answer) {
  const bool kept = !answer.request_id.empty();
  const control::Pour* pour = ledger_.pour(id);
  const bool same = pour != nullptr && pour->tap == request.tap && is_for(*pour, request);
  if (answer.code == AnswerCode::key_conflict && same) {
    broken(9, "the same wish under its key was called another: " + quoted(id));
  }
  if (!kept) return;
  if (pour == nullptr) {
    broken(9, "a client was answered about " + quoted(id) + ", of which nothing is on the disk");
    return;
  }
  if (!same) broken(9, "another body under a key was taken for it: " + quoted(id));
  if (answer.code == AnswerCode::pouring && !pour->accepted && pour->state != PourState::done &&
      pour->state != PourState::partial) {
    broken(9, "a client was told it pours, but the log does not say so: " + quoted(id) + " is " +
                  std::string{name_of(pour->state)});
  }
  if (!is_last_word(answer.code)) return;
  const auto [known, first] = final_answers_.emplace(id, answer.code);
  if (!first && known->second != answer.code) {
    broken(9, "one key got two final answers: " + quoted(id));
  }
}

}  // namespace pourtocol::simulation
