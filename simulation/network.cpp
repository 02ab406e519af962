#include "simulation/network.hpp"

#include <algorithm>
#include <utility>

#include "protocol/codec.hpp"

namespace pourtocol::simulation {

namespace {

using namespace std::chrono_literals;
using control::NotSent;
using control::OrderResult;
using protocol::UnclearAnswer;

const RequestId& id_of(const control::OrderCall& call) {
  return std::visit([](const auto& order) -> const RequestId& { return order.request_id; },
                    call.order);
}

bool is(const std::optional<Deed>& deed, Deed what) {
  return deed == what;
}

}  // namespace

// ---- what happens to messages -------------------------------------------------------------------

void Network::spoil(const Happening& deed) {
  lines_[deed.tap].charges.push_back(
      {.deed = deed.deed, .until = schedule_.now() + deed.length, .amount = deed.amount});
}

std::optional<Network::Charge> Network::take_charge(control::TapIndex tap, Deed first, Deed last) {
  std::vector<Charge>& charges = line(tap).charges;
  if (charges.empty()) return std::nullopt;
  std::erase_if(charges, [&](const Charge& charge) { return charge.until < schedule_.now(); });
  const auto found = std::find_if(charges.begin(), charges.end(), [&](const Charge& charge) {
    return charge.deed >= first && charge.deed <= last;
  });
  if (found == charges.end()) return std::nullopt;
  const Charge charge = *found;
  charges.erase(found);
  witness_.message_spoilt(tap, charge.deed);
  return charge;
}

void Network::partition(const Happening& deed) {
  Line& cut = lines_[deed.tap];
  const Instant until = schedule_.now() + deed.length;
  if (deed.deed != Deed::partition_from) {
    cut.no_requests_until = std::max(cut.no_requests_until, until);
  }
  if (deed.deed != Deed::partition_to) {
    cut.no_answers_until = std::max(cut.no_answers_until, until);
  }
}

void Network::heal() {
  for (Line& line : lines_) {
    line.charges.clear();
    line.no_requests_until = line.no_answers_until = line.name_is_right_at = {};
  }
  no_connections_until_ = {};
}

void Network::lead(std::size_t tap, std::size_t machine) {
  lines_[tap].leads_to = machine;
  ++lines_[tap].address;
}

void Network::swap(std::size_t one, std::size_t other, Instant names_right_at) {
  const std::size_t first = lines_[one].leads_to;
  lead(one, lines_[other].leads_to);
  lead(other, first);
  lines_[one].name_is_right_at = lines_[other].name_is_right_at = names_right_at;
}

void Network::look_up(control::TapIndex tap) {
  Line& asked = line(tap);
  const auto own = static_cast<std::size_t>(tap);
  if (asked.leads_to == own || schedule_.now() < asked.name_is_right_at) return;
  if (bug_ != Bug::keep_wrong_address) lead(own, own);
}

bool Network::requests_pass(control::TapIndex tap, std::uint64_t address) {
  return address == line(tap).address && schedule_.now() >= line(tap).no_requests_until;
}
bool Network::answers_pass(control::TapIndex tap, std::uint64_t address) {
  return address == line(tap).address && schedule_.now() >= line(tap).no_answers_until;
}

Duration Network::latency() {
  return Duration{random_.between(1'000, 20'000)};
}

/// What no dispenser says.
std::string Network::garbage() {
  static constexpr std::array<std::string_view, 6> kinds{"<html><body>It works!</body></html>",
                                                         "{\"state\":\"idle\",\"uptime\":",
                                                         "OK",
                                                         "{\"ok\":true}{\"ok\":false}",
                                                         "\xff\xfe\x00\x01",
                                                         "[[[[[[[[[[[[[]"};
  return std::string{kinds[random_.below(kinds.size())]};
}

// ---- status -------------------------------------------------------------------------------------

void Network::status(control::TapIndex tap, const control::StatusCall& call,
                     PendingPtr<control::StatusResult> pending) {
  schedule_.after(call.wait + call.timeout, [pending] {
    pending->resolve(
        control::StatusFailed{.why = control::NoStatus::unreachable, .detail = "timed out"});
  });
  if (!connects()) {
    schedule_.after(latency(), [pending] {
      pending->resolve(control::StatusFailed{.why = control::NoStatus::unreachable,
                                             .detail = "too many open files"});
    });
    return;
  }
  const auto charge = take_charge(tap, Deed::status_lost, Deed::status_forged);
  if (charge && charge->deed == Deed::status_lost) return;
  schedule_.after(latency(), [this, tap, call, charge, pending] {
    if (!requests_pass(tap, pending->address) || !at(tap).responsive()) return;
    at(tap).take_status(call.after_version, call.wait,
                        [this, tap, charge, pending](const protocol::DeviceStatus& status) {
                          answer_status(tap, status, charge, pending);
                        });
  });
}

/// What cannot be true of the newest order: what can, nobody tells from the truth without a key.
protocol::DeviceStatus Network::forgery_of(control::TapIndex tap, protocol::DeviceStatus status) {
  const auto& newest = line(tap).newest;
  const auto* drink = newest ? std::get_if<protocol::DispenseOrder>(&newest->order) : nullptr;
  if (!status.details || drink == nullptr) return status;
  status.state = protocol::DeviceState::idle;
  status.details->pour.reset();
  status.details->recent = {};
  protocol::RecentPour claim;
  claim.request_id = drink->request_id;
  claim.requested = drink->amount;
  claim.delivered = claim.min = claim.max = Microlitres{1'000'000'000};
  status.details->recent.push_back(claim);
  return status;
}

void Network::answer_status(control::TapIndex tap, const protocol::DeviceStatus& status,
                            const std::optional<Charge>& charge,
                            const PendingPtr<control::StatusResult>& pending) {
  const auto fault = charge ? std::optional{charge->deed} : std::nullopt;
  if (is(fault, Deed::status_unanswered)) return;
  protocol::MessageBuffer buffer;
  const bool forged = is(fault, Deed::status_forged);
  std::string body{protocol::encode_status(forged ? forgery_of(tap, status) : status, buffer)};
  if (is(fault, Deed::status_garbage)) body = garbage();
  const Duration held_up{is(fault, Deed::status_late) ? charge->amount : 0};
  // What is longer than anybody may say is read no further: the link hangs up.
  const bool cut = is(fault, Deed::status_cut) || is(fault, Deed::status_oversized);
  schedule_.after(latency() + held_up, [this, tap, pending, cut, body = std::move(body)] {
    if (!answers_pass(tap, pending->address)) return;
    if (cut) {
      pending->resolve(control::StatusFailed{.why = control::NoStatus::unreachable,
                                             .detail = "the connection was closed"});
      return;
    }
    const auto heard = protocol::decode_status(body);
    if (heard) {
      pending->resolve(control::StatusReceived{*heard});
    } else {
      pending->resolve(
          control::StatusFailed{.why = control::NoStatus::not_a_device, .detail = "garbage"});
    }
  });
}

void Network::replay(control::TapIndex tap) {
  const auto& newest = line(tap).newest;
  if (newest && at(tap).protocol() == 2 && at(tap).responsive()) (void)answer_to(tap, *newest);
}

// ---- orders -------------------------------------------------------------------------------------

void Network::order(control::TapIndex tap, const control::OrderCall& call,
                    PendingPtr<OrderResult> pending) {
  const auto charge = take_charge(tap, Deed::order_refused, Deed::order_doubled);
  const auto fault = charge ? std::optional{charge->deed} : std::nullopt;
  const bool refused = is(fault, Deed::order_refused);
  // A line that is cut in one direction may have been whole when the connection was made.
  const bool reachable =
      (requests_pass(tap, pending->address) && answers_pass(tap, pending->address)) ||
      (requests_pass(tap, pending->address) != answers_pass(tap, pending->address) &&
       random_.chance(0.5));
  if (refused || !reachable || !connects()) {
    const Duration wait = refused || !connects() ? latency() : call.timeout;
    schedule_.after(wait, [pending] { pending->resolve(NotSent{"connection refused"}); });
    return;
  }
  witness_.order_leaves(tap, call);
  line(tap).newest = call;
  schedule_.after(call.timeout, [pending] { pending->resolve(UnclearAnswer::timed_out); });
  if (bug_ == Bug::retry_after_timeout) {
    schedule_.after(call.timeout - 100ms, [this, tap, call, pending] {
      if (!pending->answered) {
        witness_.order_leaves(tap, call);
        deliver_order(tap, call, std::nullopt, pending);
      }
    });
  }
  if (is(fault, Deed::order_lost)) return;
  if (is(fault, Deed::order_cut)) {
    schedule_.after(latency(), [this, tap, call, bytes = charge->amount, pending] {
      deliver_part(tap, call, static_cast<std::size_t>(bytes), pending->address);
      pending->resolve(UnclearAnswer::connection_lost);
    });
    return;
  }
  const auto spoilt = take_charge(tap, Deed::answer_lost, Deed::answer_trickled);
  const auto arrive_after = [&](Duration wait) {
    schedule_.after(
        wait, [this, tap, call, spoilt, pending] { deliver_order(tap, call, spoilt, pending); });
  };
  // Our firmware must bear any lateness, and copies. To a device of the seed's contract nothing
  // comes later than the margin the server waits (`Settings::unclear_margin`).
  const bool guarded = at(tap).protocol() == 2;
  const Duration late{charge ? (guarded ? charge->amount : charge->amount % 4'000'000) : 0};
  arrive_after(is(fault, Deed::order_late) ? latency() + late : latency());
  if (guarded && is(fault, Deed::order_doubled)) arrive_after(latency() + late);
}

/// No end of an order is one: what has come of it must not be taken for a whole.
void Network::deliver_part(control::TapIndex tap, const control::OrderCall& call, std::size_t bytes,
                           std::uint64_t address) {
  if (!requests_pass(tap, address) || !at(tap).responsive()) return;
  const auto* drink = std::get_if<protocol::DispenseOrder>(&call.order);
  if (drink == nullptr) return;
  protocol::MessageBuffer buffer;
  const std::string_view whole = protocol::encode_order(*drink, buffer);
  const auto order = protocol::decode_order(whole.substr(0, std::min(bytes, whole.size() - 1)));
  if (order) witness_.order_taken(machine_at(tap), drink->request_id, at(tap).take_order(*order));
}

void Network::deliver_order(control::TapIndex tap, const control::OrderCall& call,
                            const std::optional<Charge>& charge, PendingPtr<OrderResult> pending) {
  if (!requests_pass(tap, pending->address) || !at(tap).responsive()) return;
  const Answer answer = answer_to(tap, call);
  if (charge && charge->deed == Deed::answer_lost) return;
  OrderResult heard = as_heard(answer, id_of(call), charge);
  const bool trickles = charge && charge->deed == Deed::answer_trickled;
  schedule_.after(trickles ? call.timeout : latency(),
                  [this, tap, pending, heard = std::move(heard)] {
                    if (answers_pass(tap, pending->address)) pending->resolve(heard);
                  });
}

/// The machine's end: bytes in, bytes out.
Network::Answer Network::answer_to(control::TapIndex tap, const control::OrderCall& call) {
  Machine& machine = at(tap);
  protocol::MessageBuffer buffer;
  firmware::OrderReply reply =
      protocol::OrderRejected{.refusal = protocol::Refusal::bad_order, .text = {}};
  if (const auto* drink = std::get_if<protocol::DispenseOrder>(&call.order)) {
    const auto order = protocol::decode_order(protocol::encode_order(*drink, buffer));
    if (order) reply = machine.take_order(*order);
  } else {
    const auto& service = std::get<protocol::ServiceOrder>(call.order);
    const auto order = protocol::decode_service(protocol::encode_service(service, buffer));
    if (order) reply = machine.take_service(*order);
  }
  witness_.order_taken(machine_at(tap), id_of(call), reply);
  if (const auto* no = std::get_if<protocol::OrderRejected>(&reply)) {
    return {.http_status = protocol::http_status_of(no->refusal),
            .body = std::string{protocol::encode_refusal(no->refusal, no->text.view(), buffer)}};
  }
  if (machine.protocol() == 1) return {.http_status = 200, .body = R"({"ok":true})"};
  const bool repeated = std::get<protocol::OrderAccepted>(reply).repeated;
  return {.http_status = 200,
          .body = std::string{protocol::encode_accepted(id_of(call), repeated, buffer)}};
}

OrderResult Network::as_heard(const Answer& answer, const RequestId& id,
                              const std::optional<Charge>& charge) {
  Answer came = answer;
  protocol::MessageBuffer buffer;
  const auto fault = charge ? std::optional{charge->deed} : std::nullopt;
  if (is(fault, Deed::answer_reset)) return UnclearAnswer::connection_lost;
  if (is(fault, Deed::answer_cut)) return UnclearAnswer::connection_lost;
  if (is(fault, Deed::answer_oversized)) return UnclearAnswer::not_the_contract;
  if (is(fault, Deed::answer_garbage)) came.body = garbage();
  if (is(fault, Deed::answer_error)) came.http_status = 503;
  if (is(fault, Deed::answer_wrong_id)) {
    came.http_status = 200;
    came.body = protocol::encode_accepted(*RequestId::parse("another"), false, buffer);
  }
  const protocol::OrderAnswer read = protocol::read_order_answer(came.http_status, came.body, id);
  if (std::holds_alternative<protocol::OrderAccepted>(read) && bug_ == Bug::accept_then_say_no &&
      random_.chance(0.05)) {
    return protocol::OrderRejected{.refusal = protocol::Refusal::no_glass, .text = {}};
  }
  return std::visit([](const auto& one) -> OrderResult { return one; }, read);
}

// ---- stops and calibrations ---------------------------------------------------------------------

void Network::stop(control::TapIndex tap, const control::StopCall& call,
                   PendingPtr<control::StopResult> pending) {
  witness_.stop_leaves(tap);
  schedule_.after(call.timeout, [pending] { pending->resolve(control::StopResult::no_answer); });
  const auto charge = take_charge(tap, Deed::stop_lost, Deed::stop_unanswered);
  if (!connects() || (charge && charge->deed == Deed::stop_lost)) return;
  const bool late = charge && charge->deed == Deed::stop_late;
  schedule_.after(
      latency() + Duration{late ? charge->amount : 0}, [this, tap, call, charge, pending] {
        if (!requests_pass(tap, pending->address) || !at(tap).responsive()) return;
        protocol::MessageBuffer buffer;
        const auto order = protocol::decode_stop(protocol::encode_stop(call.stop, buffer));
        const bool knows_stop = at(tap).protocol() == 2 && order.has_value();
        const bool taken = knows_stop && at(tap).take_stop(*order);
        if (taken) witness_.stop_taken(machine_at(tap), call.stop);
        if (charge && charge->deed == Deed::stop_unanswered) return;
        const auto answer = taken        ? control::StopResult::stopped
                            : knows_stop ? control::StopResult::no_answer
                                         : control::StopResult::unsupported;
        schedule_.after(latency(), [this, tap, pending, answer] {
          if (answers_pass(tap, pending->address)) pending->resolve(answer);
        });
      });
}

void Network::calibration(control::TapIndex tap, const control::CalibrationCall& call,
                          PendingPtr<control::CalibrationResult> pending) {
  if (!connects()) {
    schedule_.after(latency(), [pending] { pending->resolve(NotSent{"too many open files"}); });
    return;
  }
  schedule_.after(call.timeout, [pending] { pending->resolve(UnclearAnswer::timed_out); });
  const auto charge = take_charge(tap, Deed::calibration_lost, Deed::calibration_unanswered);
  if (charge && charge->deed == Deed::calibration_lost) return;
  schedule_.after(latency(), [this, tap, call, charge, pending] {
    if (!requests_pass(tap, pending->address) || !at(tap).responsive()) return;
    protocol::MessageBuffer buffer;
    Answer answer{.http_status = 404, .body = {}};
    if (at(tap).protocol() == 2) {
      protocol::CalibrationAnswer said = at(tap).calibration();
      if (call.action) {
        const auto action = protocol::decode_calibration_action(protocol::encode_calibration_action(
            {.action = *call.action, .guard = call.guard}, buffer));
        if (action) said = at(tap).take_calibration(*action);
      }
      if (said) {
        answer = {.http_status = 200,
                  .body = std::string{protocol::encode_calibration(*said, buffer)}};
      } else {
        answer = {.http_status = protocol::http_status_of(said.error().refusal),
                  .body = std::string{protocol::encode_calibration_refused(said.error(), buffer)}};
      }
    }
    if (charge) return;
    schedule_.after(latency(), [this, tap, pending, answer] {
      if (!answers_pass(tap, pending->address)) return;
      const auto heard = protocol::read_calibration_answer(answer.http_status, answer.body);
      pending->resolve(
          std::visit([](const auto& one) -> control::CalibrationResult { return one; }, heard));
    });
  });
}

// ---- one run's calls ----------------------------------------------------------------------------

Network::Link::Link(Network& network, control::DeviceLinkListener& listener)
    : network_{network}, listener_{std::make_shared<control::DeviceLinkListener*>(&listener)} {}

Network::Link::~Link() {
  *listener_ = nullptr;
}

void Network::Link::call_status(control::TapIndex tap, control::CallId id,
                                const control::StatusCall& call) {
  auto pending = std::make_shared<Pending<control::StatusResult>>();
  pending->address = network_.line(tap).address;
  pending->answer = [listener = listener_, tap, id,
                     asked_at = network_.schedule_.now()](control::StatusResult result) {
    if (*listener != nullptr) (*listener)->on_status(tap, id, asked_at, std::move(result));
  };
  network_.status(tap, call, std::move(pending));
}

void Network::Link::call_order(control::TapIndex tap, control::CallId id,
                               const control::OrderCall& call) {
  auto pending = std::make_shared<Pending<OrderResult>>();
  pending->address = network_.line(tap).address;
  pending->answer = [listener = listener_, tap, id](OrderResult result) {
    if (*listener != nullptr) (*listener)->on_order(tap, id, std::move(result));
  };
  network_.order(tap, call, std::move(pending));
}

void Network::Link::call_stop(control::TapIndex tap, control::CallId id,
                              const control::StopCall& call) {
  auto pending = std::make_shared<Pending<control::StopResult>>();
  pending->address = network_.line(tap).address;
  pending->answer = [listener = listener_, tap, id](control::StopResult result) {
    if (*listener != nullptr) (*listener)->on_stop(tap, id, result);
  };
  network_.stop(tap, call, std::move(pending));
}

void Network::Link::call_calibration(control::TapIndex tap, control::CallId id,
                                     const control::CalibrationCall& call) {
  auto pending = std::make_shared<Pending<control::CalibrationResult>>();
  pending->address = network_.line(tap).address;
  pending->answer = [listener = listener_, tap, id](control::CalibrationResult result) {
    if (*listener != nullptr) (*listener)->on_calibration(tap, id, std::move(result));
  };
  network_.calibration(tap, call, std::move(pending));
}

void Network::Link::doubt_address(control::TapIndex tap) {
  network_.look_up(tap);
}

}  // namespace pourtocol::simulation
