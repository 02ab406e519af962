// control::DeviceLink over HTTP/1.1, on the shared event loop.
//
// An order (a service run is one too) travels over a fresh connection and is written once; whatever
// happens, this room never sends it again. `NotSent` is answered only while not one byte of it was
// handed to the system: when the name did not resolve or no connection came about. Status calls
// reuse a connection where the device bears it (`keeping.hpp`) and may be repeated. At a device
// that is not ours no idle connection is left open beside an order, a stop, or whatever else is
// asked.
//
// Every call has one deadline for everything: resolving, connecting, sending, and the whole answer.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "backend/control/device_link.hpp"
#include "backend/esp32/device_url.hpp"

namespace boost::asio {
class io_context;
}

namespace pourtocol::esp32 {

/// Turns a name into addresses, blocking for as long as it likes. Called on a thread of its own.
/// Addresses as texts ("192.168.4.1", "fe80::1%3"); empty: the name is not known.
using ResolveName = std::function<std::vector<std::string>(const std::string& host)>;

/// By the system's resolver (getaddrinfo), which knows `.local` names where nss-mdns is installed.
[[nodiscard]] std::vector<std::string> resolve_by_system(const std::string& host);

struct LinkOptions {
  ResolveName resolve = resolve_by_system;
  /// After a failed connect, a name's addresses are asked for anew, but not more often than this.
  std::chrono::milliseconds resolve_again_after{2000};
  /// How long a connection that is kept open at a device of the seed's contract may leave a status
  /// call without an answer, before the call is made again without it.
  std::chrono::milliseconds patience_with_kept{500};
};

class HttpDeviceLink final : public control::DeviceLink {
 public:
  /// `devices[i]` is tap i's. `context` and `listener` outlive the link; the listener is called on
  /// the thread that runs `context`, never after the link is destroyed. `now` tells the time for
  /// `asked_at`.
  HttpDeviceLink(boost::asio::io_context& context, std::vector<DeviceUrl> devices,
                 control::DeviceLinkListener& listener, std::function<Instant()> now,
                 LinkOptions options = {});
  HttpDeviceLink(const HttpDeviceLink&) = delete;
  HttpDeviceLink& operator=(const HttpDeviceLink&) = delete;
  /// Cuts all calls off, unanswered. Does not wait for a name that is still being resolved.
  ~HttpDeviceLink() override;

  void call_status(control::TapIndex tap, control::CallId id,
                   const control::StatusCall& call) override;
  void call_order(control::TapIndex tap, control::CallId id,
                  const control::OrderCall& call) override;
  void call_stop(control::TapIndex tap, control::CallId id, const control::StopCall& call) override;
  void call_calibration(control::TapIndex tap, control::CallId id,
                        const control::CalibrationCall& call) override;
  void doubt_address(control::TapIndex tap) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pourtocol::esp32
