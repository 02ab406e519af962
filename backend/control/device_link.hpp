// The port through which the coordinator speaks to dispensers. Implemented by backend/esp32 over
// HTTP and by the simulation over a faulty network in virtual time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/time.hpp"
#include "protocol/messages.hpp"

namespace pourtocol::control {

/// A tap's place in the configuration: 0 is the default tap.
enum class TapIndex : std::uint32_t {};

/// Numbers one call to a device within one run of the server, so that a late answer finds nobody.
enum class CallId : std::uint64_t {};

/// Ask for `GET /status`. With `after_version` (protocol 2 only): a long poll, held by the device
/// up to `wait`. The whole call takes at most `wait + timeout`.
struct StatusCall {
  std::optional<std::uint64_t> after_version;
  std::chrono::milliseconds wait{0};
  Duration timeout{0};
};

/// Send `POST /dispense` or, for a service run, `POST /service`, once: over a fresh connection,
/// never again by itself, whatever happens. The whole call, connecting included, takes at most
/// `timeout`.
struct OrderCall {
  std::variant<protocol::DispenseOrder, protocol::ServiceOrder> order;
  Duration timeout{0};
};

/// Send `POST /stop`. A stop may be repeated by the link, it is harmless.
struct StopCall {
  protocol::StopOrder stop;
  Duration timeout{0};
};

/// Send `GET /calibration`, or `POST /calibration` with an action; `guard`: of the action, as an
/// order's.
struct CalibrationCall {
  std::optional<protocol::CalibrationAction> action;
  std::optional<protocol::OrderGuard> guard;
  Duration timeout{0};
};

/// How a status call ended.
struct StatusReceived {
  protocol::DeviceStatus status;
};
enum class NoStatus : std::uint8_t {
  unreachable,   ///< no name, no connection, no answer in time
  broke_off,     ///< it took the connection, but gave no whole answer
  device_error,  ///< it answered 5xx: that it cannot say now
  not_a_device,  ///< something answers there, but not with a dispenser's status
};
struct StatusFailed {
  NoStatus why = NoStatus::unreachable;
  /// For people: "connection refused", or what was answered: "answers 404, text/html: …".
  std::string detail;
};
using StatusResult = std::variant<StatusReceived, StatusFailed>;

/// How an order ended. `NotSent` only if it is certain that not one byte of the request left.
struct NotSent {
  std::string detail;
};
using OrderResult = std::variant<NotSent, protocol::OrderAccepted, protocol::OrderRejected,
                                 protocol::UnclearAnswer>;

enum class StopResult : std::uint8_t {
  stopped,      ///< the device answered 2xx
  unsupported,  ///< it answered, but knows no stop (the seed's contract has none)
  no_answer,
};

/// How a call about the calibration ended.
using CalibrationResult = std::variant<NotSent, protocol::CalibrationReport,
                                       protocol::CalibrationRefused, protocol::UnclearAnswer>;

/// Called from the event loop; returns at once. Every call is answered exactly once through the
/// listener, later, on the event loop.
class DeviceLink {
 public:
  virtual ~DeviceLink() = default;
  virtual void call_status(TapIndex tap, CallId id, const StatusCall& call) = 0;
  virtual void call_order(TapIndex tap, CallId id, const OrderCall& call) = 0;
  virtual void call_stop(TapIndex tap, CallId id, const StopCall& call) = 0;
  virtual void call_calibration(TapIndex tap, CallId id, const CalibrationCall& call) = 0;
  /// Another machine than the tap's answered: before the next call its name is to be looked up
  /// again, and no connection to that machine used any more. Has no answer.
  virtual void doubt_address(TapIndex tap) = 0;
};

/// Who hears the answers. Outlives the link. `asked_at` is when the call's first byte could have
/// left: what a status says is true of some moment after it.
class DeviceLinkListener {
 public:
  virtual ~DeviceLinkListener() = default;
  virtual void on_status(TapIndex tap, CallId id, Instant asked_at, StatusResult result) = 0;
  virtual void on_order(TapIndex tap, CallId id, OrderResult result) = 0;
  virtual void on_stop(TapIndex tap, CallId id, StopResult result) = 0;
  virtual void on_calibration(TapIndex tap, CallId id, CalibrationResult result) = 0;
};

}  // namespace pourtocol::control
