#include "firmware/simulator/process.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

#include "firmware/esp32/portable/held_requests.hpp"
#include "firmware/simulator/machine_identity.hpp"
#include "protocol/limits.hpp"

namespace pourtocol::firmware {

namespace {

/// A board has few sockets; beyond this many, a poll is answered at once.
constexpr std::size_t polls_max = 16;

constexpr std::chrono::milliseconds shutdown_grace{300};

http::Limits device_limits() {
  http::Limits limits;
  limits.header_bytes_max = 4096;
  limits.body_bytes_max = protocol::order_bytes_max;
  limits.connections_max = 64;
  limits.connections_per_address_max = 64;
  limits.streams_max = 0;
  return limits;
}

MachineOptions machine_options(const Options& options, std::uint64_t entropy) {
  return {.protocol = options.protocol,
          .seed = options.seed,
          .entropy = entropy,
          .tap = options.tap,
          .metered = options.metered,
          .glass = options.glass,
          .calibrated = options.calibrated,
          .demands_guards = options.demands_guards,
          .sensor = options.echo_sensor ? SensorKind::echo : SensorKind::contact,
          .resume_within = options.resume_within,
          .pump_power = static_cast<PumpPower>(options.pump_power)};
}

}  // namespace

std::expected<std::unique_ptr<Process>, std::string> Process::start(
    boost::asio::io_context& context, const Options& options, std::uint64_t entropy) {
  VirtualFlash flash;
  std::optional<FlashFile> flash_file;
  if (options.flash_file) {
    auto opened = FlashFile::open(*options.flash_file, flash);
    if (!opened) return std::unexpected{opened.error()};
    flash_file.emplace(std::move(*opened));
  }
  std::unique_ptr<Process> process{
      new Process{context, options, entropy, std::move(flash), std::move(flash_file)}};
  if (auto opened = process->open_ports(options); !opened) {
    return std::unexpected{opened.error()};
  }
  process->machine_.set_machine_id(machine_id_of(options, process->port_));
  process->tick();
  return process;
}

Process::Process(boost::asio::io_context& context, const Options& options, std::uint64_t entropy,
                 VirtualFlash flash, std::optional<FlashFile> flash_file)
    : context_{context},
      timer_{context},
      started_{std::chrono::steady_clock::now()},
      started_wall_{std::chrono::system_clock::now()},
      host_{options.host},
      port_{options.port},
      machine_{machine_options(options, entropy), std::move(flash)},
      flash_file_{std::move(flash_file)} {}

// --- ports ---

std::expected<void, std::string> Process::open_ports(const Options& options) {
  if (auto opened = open_device_port(); !opened) return opened;
  if (!options.control_port) return {};
  control_ = std::make_unique<http::Server>(
      context_, http::Limits{}, [this](const http::Request& request, http::Responder responder) {
        follow_clock();
        on_control_request(request, std::move(responder));
      });
  const auto port = control_->listen("127.0.0.1", *options.control_port);
  if (!port) return std::unexpected{port.error()};
  control_port_ = *port;
  return {};
}

std::expected<void, std::string> Process::open_device_port() {
  auto server = std::make_unique<http::Server>(
      context_, device_limits(), [this](const http::Request& request, http::Responder responder) {
        on_device_request(request, std::move(responder));
      });
  const auto port = server->listen(host_, port_);
  if (!port) return std::unexpected{port.error()};
  port_ = *port;
  device_ = std::move(server);
  return {};
}

void Process::close_device_port() {
  // First the connections, so that nobody gets an answer out of the ruins.
  device_->reset_all();
  polls_.clear();
  late_answers_.clear();
  device_.reset();
}

void Process::follow_reachability() {
  const bool reachable = machine_.powered() && !faults_.refuse;
  if (device_ && !reachable) close_device_port();
  // If another program has taken the port meanwhile, the next tick tries again.
  if (!device_ && reachable) (void)open_device_port();
}

void Process::shut_down() {
  if (std::exchange(shutting_down_, true)) return;
  follow_clock();
  machine_.set_power(false);
  timer_.cancel();
  if (device_) close_device_port();
  truth_polls_.clear();
  if (control_) control_->shutdown(shutdown_grace, [] {});
}

// --- time ---

void Process::tick_later() {
  timer_.expires_after(loop_period);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) tick();
  });
}

void Process::tick() {
  if (shutting_down_) return;
  follow_clock();
  settle();
  if (!shutting_down_) tick_later();
}

void Process::follow_clock() {
  const auto elapsed = std::chrono::steady_clock::now() - started_;
  machine_.advance(Instant{std::chrono::duration_cast<Duration>(elapsed)});
}

WallTime Process::wall_time(Instant at) const {
  const auto then = started_wall_.time_since_epoch() + (at - Instant{});
  return WallTime{std::chrono::duration_cast<WallTime::duration>(then)};
}

void Process::settle() {
  if (shutting_down_) return;
  if (flash_file_ && !flash_file_->save(machine_.flash())) {
    failure_ = "The flash file cannot be written.";
    shut_down();
    return;
  }
  follow_reachability();
  answer_polls();
  answer_truth_polls();
  send_late_answers();
}

// --- answers ---

void Process::on_device_request(const http::Request& request, http::Responder responder) {
  follow_clock();
  if (!machine_.powered()) return std::move(responder).abort();
  const RequestKind kind = DeviceApi::kind_of(request);
  DeviceOutcome outcome = device_api_.handle(request);
  // What an answer says is in the file before the answer leaves.
  if (flash_file_ && !flash_file_->save(machine_.flash())) {
    std::move(responder).abort();
    settle();
    return;
  }
  if (const auto* held = std::get_if<Held>(&outcome)) {
    const auto holding = std::views::transform(polls_, &Poll::address);
    if (board::may_be_held(holding, request.client_address, polls_max)) {
      polls_.push_back({.after = held->after,
                        .due = machine_.now() + held->wait,
                        .responder = std::move(responder),
                        .address = std::string{request.client_address}});
      return;
    }
    outcome = device_api_.status();
  }
  answer(kind, std::move(std::get<http::Response>(outcome)), std::move(responder));
  settle();
}

void Process::on_control_request(const http::Request& request, http::Responder responder) {
  follow_clock();
  ControlOutcome outcome = control_api_.handle(request);
  if (const auto* held = std::get_if<Held>(&outcome)) {
    truth_polls_.push_back({.after = held->after,
                            .due = machine_.now() + held->wait,
                            .responder = std::move(responder),
                            .address = {}});
    return;
  }
  std::move(responder).send(std::move(std::get<http::Response>(outcome)));
  settle();
}

std::vector<http::Responder> Process::take_due(std::vector<Poll>& polls,
                                               std::uint64_t version) const {
  std::vector<http::Responder> due;
  std::erase_if(polls, [&](Poll& poll) {
    if (!poll.responder.client_connected()) return true;
    if (poll.after == version && machine_.now() < poll.due) return false;
    due.push_back(std::move(poll.responder));
    return true;
  });
  return due;
}

void Process::answer_truth_polls() {
  if (truth_polls_.empty()) return;
  for (http::Responder& responder : take_due(truth_polls_, control_api_.version())) {
    std::move(responder).send(control_api_.truth_answer());
  }
}

void Process::answer_polls() {
  if (!device_) return;
  for (http::Responder& responder : take_due(polls_, machine_.version())) {
    if (!machine_.powered()) return;
    answer(RequestKind::status, device_api_.status(), std::move(responder));
  }
}

void Process::answer(RequestKind kind, http::Response response, http::Responder responder) {
  const Delivery delivery = faults_.take(kind);
  const Duration delay = faults_.delay_of(kind);
  if (delay == Duration{0}) {
    deliver(delivery, std::move(response), std::move(responder));
  } else {
    late_answers_.push_back(
        {machine_.now() + delay, delivery, std::move(response), std::move(responder)});
  }
}

void Process::send_late_answers() {
  // Delivering may bring the connection's next request at once, and with it another late answer.
  std::vector<LateAnswer> due;
  std::erase_if(late_answers_, [&](LateAnswer& late) {
    if (machine_.now() < late.due) return false;
    due.push_back(std::move(late));
    return true;
  });
  for (LateAnswer& late : due) {
    deliver(late.delivery, std::move(late.response), std::move(late.responder));
  }
}

void Process::deliver(Delivery delivery, http::Response response, http::Responder responder) {
  switch (delivery) {
    case Delivery::whole:
      std::move(responder).send(std::move(response));
      break;
    case Delivery::dropped:
      std::move(responder).abort();
      break;
    case Delivery::garbage:
      std::move(responder).send_raw("\x15\x03\x01 this is not what you asked for\r\n\r\n",
                                    http::Responder::Then::close);
      break;
    case Delivery::hung:
      std::move(responder).send_raw("", http::Responder::Then::hang);
      break;
  }
}

}  // namespace pourtocol::firmware
