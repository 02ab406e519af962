// The Wi-Fi of the party: control::DeviceLink to machines in virtual time, with everything that can
// happen to a request and to its answer on the way.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "backend/control/device_link.hpp"
#include "core/random.hpp"
#include "simulation/bugs.hpp"
#include "simulation/faults.hpp"
#include "simulation/machine.hpp"
#include "simulation/schedule.hpp"

namespace pourtocol::simulation {

class Network {
 public:
  /// Told of each order at the moment its first byte could leave, and when it takes effect.
  struct Witness {
    std::function<void(control::TapIndex, const protocol::DispenseOrder&)> order_leaves;
    std::function<void(control::TapIndex, const protocol::DispenseOrder&,
                       const firmware::OrderReply&)>
        order_taken;
    std::function<void(control::TapIndex, const protocol::StopOrder&)> stop_taken;
  };

  Network(Schedule& schedule, std::vector<std::unique_ptr<Machine>>& machines, Random random,
          Bug bug)
      : schedule_{schedule},
        machines_{machines},
        random_{random},
        bug_{bug},
        cut_until_(machines.size()) {}

  void set_faults(const Faults& faults) { faults_ = faults; }
  void set_witness(Witness witness) { witness_ = std::move(witness); }
  /// Nothing passes between server and machine for this long.
  void partition(control::TapIndex tap, Duration time);
  void heal();

  /// The calls of one run of the server. When the run ends its answers find nobody.
  class Link final : public control::DeviceLink {
   public:
    Link(Network& network, control::DeviceLinkListener& listener);
    ~Link() override;
    void call_status(control::TapIndex tap, control::CallId id,
                     const control::StatusCall& call) override;
    void call_order(control::TapIndex tap, control::CallId id,
                    const control::OrderCall& call) override;
    void call_stop(control::TapIndex tap, control::CallId id,
                   const control::StopCall& call) override;
    /// Nobody at this party calibrates: it is answered as by a device that cannot be reached.
    void call_calibration(control::TapIndex tap, control::CallId id,
                          const control::CalibrationCall& call) override;

   private:
    Network& network_;
    std::shared_ptr<control::DeviceLinkListener*> listener_;  ///< null inside: the run has ended
  };

 private:
  /// One call whose answer, or time-out, comes exactly once.
  template <class Result>
  struct Pending {
    bool answered = false;
    std::move_only_function<void(Result)> answer;
    void resolve(Result result) {
      if (std::exchange(answered, true)) return;
      answer(std::move(result));
    }
  };
  template <class Result>
  using PendingPtr = std::shared_ptr<Pending<Result>>;

  [[nodiscard]] Duration latency();
  [[nodiscard]] bool passes(control::TapIndex tap) const;
  [[nodiscard]] Machine& at(control::TapIndex tap) {
    return *machines_[static_cast<std::size_t>(tap)];
  }
  void status(control::TapIndex tap, const control::StatusCall& call,
              PendingPtr<control::StatusResult> pending);
  void order(control::TapIndex tap, const control::OrderCall& call,
             PendingPtr<control::OrderResult> pending);
  void stop(control::TapIndex tap, const control::StopCall& call,
            PendingPtr<control::StopResult> pending);
  void deliver_order(control::TapIndex tap, const protocol::DispenseOrder& order,
                     PendingPtr<control::OrderResult> pending);
  [[nodiscard]] control::OrderResult as_heard(const firmware::OrderReply& reply);

  Schedule& schedule_;
  std::vector<std::unique_ptr<Machine>>& machines_;
  Random random_;
  Bug bug_;
  Faults faults_;
  Witness witness_;
  std::vector<Instant> cut_until_;
};

}  // namespace pourtocol::simulation
