// The dispenser's own HTTP interface, as PROTOCOL.md has it: requests to the firmware, answers
// back. No sockets: the same function serves the process and its tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <variant>

#include "firmware/simulator/machine.hpp"
#include "firmware/simulator/network_faults.hpp"
#include "firmware/simulator/wait_query.hpp"
#include "http/message.hpp"

namespace pourtocol::firmware {

/// The answer, or when the status is due.
using DeviceOutcome = std::variant<http::Response, Held>;

class DeviceApi {
 public:
  /// The machine must outlive this.
  explicit DeviceApi(Machine& machine) : machine_{machine} {}

  /// Only while the machine is powered.
  [[nodiscard]] DeviceOutcome handle(const http::Request& request);
  [[nodiscard]] http::Response status() const;

  [[nodiscard]] static RequestKind kind_of(const http::Request& request);

 private:
  [[nodiscard]] DeviceOutcome get_status(std::string_view query) const;
  [[nodiscard]] http::Response dispense(std::string_view body);
  [[nodiscard]] http::Response service(std::string_view body);
  [[nodiscard]] http::Response calibration(const http::Request& request);
  [[nodiscard]] http::Response answer(const RequestId& id, const OrderReply& reply) const;
  [[nodiscard]] http::Response stop(std::string_view body);
  [[nodiscard]] bool is_too_timeless(const std::optional<protocol::OrderGuard>& guard) const;
  [[nodiscard]] http::Response refuse(protocol::Refusal refusal, std::string_view text) const;

  Machine& machine_;
};

}  // namespace pourtocol::firmware
