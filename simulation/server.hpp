// One run of the server: the real coordinator, with its effects carried out in virtual time.
// Destroying it is kill -9.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>

#include "backend/control/coordinator.hpp"
#include "core/random.hpp"
#include "simulation/disk.hpp"
#include "simulation/network.hpp"
#include "simulation/schedule.hpp"

namespace pourtocol::simulation {

/// Hears what the server does; for the checker and for clients.
struct ServerWitness {
  std::function<void(const control::DispenseRequest&, const RequestId&,
                     const control::DispenseAnswer&)>
      answered;
  std::function<void(const control::StoreWrite&)> write_submitted;
  std::function<void(const control::StoreWrite&, const control::WriteReply&)> write_answered;
  std::function<void(const control::StopScope&, const control::StopAnswer&)> stop_answered;
};

class Server final : public control::AuditLogListener, public control::DeviceLinkListener {
 public:
  Server(Schedule& schedule, const control::Settings& settings, Disk& disk, Network& network,
         const ServerWitness& witness, const Duration& wall_offset);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() override;

  void dispense(const control::DispenseRequest& request, const RequestId& id);
  void stop(control::StopScope scope);
  /// `stop`: the newest that the host knows of.
  void resume(control::StopNumber stop);
  [[nodiscard]] control::StopNumber newest_stop() const;
  void calibrate(const control::CalibrationRequest& request);
  /// For so long it does nothing; what happens meanwhile it hears afterwards, in its order.
  void hang(Duration time);

  /// Wishes that have had no answer yet.
  [[nodiscard]] std::size_t unanswered() const noexcept { return asked_.size(); }

  [[nodiscard]] const control::Coordinator& coordinator() const noexcept { return coordinator_; }

  void on_reply(control::WriteReply reply) override;
  void on_recovered(control::RecoverResult result) override;
  void on_status(control::TapIndex tap, control::CallId id, Instant asked_at,
                 control::StatusResult result) override;
  void on_order(control::TapIndex tap, control::CallId id, control::OrderResult result) override;
  void on_calibration(control::TapIndex tap, control::CallId id,
                      control::CalibrationResult result) override;
  void on_stop(control::TapIndex tap, control::CallId id, control::StopResult result) override;

 private:
  struct Asked {
    control::DispenseRequest request;
    RequestId id;
  };

  void happen(control::Event event);
  void handle(const control::Event& event);
  void wake_up();
  void carry_out(control::Effect& effect);
  void arm_timer();

  Schedule& schedule_;
  const ServerWitness& witness_;
  const Duration& wall_offset_;
  control::Coordinator coordinator_;
  Disk::Log log_;
  Network::Link link_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Instant timer_at_ = Instant::max();
  std::uint64_t last_ticket_ = 0;
  std::unordered_map<control::Ticket, Asked> asked_;
  std::unordered_map<control::Ticket, control::StopScope> stops_;
  std::unordered_map<control::WriteId, control::StoreWrite> writes_;
  Instant hangs_until_{};
  std::deque<control::Event> backlog_;
};

}  // namespace pourtocol::simulation
