// Carries out what the coordinator decides: the one place where its effects meet the log, the
// devices, the clock and whoever asked.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>

#include "backend/control/audit_log.hpp"
#include "backend/control/coordinator.hpp"
#include "backend/control/device_link.hpp"
#include "backend/control/service.hpp"

namespace pourtocol::app {

/// Lives on the thread of the `io_context`. Construct, `connect`, then `begin`.
class Engine final : public control::PourService,
                     public control::AuditLogListener,
                     public control::DeviceLinkListener {
 public:
  Engine(boost::asio::io_context& context, control::Settings settings);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// The ports outlive the engine's use, that is: the event loop no longer runs when they go.
  void connect(control::AuditLog& log, control::DeviceLink& link);

  /// Reads the log and asks the devices. `ready` is called once, when both have answered for the
  /// first time (a device that does not answer counts when its first call has failed).
  void begin(std::move_only_function<void()> ready);

  /// Takes no new order; `done` is called once, when no pour is open any more.
  void shut_down(std::move_only_function<void()> done);

  // control::PourService
  void dispense(control::DispenseRequest request,
                std::move_only_function<void(control::DispenseAnswer)> done) override;
  void stop(control::StopScope scope,
            std::move_only_function<void(control::StopAnswer)> done) override;
  void resume(control::ResumeRequest request,
              std::move_only_function<void(control::ResumeAnswer)> done) override;
  void calibration(control::CalibrationRequest request,
                   std::move_only_function<void(control::CalibrationAnswer)> done) override;
  void machine(control::MachineRequest request,
               std::move_only_function<void(control::MachineAnswer)> done) override;
  [[nodiscard]] std::size_t tap_count() const override { return coordinator_.tap_count(); }
  [[nodiscard]] control::TapView tap_view(control::TapIndex tap) const override;
  [[nodiscard]] control::WhyView why(control::TapIndex tap) const override;
  [[nodiscard]] std::optional<control::TapIndex> find_tap(const TapName& name) const override {
    return coordinator_.find_tap(name);
  }
  [[nodiscard]] std::int64_t last_log_id() const override { return last_log_id_; }
  [[nodiscard]] bool store_healthy() const override { return coordinator_.store_ready(); }
  void listen(control::ChangeListener* listener) override { listener_ = listener; }

  // control::AuditLogListener
  void on_reply(control::WriteReply reply) override;
  void on_recovered(control::RecoverResult result) override;

  // control::DeviceLinkListener
  void on_status(control::TapIndex tap, control::CallId id, Instant asked_at,
                 control::StatusResult result) override;
  void on_order(control::TapIndex tap, control::CallId id, control::OrderResult result) override;
  void on_stop(control::TapIndex tap, control::CallId id, control::StopResult result) override;
  void on_calibration(control::TapIndex tap, control::CallId id,
                      control::CalibrationResult result) override;

  /// The monotonic clock every instant of this process comes from. It counts on while the computer
  /// sleeps, and is the same for every run of the server until the computer is booted anew.
  [[nodiscard]] static Instant now() noexcept;
  /// Which of its counts this is: the kernel's id of the boot.
  [[nodiscard]] static ClockId clock();

 private:
  /// Hands `event` in, or queues it while another is being carried out.
  void happen(control::Event event);
  void carry_out(control::Effect& effect);
  void carry_out(control::SubmitWrite& effect);
  void carry_out(control::RecoverStore& effect);
  void carry_out(control::CallDeviceStatus& effect);
  void carry_out(control::CallDeviceOrder& effect);
  void carry_out(control::CallDeviceStop& effect);
  void carry_out(control::CallDeviceCalibration& effect);
  void carry_out(control::AnswerDispense& effect);
  void carry_out(control::AnswerStop& effect);
  void carry_out(control::AnswerResume& effect);
  void carry_out(control::AnswerCalibration& effect);
  void carry_out(control::DoubtDeviceAddress& effect);
  void carry_out(control::AnswerMachine& effect);
  void carry_out(control::Warn& effect);
  void carry_out(control::TapChanged& effect);
  void carry_out(control::LogAppended& effect);
  void carry_out(control::ShutdownReady& effect);
  void arm_timer();
  void announce_if_ready();

  control::Coordinator coordinator_;
  control::AuditLog* log_ = nullptr;
  control::DeviceLink* link_ = nullptr;
  control::ChangeListener* listener_ = nullptr;

  boost::asio::steady_timer timer_;
  Instant timer_at_ = Instant::max();
  std::deque<control::Event> waiting_;
  control::Effects effects_;
  bool handling_ = false;

  std::uint64_t last_ticket_ = 0;
  std::unordered_map<control::Ticket, std::move_only_function<void(control::DispenseAnswer)>>
      dispensing_;
  std::unordered_map<control::Ticket, std::move_only_function<void(control::StopAnswer)>> stopping_;
  std::unordered_map<control::Ticket, std::move_only_function<void(control::ResumeAnswer)>>
      resuming_;
  std::unordered_map<control::Ticket, std::move_only_function<void(control::CalibrationAnswer)>>
      calibrating_;
  std::unordered_map<control::Ticket, std::move_only_function<void(control::MachineAnswer)>>
      taking_over_;
  std::int64_t last_log_id_ = 0;

  std::move_only_function<void()> ready_;
  std::move_only_function<void()> shut_down_done_;
  std::vector<bool> heard_of_;  ///< by tap: its first status call has ended
};

}  // namespace pourtocol::app
