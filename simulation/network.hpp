// The Wi-Fi of the party: control::DeviceLink to machines in virtual time, with everything that can
// happen to a request and to its answer on the way. All that is said goes through the codec of both
// ends.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/control/device_link.hpp"
#include "core/random.hpp"
#include "simulation/bugs.hpp"
#include "simulation/machine.hpp"
#include "simulation/schedule.hpp"
#include "simulation/script.hpp"

namespace pourtocol::simulation {

class Network {
 public:
  /// Told of each order at the moment its first byte could leave, and when it takes effect.
  struct Witness {
    std::function<void(control::TapIndex, const control::OrderCall&)> order_leaves;
    /// By the machine of that tap, whoever it was meant for; so is a stop.
    std::function<void(control::TapIndex, const RequestId&, const firmware::OrderReply&)>
        order_taken;
    std::function<void(control::TapIndex)> stop_leaves;
    std::function<void(control::TapIndex, const protocol::StopOrder&)> stop_taken;
    /// A message has met its fault.
    std::function<void(control::TapIndex, Deed)> message_spoilt;
  };

  Network(Schedule& schedule, std::vector<std::unique_ptr<Machine>>& machines, Random random,
          Bug bug)
      : schedule_{schedule},
        machines_{machines},
        random_{random},
        bug_{bug},
        lines_(machines.size()) {
    for (std::size_t i = 0; i < lines_.size(); ++i) lines_[i].leads_to = i;
  }

  void set_witness(Witness witness) { witness_ = std::move(witness); }
  /// `deed` happens to the next message of its kind.
  void spoil(const Happening& deed);
  /// Nothing passes between server and machine, or only in one direction.
  void partition(const Happening& deed);
  /// Until then the server can open no connection.
  void no_connections_until(Instant until) { no_connections_until_ = until; }
  /// Two machines have each other's address from now on, and what the server believes of their
  /// names leads to the wrong one, until it looks them up again when `names_right_at` has come.
  void swap(std::size_t one, std::size_t other, Instant names_right_at);
  [[nodiscard]] bool leads_to_its_machine(std::size_t tap) const {
    return lines_[tap].leads_to == tap;
  }
  /// A tap's name is looked up again.
  void look_up(control::TapIndex tap);
  /// A stranger who listened sends the newest order that left for this tap to whatever is at its
  /// address now. To none that takes orders without a guard: those cannot bear it.
  void replay(control::TapIndex tap);
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
    void call_calibration(control::TapIndex tap, control::CallId id,
                          const control::CalibrationCall& call) override;
    void doubt_address(control::TapIndex tap) override;

   private:
    Network& network_;
    std::shared_ptr<control::DeviceLinkListener*> listener_;  ///< null inside: the run has ended
  };

 private:
  /// One call whose answer, or time-out, comes exactly once.
  template <class Result>
  struct Pending {
    bool answered = false;
    std::uint64_t address = 0;  ///< of the machine it goes to, as its tap's was then
    std::move_only_function<void(Result)> answer;
    void resolve(Result result) {
      if (std::exchange(answered, true)) return;
      answer(std::move(result));
    }
  };
  template <class Result>
  using PendingPtr = std::shared_ptr<Pending<Result>>;

  /// An answer as it leaves a machine.
  struct Answer {
    int http_status = 200;
    std::string body;
  };
  /// A fault that waits for its message.
  struct Charge {
    Deed deed = Deed::order_lost;
    Instant until{};
    std::int64_t amount = 0;
  };
  struct Line {
    Instant no_requests_until{};
    Instant no_answers_until{};
    std::vector<Charge> charges;
    std::optional<control::OrderCall> newest;  ///< order that left for the tap
    std::size_t leads_to = 0;                  ///< the machine that the tap's address is of
    std::uint64_t address = 0;   ///< changes with `leads_to`: no connection outlives that
    Instant name_is_right_at{};  ///< a lookup before that finds the old address
  };

  [[nodiscard]] Duration latency();
  [[nodiscard]] Line& line(control::TapIndex tap) { return lines_[static_cast<std::size_t>(tap)]; }
  [[nodiscard]] bool connects() const { return schedule_.now() >= no_connections_until_; }
  /// Of a connection that was made when the tap had that address.
  [[nodiscard]] bool requests_pass(control::TapIndex tap, std::uint64_t address);
  [[nodiscard]] bool answers_pass(control::TapIndex tap, std::uint64_t address);
  /// The oldest charge between `first` and `last`; it is used up.
  [[nodiscard]] std::optional<Charge> take_charge(control::TapIndex tap, Deed first, Deed last);
  /// The machine at the tap's address: not always the tap's.
  [[nodiscard]] Machine& at(control::TapIndex tap) { return *machines_[line(tap).leads_to]; }
  [[nodiscard]] control::TapIndex machine_at(control::TapIndex tap) {
    return control::TapIndex{static_cast<std::uint32_t>(line(tap).leads_to)};
  }
  void lead(std::size_t tap, std::size_t machine);
  void status(control::TapIndex tap, const control::StatusCall& call,
              PendingPtr<control::StatusResult> pending);
  [[nodiscard]] protocol::DeviceStatus forgery_of(control::TapIndex tap,
                                                  protocol::DeviceStatus status);
  void answer_status(control::TapIndex tap, const protocol::DeviceStatus& status,
                     const std::optional<Charge>& charge,
                     const PendingPtr<control::StatusResult>& pending);
  void order(control::TapIndex tap, const control::OrderCall& call,
             PendingPtr<control::OrderResult> pending);
  void deliver_order(control::TapIndex tap, const control::OrderCall& call,
                     const std::optional<Charge>& charge, PendingPtr<control::OrderResult> pending);
  void deliver_part(control::TapIndex tap, const control::OrderCall& call, std::size_t bytes,
                    std::uint64_t address);
  [[nodiscard]] Answer answer_to(control::TapIndex tap, const control::OrderCall& call);
  [[nodiscard]] control::OrderResult as_heard(const Answer& answer, const RequestId& id,
                                              const std::optional<Charge>& charge);
  void stop(control::TapIndex tap, const control::StopCall& call,
            PendingPtr<control::StopResult> pending);
  void calibration(control::TapIndex tap, const control::CalibrationCall& call,
                   PendingPtr<control::CalibrationResult> pending);
  [[nodiscard]] std::string garbage();

  Schedule& schedule_;
  std::vector<std::unique_ptr<Machine>>& machines_;
  Random random_;
  Bug bug_;
  Witness witness_;
  std::vector<Line> lines_;
  Instant no_connections_until_{};
};

}  // namespace pourtocol::simulation
