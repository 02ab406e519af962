#include "simulation/server.hpp"

#include <algorithm>
#include <utility>

namespace pourtocol::simulation {

Server::Server(Schedule& schedule, const control::Settings& settings, Disk& disk, Network& network,
               const ServerWitness& witness, const Duration& wall_offset)
    : schedule_{schedule},
      witness_{witness},
      wall_offset_{wall_offset},
      coordinator_{settings},
      log_{disk, *this},
      link_{network, *this} {
  happen(control::Begin{});
}

Server::~Server() {
  *alive_ = false;
}

void Server::dispense(const control::DispenseRequest& request, const RequestId& id) {
  const control::Ticket ticket{++last_ticket_};
  asked_.emplace(ticket, Asked{.request = request, .id = id});
  happen(control::DispenseAsked{.ticket = ticket, .request = request, .id = id});
}

void Server::stop(control::StopScope scope) {
  const control::Ticket ticket{++last_ticket_};
  stops_.emplace(ticket, scope);
  happen(control::StopAsked{.ticket = ticket, .scope = std::move(scope)});
}

void Server::resume(control::StopNumber stop) {
  happen(control::ResumeAsked{.ticket = control::Ticket{++last_ticket_},
                              .request = {.scope = control::AllTaps{}, .stop = stop}});
}

control::StopNumber Server::newest_stop() const {
  auto newest = control::StopNumber::none;
  for (std::uint32_t i = 0; i < coordinator_.tap_count(); ++i) {
    newest = std::max(newest, coordinator_.tap_view(control::TapIndex{i}, schedule_.now()).stop);
  }
  return newest;
}

void Server::calibrate(const control::CalibrationRequest& request) {
  happen(control::CalibrationAsked{.ticket = control::Ticket{++last_ticket_}, .request = request});
}

void Server::on_reply(control::WriteReply reply) {
  const auto write = writes_.extract(reply.id);
  witness_.write_answered(write.mapped(), reply);
  happen(std::move(reply));
}

void Server::on_recovered(control::RecoverResult result) {
  happen(std::move(result));
}

void Server::on_status(control::TapIndex tap, control::CallId id, Instant asked_at,
                       control::StatusResult result) {
  happen(control::StatusAnswered{
      .tap = tap, .call = id, .asked_at = asked_at, .result = std::move(result)});
}

void Server::on_order(control::TapIndex tap, control::CallId id, control::OrderResult result) {
  happen(control::OrderAnswered{.tap = tap, .call = id, .result = std::move(result)});
}

void Server::on_stop(control::TapIndex tap, control::CallId id, control::StopResult result) {
  happen(control::StopAnswered{.tap = tap, .call = id, .result = result});
}

void Server::on_calibration(control::TapIndex tap, control::CallId id,
                            control::CalibrationResult result) {
  happen(control::CalibrationAnswered{.tap = tap, .call = id, .result = std::move(result)});
}

void Server::hang(Duration time) {
  hangs_until_ = std::max(hangs_until_, schedule_.now() + time);
  schedule_.at(hangs_until_, [this, alive = alive_] {
    if (*alive) wake_up();
  });
}

void Server::wake_up() {
  while (schedule_.now() >= hangs_until_ && !backlog_.empty()) {
    const control::Event event = std::move(backlog_.front());
    backlog_.pop_front();
    handle(event);
  }
}

void Server::happen(control::Event event) {
  if (schedule_.now() < hangs_until_ || !backlog_.empty()) {
    backlog_.push_back(std::move(event));
  } else {
    handle(event);
  }
}

void Server::handle(const control::Event& event) {
  const WallTime wall{std::chrono::duration_cast<WallTime::duration>(
      schedule_.now().time_since_epoch() + wall_offset_)};
  control::Effects effects;
  coordinator_.handle(event, {.instant = schedule_.now(), .wall = wall}, effects);
  for (control::Effect& effect : effects) carry_out(effect);
  arm_timer();
}

void Server::carry_out(control::Effect& effect) {
  if (auto* write = std::get_if<control::SubmitWrite>(&effect)) {
    witness_.write_submitted(write->write);
    writes_.emplace(write->id, write->write);
    log_.submit(write->id, std::move(write->write));
  } else if (std::holds_alternative<control::RecoverStore>(effect)) {
    log_.recover();
  } else if (auto* status = std::get_if<control::CallDeviceStatus>(&effect)) {
    link_.call_status(status->tap, status->id, status->call);
  } else if (auto* order = std::get_if<control::CallDeviceOrder>(&effect)) {
    link_.call_order(order->tap, order->id, order->call);
  } else if (auto* stop = std::get_if<control::CallDeviceStop>(&effect)) {
    link_.call_stop(stop->tap, stop->id, stop->call);
  } else if (auto* look = std::get_if<control::CallDeviceCalibration>(&effect)) {
    link_.call_calibration(look->tap, look->id, look->call);
  } else if (const auto* doubt = std::get_if<control::DoubtDeviceAddress>(&effect)) {
    link_.doubt_address(doubt->tap);
  } else if (auto* answer = std::get_if<control::AnswerDispense>(&effect)) {
    const auto asked = asked_.extract(answer->ticket);
    witness_.answered(asked.mapped().request, asked.mapped().id, answer->answer);
  } else if (auto* stopped = std::get_if<control::AnswerStop>(&effect)) {
    const auto scope = stops_.extract(stopped->ticket);
    witness_.stop_answered(scope.mapped(), stopped->answer);
  }
}

void Server::arm_timer() {
  const Instant at = coordinator_.next_deadline();
  if (at >= timer_at_ || at == Instant::max()) return;
  timer_at_ = at;
  schedule_.at(at, [this, alive = alive_, at] {
    if (!*alive || timer_at_ != at) return;
    timer_at_ = Instant::max();
    happen(control::TimePassed{});
  });
}

}  // namespace pourtocol::simulation
