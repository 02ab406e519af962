// A host before the machine on the bench: service runs, and what can be said about a calibration.
#pragma once

#include "firmware/core/confirmed.hpp"
#include "firmware/core/tests/bench.hpp"

namespace pourtocol::firmware {

inline protocol::ServiceOrder service(std::string_view id, protocol::ServiceKind kind,
                                      protocol::ServiceExtent extent, int portions = 1) {
  return {.kind = kind,
          .extent = extent,
          .confirmed = true,
          .request_id = Bench::id(id),
          .guard = std::nullopt,
          .portions = portions};
}

class Host : public Bench {
 public:
  using Bench::Bench;
  OrderReply run_service(const protocol::ServiceOrder& order) noexcept {
    const OrderReply reply = loop->handle_service(order);
    for (int i = 0; i < 8000 && loop->pouring(); ++i) run(10);
    return reply;
  }
  bool runs(const protocol::ServiceOrder& order) noexcept {
    const OrderReply reply = run_service(order);
    const auto* yes = std::get_if<protocol::OrderAccepted>(&reply);
    return yes != nullptr && !yes->repeated;
  }
  protocol::CalibrationAnswer say(const protocol::CalibrationAction& action) noexcept {
    return loop->handle_calibration(action);
  }
  /// With a hand at the machine.
  protocol::CalibrationAnswer accept_by_hand() noexcept {
    board.stop_pressed = true;
    run(static_cast<int>(hand_after.count()) + 20);
    protocol::CalibrationAnswer answer = say(protocol::AcceptCalibration{});
    board.stop_pressed = false;
    run(20);
    return answer;
  }
};

class TimedHost : public testing::Test, public Host {
 protected:
  TimedHost() : Host{timed_rig()} { place_glass(); }
};
class MeteredHost : public testing::Test, public Host {
 protected:
  MeteredHost() : Host{metered_rig()} { place_glass(); }
};
class UnknownMachine : public testing::Test, public Host {
 protected:
  UnknownMachine() : Host{Rig{}} { place_glass(); }
};

}  // namespace pourtocol::firmware
