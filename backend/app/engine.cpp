#include "backend/app/engine.hpp"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <fstream>
#include <string>
#include <utility>

#include "core/assert.hpp"

namespace pourtocol::app {

namespace {

WallTime wall_now() {
  return WallTime{std::chrono::duration_cast<WallTime::duration>(
      std::chrono::system_clock::now().time_since_epoch())};
}

/// An id nobody can guess, for a wish that came without one.
RequestId random_request_id() {
  std::array<unsigned char, 16> bits{};
  randombytes_buf(bits.data(), bits.size());
  std::array<char, 2 * bits.size() + 1> text{};
  sodium_bin2hex(text.data(), text.size(), bits.data(), bits.size());
  return *RequestId::parse({text.data(), text.size() - 1});
}

control::Settings with_clock(control::Settings settings) {
  settings.clock = Engine::clock();
  return settings;
}

template <class Map, class Answer>
void answer(Map& waiting, control::Ticket ticket, Answer& answer) {
  auto node = waiting.extract(ticket);
  POURTOCOL_ASSERT(!node.empty());
  node.mapped()(std::move(answer));
}

}  // namespace

Engine::Engine(boost::asio::io_context& context, control::Settings settings)
    : coordinator_{with_clock(std::move(settings))},
      timer_{context},
      heard_of_(coordinator_.tap_count(), false) {}

void Engine::connect(control::AuditLog& log, control::DeviceLink& link) {
  log_ = &log;
  link_ = &link;
}

void Engine::begin(std::move_only_function<void()> ready) {
  POURTOCOL_ASSERT(log_ != nullptr && link_ != nullptr);
  ready_ = std::move(ready);
  happen(control::Begin{});
}

void Engine::shut_down(std::move_only_function<void()> done) {
  shut_down_done_ = std::move(done);
  happen(control::ShutdownAsked{});
}

Instant Engine::now() noexcept {
  // Not std::chrono::steady_clock: that one stands still while this computer sleeps, and the
  // machines do not sleep with it.
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return Instant{std::chrono::duration_cast<Duration>(std::chrono::seconds{time.tv_sec} +
                                                      std::chrono::nanoseconds{time.tv_nsec})};
}

ClockId Engine::clock() {
  std::string boot_id;
  std::ifstream{"/proc/sys/kernel/random/boot_id"} >> boot_id;
  return ClockId::from(boot_id).value_or(ClockId{});
}

// ---- events -------------------------------------------------------------------------------------

void Engine::dispense(control::DispenseRequest request,
                      std::move_only_function<void(control::DispenseAnswer)> done) {
  const control::Ticket ticket{++last_ticket_};
  dispensing_.emplace(ticket, std::move(done));
  const RequestId id = request.key ? *request.key : random_request_id();
  happen(control::DispenseAsked{.ticket = ticket, .request = std::move(request), .id = id});
}

void Engine::stop(control::StopScope scope,
                  std::move_only_function<void(control::StopAnswer)> done) {
  const control::Ticket ticket{++last_ticket_};
  stopping_.emplace(ticket, std::move(done));
  happen(control::StopAsked{.ticket = ticket, .scope = std::move(scope)});
}

void Engine::resume(control::ResumeRequest request,
                    std::move_only_function<void(control::ResumeAnswer)> done) {
  const control::Ticket ticket{++last_ticket_};
  resuming_.emplace(ticket, std::move(done));
  happen(control::ResumeAsked{.ticket = ticket, .request = std::move(request)});
}

void Engine::calibration(control::CalibrationRequest request,
                         std::move_only_function<void(control::CalibrationAnswer)> done) {
  const control::Ticket ticket{++last_ticket_};
  calibrating_.emplace(ticket, std::move(done));
  happen(control::CalibrationAsked{.ticket = ticket, .request = std::move(request)});
}

void Engine::machine(control::MachineRequest request,
                     std::move_only_function<void(control::MachineAnswer)> done) {
  const control::Ticket ticket{++last_ticket_};
  taking_over_.emplace(ticket, std::move(done));
  happen(control::MachineAsked{.ticket = ticket, .request = std::move(request)});
}

void Engine::on_reply(control::WriteReply reply) {
  happen(std::move(reply));
}

void Engine::on_recovered(control::RecoverResult result) {
  if (const auto* recovered = std::get_if<control::Recovered>(&result)) {
    last_log_id_ = std::max(last_log_id_, recovered->last_log_id);
  }
  happen(std::move(result));
  announce_if_ready();
}

void Engine::on_status(control::TapIndex tap, control::CallId id, Instant asked_at,
                       control::StatusResult result) {
  heard_of_.at(static_cast<std::size_t>(tap)) = true;
  happen(control::StatusAnswered{
      .tap = tap, .call = id, .asked_at = asked_at, .result = std::move(result)});
  announce_if_ready();
}

void Engine::on_order(control::TapIndex tap, control::CallId id, control::OrderResult result) {
  happen(control::OrderAnswered{.tap = tap, .call = id, .result = std::move(result)});
}

void Engine::on_stop(control::TapIndex tap, control::CallId id, control::StopResult result) {
  happen(control::StopAnswered{.tap = tap, .call = id, .result = result});
}

void Engine::on_calibration(control::TapIndex tap, control::CallId id,
                            control::CalibrationResult result) {
  happen(control::CalibrationAnswered{.tap = tap, .call = id, .result = std::move(result)});
}

void Engine::announce_if_ready() {
  if (!ready_ || !coordinator_.store_ready()) return;
  if (std::find(heard_of_.begin(), heard_of_.end(), false) != heard_of_.end()) return;
  std::exchange(ready_, nullptr)();
}

// ---- effects ------------------------------------------------------------------------------------

void Engine::happen(control::Event event) {
  waiting_.push_back(std::move(event));
  if (handling_) return;  // carrying out an effect has led here; the loop below goes on with it
  handling_ = true;
  while (!waiting_.empty()) {
    const control::Event next = std::move(waiting_.front());
    waiting_.pop_front();
    effects_.clear();
    coordinator_.handle(next, {.instant = now(), .wall = wall_now()}, effects_);
    for (control::Effect& effect : effects_) carry_out(effect);
  }
  handling_ = false;
  arm_timer();
}

void Engine::carry_out(control::Effect& effect) {
  std::visit([this](auto& one) { carry_out(one); }, effect);
}
void Engine::carry_out(control::SubmitWrite& effect) {
  log_->submit(effect.id, std::move(effect.write));
}
void Engine::carry_out(control::RecoverStore&) {
  log_->recover();
}
void Engine::carry_out(control::CallDeviceStatus& effect) {
  link_->call_status(effect.tap, effect.id, effect.call);
}
void Engine::carry_out(control::CallDeviceOrder& effect) {
  link_->call_order(effect.tap, effect.id, effect.call);
}
void Engine::carry_out(control::CallDeviceStop& effect) {
  link_->call_stop(effect.tap, effect.id, effect.call);
}
void Engine::carry_out(control::CallDeviceCalibration& effect) {
  link_->call_calibration(effect.tap, effect.id, effect.call);
}
void Engine::carry_out(control::AnswerDispense& effect) {
  answer(dispensing_, effect.ticket, effect.answer);
}
void Engine::carry_out(control::AnswerStop& effect) {
  answer(stopping_, effect.ticket, effect.answer);
}
void Engine::carry_out(control::AnswerResume& effect) {
  answer(resuming_, effect.ticket, effect.answer);
}
void Engine::carry_out(control::AnswerCalibration& effect) {
  answer(calibrating_, effect.ticket, effect.answer);
}
void Engine::carry_out(control::DoubtDeviceAddress& effect) {
  link_->doubt_address(effect.tap);
}
void Engine::carry_out(control::AnswerMachine& effect) {
  answer(taking_over_, effect.ticket, effect.answer);
}
void Engine::carry_out(control::Warn& effect) {
  spdlog::warn("{}", effect.text);
}
void Engine::carry_out(control::TapChanged& effect) {
  if (listener_ != nullptr) listener_->on_tap_changed(effect.tap);
}
void Engine::carry_out(control::LogAppended& effect) {
  last_log_id_ = effect.row.id;
  if (listener_ != nullptr) listener_->on_log_row(effect.row);
}
void Engine::carry_out(control::ShutdownReady&) {
  if (shut_down_done_) std::exchange(shut_down_done_, nullptr)();
}

void Engine::arm_timer() {
  const Instant at = coordinator_.next_deadline();
  if (at == timer_at_) return;
  timer_at_ = at;
  if (at == Instant::max()) {
    timer_.cancel();
    return;
  }
  // Rounded up: a timer that fires just before the deadline would only be armed again.
  const Duration left = std::max(at, now()) - now();
  timer_.expires_after(left);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    timer_at_ = Instant::max();
    happen(control::TimePassed{});
  });
}

control::TapView Engine::tap_view(control::TapIndex tap) const {
  return coordinator_.tap_view(tap, now());
}

control::WhyView Engine::why(control::TapIndex tap) const {
  return coordinator_.why(tap, now());
}

}  // namespace pourtocol::app
