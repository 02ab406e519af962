// Any bytes as a device's answer to each of the calls that are made to it, over a real connection
// and through the real link. Whatever a device says, every call ends, once; a yes needs a whole
// answer that begins with a 2xx, and an order of which bytes have left is never called unsent.
//
// The first byte says which call; if its highest bit is set, the connection ends in a reset.
#include <array>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "backend/esp32/http_device_link.hpp"
#include "backend/esp32/tests/scripted_device.hpp"
#include "core/tests/fuzzing.hpp"

namespace pourtocol::esp32 {
namespace {

using control::CallId;
using control::TapIndex;

constexpr TapIndex tap{0};
/// Longer than the fuzzer's own patience: a call that waits for it is a finding.
constexpr Duration patience = std::chrono::seconds{60};

/// Asks one device, and looks at what becomes of it.
class Asker final : public control::DeviceLinkListener {
 public:
  Asker() : device_{context_} {
    const auto url = DeviceUrl::parse("http://127.0.0.1:" + std::to_string(device_.port()));
    link_ = std::make_unique<HttpDeviceLink>(context_, std::vector{url.value()}, *this,
                                             [] { return Instant{Duration{1}}; });
  }

  void ask(std::uint8_t what, std::string_view answer) {
    answer_ = answer;
    const bool reset = (what & 0x80) != 0;
    device_.plays(testing::Scene{
        .answer = std::string{answer},
        .after = reset ? testing::Scene::After::reset : testing::Scene::After::close});
    ended_ = 0;
    call(what & 0x7F);
    while (ended_ == 0) {
      context_.restart();
      context_.poll();  // instead of waiting: a fuzzer has no time to be woken
    }
    context_.poll();  // nothing else may come of it
    POURTOCOL_ASSERT(ended_ == 1);
  }

 private:
  void call(int what) {
    const CallId id{++last_id_};
    const RequestId request = *RequestId::parse("r1");
    switch (what) {
      case 'o':
        return link_->call_order(tap, id,
                                 {.order = protocol::DispenseOrder{.amount = Millilitres{30},
                                                                   .request_id = request,
                                                                   .guard = {}},
                                  .timeout = patience});
      case 'r':
        return link_->call_order(
            tap, id,
            {.order = protocol::ServiceOrder{.kind = protocol::ServiceKind::clean,
                                             .extent = std::chrono::milliseconds{30'000},
                                             .confirmed = true,
                                             .request_id = request,
                                             .guard = {}},
             .timeout = patience});
      case 'x':
        return link_->call_stop(tap, id, {.stop = {}, .timeout = patience});
      case 'c':
        return link_->call_calibration(tap, id, {.action = {}, .guard = {}, .timeout = patience});
      case 'C':
        return link_->call_calibration(
            tap, id, {.action = protocol::NewBottle{}, .guard = {}, .timeout = patience});
      default:
        return link_->call_status(tap, id, {.after_version = {}, .wait = {}, .timeout = patience});
    }
  }

  /// Something said yes: then the device did, in the first line of its answer, or in that after a
  /// "100 Continue".
  void check_yes() const {
    POURTOCOL_ASSERT(answer_.starts_with("HTTP/1."));
    POURTOCOL_ASSERT(answer_.find(" 2") != std::string_view::npos);
  }

  void on_status(TapIndex, CallId, Instant, control::StatusResult result) override {
    ++ended_;
    if (std::holds_alternative<control::StatusReceived>(result)) return check_yes();
    POURTOCOL_ASSERT(!std::get<control::StatusFailed>(result).detail.empty());
  }
  void on_order(TapIndex, CallId, control::OrderResult result) override {
    ++ended_;
    POURTOCOL_ASSERT(!std::holds_alternative<control::NotSent>(result));
    if (std::holds_alternative<protocol::OrderAccepted>(result)) check_yes();
    if (std::holds_alternative<protocol::OrderRejected>(result)) {
      POURTOCOL_ASSERT(answer_.find(" 4") != std::string_view::npos);
    }
  }
  void on_stop(TapIndex, CallId, control::StopResult result) override {
    ++ended_;
    if (result == control::StopResult::stopped) check_yes();
  }
  void on_calibration(TapIndex, CallId, control::CalibrationResult result) override {
    ++ended_;
    POURTOCOL_ASSERT(!std::holds_alternative<control::NotSent>(result));
    if (std::holds_alternative<protocol::CalibrationReport>(result)) check_yes();
  }

  boost::asio::io_context context_{1};
  testing::ScriptedDevice device_;
  std::unique_ptr<HttpDeviceLink> link_;
  std::string_view answer_;
  std::uint64_t last_id_ = 0;
  int ended_ = 0;
};

}  // namespace
}  // namespace pourtocol::esp32

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pourtocol::esp32;
  if (size == 0) return 0;
  // A device remembers whom it has served: from time to time there is a new one.
  constexpr int served_max = 1'000;
  static std::unique_ptr<Asker> asker;
  static int served = served_max;
  if (served++ >= served_max) {
    asker = std::make_unique<Asker>();
    served = 0;
  }
  asker->ask(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
