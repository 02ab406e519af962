// How a tap is shown: to everybody (`view`), and to whoever asks why it does not pour (`why`).
#include <algorithm>
#include <utility>

#include "backend/control/tap.hpp"
#include "backend/control/wording.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::control {

namespace {

std::string seconds_text(Duration time) {
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(time).count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

/// "it is 0000240ac4123456"; what is wrong with it, or that another tap leads to it, too.
std::string machine_text(const MachineView& machine) {
  if (machine.mismatch) return sentence_of(machine);
  std::string text = machine.known ? "it is " + text_of(*machine.known) : "it does not say an id";
  for (const TapName& tap : machine.also_at) {
    text += "; the address of \"" + std::string{tap.view()} + "\" leads to it, too";
  }
  return text;
}

/// The parts of a status that a page shows; clocks and counters move all the time and are left out.
protocol::DeviceStatus without_clocks(protocol::DeviceStatus status) {
  status.uptime = {};
  if (status.details) {
    status.details->uptime_ms = {};
    status.details->version = 0;
  }
  return status;
}

/// In which way a machine answers badly, if it does, and what to do about it.
std::pair<std::optional<InterlockKind>, std::string_view> bad_answer(NoStatus trouble) {
  switch (trouble) {
    case NoStatus::broke_off:
      return {InterlockKind::broke_off,
              "Its answers break off: check its Wi-Fi, and restart it if that goes on."};
    case NoStatus::device_error:
      return {InterlockKind::device_error, "The machine answers with an error: restart it."};
    case NoStatus::not_a_device:
      return {InterlockKind::not_a_dispenser,
              "Check the address: something answers there, but it is not a dispenser."};
    case NoStatus::unreachable:
      break;
  }
  return {std::nullopt, action_for(Cause::offline)};
}

}  // namespace

TapView Tap::view(Instant now, std::optional<Cause> log_block) const {
  TapView view;
  view.name = own_.name;
  view.drink = own_.drink;
  view.link = monitor_.link(now);
  view.status = monitor_.status();
  view.stopped = held();
  view.stop = stop_;
  view.last = last_;
  const auto cause = log_block ? log_block : block(now);
  if (cause) {
    const bool unheard = *cause == Cause::offline && monitor_.trouble();
    const auto action = unheard ? bad_answer(*monitor_.trouble()).second : action_for(*cause);
    view.blocked = Block{.cause = *cause, .action = std::string{action}};
  }
  if (order_) {
    PourView pour{.request_id = order_->pour.request_id,
                  .user = order_->pour.user,
                  .requested = ordered_amount(order_->pour),
                  .phase = phase(),
                  .delivered = {},
                  .purpose = order_->pour.purpose};
    const auto& status = monitor_.status();
    if (status && status->details && status->details->pour &&
        status->details->pour->request_id == pour.request_id) {
      pour.delivered = std::min(status->details->pour->delivered, order_->pour.most);
    }
    view.pour = pour;
  }
  return view;
}

WhyView Tap::why(Instant now, std::optional<Cause> log_block) const {
  WhyView why{.tap = own_.name, .interlocks = {}, .machine = {}};
  using enum InterlockName;
  const auto add = [&](InterlockName name, bool ok, std::string value, std::string action) {
    why.interlocks.push_back(Interlock{.name = name,
                                       .ok = ok,
                                       .value = std::move(value),
                                       .action = ok ? std::string{} : std::move(action)});
  };
  const auto act = [](Cause cause) { return std::string{action_for(cause)}; };

  const bool unread = log_block == Cause::starting;
  add(log_writable, !log_block, log_block ? (unread ? "being read" : "no") : "yes",
      unread ? act(Cause::starting) : "Check the server's disk: is it full?");
  add(not_stopped, !held(), held() ? "stopped" : "not stopped", act(Cause::stopped));

  const bool online = monitor_.link(now) == LinkState::online;
  const NoStatus trouble = monitor_.trouble().value_or(NoStatus::unreachable);
  std::string contact = trouble == NoStatus::unreachable ? "never answered" : "no status yet";
  if (monitor_.status())
    contact = "answered " + seconds_text(now - monitor_.answered_at()) + " ago";
  if (!monitor_.failure().empty()) contact += " (" + monitor_.failure() + ")";
  const auto [kind, advice] = bad_answer(trouble);
  add(device_online, online, contact + " at " + own_.address,
      is_starting() ? act(Cause::starting) : std::string{advice});
  if (!online) why.interlocks.back().kind = kind;

  const MachineView machine = identities_.view(index_);
  add(right_machine, !machine.mismatch, machine_text(machine),
      std::string{action_for_machine(machine)});
  why.machine = machine;

  const bool unclear = order_ && phase() == PourPhase::unclear;
  std::string last = unclear ? "being checked" : "clear";
  if (!unclear && last_ && last_->state == PourState::unknown && !last_->detail.empty()) {
    last = "of the last pour the machine says that " + last_->detail + ", which cannot be";
  }
  add(last_pour_clear, !unclear, std::move(last), act(Cause::unclear_pour));

  const auto& status = monitor_.status();
  const bool device_idle = status && status->state == protocol::DeviceState::idle;
  const bool is_idle = device_idle && (!order_ || unclear);
  const bool has_own_word = status && status->state == protocol::DeviceState::other;
  std::string doing = device_idle ? "idle" : "not known to be idle";
  if (has_own_word) doing = "says neither that it is idle nor that it pours";
  if (order_) doing = "busy with a pour";
  add(idle, is_idle, std::move(doing), act(Cause::busy));

  const protocol::FaultSet standing = faults();
  add(no_fault, standing.empty(), standing.empty() ? "none" : faults_text(standing),
      act(Cause::device_fault));

  const bool glass = status && status->glass_present;
  add(glass_present, glass, glass ? "present" : "absent", act(Cause::no_glass));
  return why;
}

void Tap::show(Turn& turn) {
  turn.shared().deadlines.set(index_, next_deadline(turn.now()));
  Shown now{.link = monitor_.link(turn.now()),
            .log_block = turn.shared().log_block(),
            .starting = is_starting(),
            .held = held(),
            .stop = stop_,
            .identities = identities_.revision(),
            .status = {},
            .phase = {},
            .last = last_ ? last_->request_id : RequestId{},
            .last_state = last_ ? last_->state : PourState::fresh};
  if (monitor_.status()) now.status = without_clocks(*monitor_.status());
  if (order_) now.phase = phase();
  if (now == shown_) return;
  shown_ = std::move(now);
  turn.emit(TapChanged{.tap = index_});
}

}  // namespace pourtocol::control
