// A simulated machine in real time, behind real sockets: the whole of pourtocol-dispenser but for
// `main`.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "firmware/simulator/control_api.hpp"
#include "firmware/simulator/device_api.hpp"
#include "firmware/simulator/flash_file.hpp"
#include "firmware/simulator/machine.hpp"
#include "firmware/simulator/network_faults.hpp"
#include "firmware/simulator/options.hpp"
#include "http/server.hpp"

namespace pourtocol::firmware {

/// Use it from the thread that runs `context`, and let it go before `context`.
class Process {
 public:
  /// Opens the flash file and the ports, powers the machine on and keeps it going for as long as
  /// `context` runs. `entropy` is for boot ids. Otherwise one sentence that says why not.
  [[nodiscard]] static std::expected<std::unique_ptr<Process>, std::string> start(
      boost::asio::io_context& context, const Options& options, std::uint64_t entropy);

  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::optional<std::uint16_t> control_port() const { return control_port_; }

  /// Pump off, all connections ended; after that nothing keeps `context` running.
  void shut_down();

  /// Why the process ended by itself; nothing if it was told to.
  [[nodiscard]] const std::optional<std::string>& failure() const { return failure_; }

 private:
  /// A status, or a truth, that waits for a change.
  struct Poll {
    std::uint64_t after = 0;
    Instant due;
    http::Responder responder;
    std::string address;  ///< of who asked
  };
  /// An answer that is ready and held back by the network.
  struct LateAnswer {
    Instant due;
    Delivery delivery = Delivery::whole;
    http::Response response;
    http::Responder responder;
  };

  Process(boost::asio::io_context& context, const Options& options, std::uint64_t entropy,
          VirtualFlash flash, std::optional<FlashFile> flash_file);

  [[nodiscard]] std::expected<void, std::string> open_ports(const Options& options);
  [[nodiscard]] std::expected<void, std::string> open_device_port();
  void close_device_port();
  /// Makes the device's port as reachable as power and network faults say.
  void follow_reachability();

  void tick_later();
  void tick();
  void follow_clock();
  /// What the wall clock showed, as it went when the process started.
  [[nodiscard]] WallTime wall_time(Instant at) const;
  /// What is due after anything may have changed: the flash file, polls, late answers.
  void settle();

  void on_device_request(const http::Request& request, http::Responder responder);
  void answer(RequestKind kind, http::Response response, http::Responder responder);
  void on_control_request(const http::Request& request, http::Responder responder);
  /// Of those that wait, who is to be answered now; who has gone is forgotten.
  [[nodiscard]] std::vector<http::Responder> take_due(std::vector<Poll>& polls,
                                                      std::uint64_t version) const;
  static void deliver(Delivery delivery, http::Response response, http::Responder responder);
  void answer_polls();
  void answer_truth_polls();
  void send_late_answers();

  boost::asio::io_context& context_;
  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::system_clock::time_point started_wall_;
  std::string host_;
  std::uint16_t port_;
  std::optional<std::uint16_t> control_port_;

  Machine machine_;
  std::optional<FlashFile> flash_file_;
  NetworkFaults faults_;
  DeviceApi device_api_{machine_};
  ControlApi control_api_{machine_, faults_, [this](Instant at) { return wall_time(at); }};

  std::unique_ptr<http::Server> device_;
  std::unique_ptr<http::Server> control_;
  // Let go before the servers whose connections they hold.
  std::vector<Poll> polls_;
  std::vector<Poll> truth_polls_;
  std::vector<LateAnswer> late_answers_;
  bool shutting_down_ = false;
  std::optional<std::string> failure_;
};

}  // namespace pourtocol::firmware
