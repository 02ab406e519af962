// A link to one scripted device, and verbs to call it with.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "backend/esp32/http_device_link.hpp"
#include "backend/esp32/tests/scripted_device.hpp"

namespace pourtocol::esp32::testing {

using std::chrono_literals::operator""ms;

inline constexpr const char* status_1 = R"({"state":"idle","glass_present":true,"uptime":7})";

class LinkFixture : public ::testing::Test, protected control::DeviceLinkListener {
 protected:
  static constexpr control::TapIndex tap{0};
  /// Long enough for anything that is to succeed.
  static constexpr Duration plenty = std::chrono::seconds{20};

  void SetUp() override { connect_to("http://127.0.0.1:" + std::to_string(device_.port())); }

  void connect_to(const std::string& url, LinkOptions options = {}) {
    link_ = std::make_unique<HttpDeviceLink>(
        context_, std::vector{DeviceUrl::parse(url).value()}, listener(),
        [this] { return Instant{Duration{++clock_}}; }, std::move(options));
  }

  [[nodiscard]] static control::OrderCall order_of(Duration timeout) {
    control::OrderCall call;
    call.order = protocol::DispenseOrder{
        .amount = Millilitres{30}, .request_id = RequestId::parse("r1").value(), .guard = {}};
    call.timeout = timeout;
    return call;
  }

  control::OrderResult order(Duration timeout = plenty) {
    order_.reset();
    link_->call_order(tap, next_id(), order_of(timeout));
    run_until([this] { return order_.has_value(); });
    return *order_;
  }
  control::OrderResult service(Duration timeout = plenty) {
    order_.reset();
    control::OrderCall call;
    call.order = protocol::ServiceOrder{.kind = protocol::ServiceKind::clean,
                                        .extent = std::chrono::milliseconds{30'000},
                                        .confirmed = true,
                                        .request_id = RequestId::parse("r1").value(),
                                        .guard = {}};
    call.timeout = timeout;
    link_->call_order(tap, next_id(), call);
    run_until([this] { return order_.has_value(); });
    return *order_;
  }
  control::CalibrationResult calibration(
      std::optional<protocol::CalibrationAction> action = std::nullopt, Duration timeout = plenty) {
    calibration_.reset();
    link_->call_calibration(tap, next_id(),
                            control::CalibrationCall{action, std::nullopt, timeout});
    run_until([this] { return calibration_.has_value(); });
    return *calibration_;
  }
  control::StatusResult status(control::StatusCall call) {
    status_.reset();
    link_->call_status(tap, next_id(), call);
    run_until([this] { return status_.has_value(); });
    return *status_;
  }
  control::StatusResult status(Duration timeout = plenty) {
    return status(control::StatusCall{std::nullopt, 0ms, timeout});
  }
  control::StopResult stop(std::optional<RequestId> id = std::nullopt, Duration timeout = plenty) {
    stop_.reset();
    link_->call_stop(tap, next_id(), control::StopCall{protocol::StopOrder{id}, timeout});
    run_until([this] { return stop_.has_value(); });
    return *stop_;
  }

  template <class Condition>
  void run_until(const Condition& done) {
    while (!done()) {
      if (context_.stopped()) context_.restart();
      ASSERT_GT(context_.run_one_for(std::chrono::seconds{30}), 0U) << "nothing happens any more";
    }
  }
  /// Lets everything happen that can happen without time passing.
  void settle() {
    context_.restart();
    while (context_.poll() > 0) {
    }
  }

  control::DeviceLinkListener& listener() { return *this; }
  control::CallId next_id() { return control::CallId{++last_id_}; }

  void on_status(control::TapIndex, control::CallId id, Instant asked_at,
                 control::StatusResult result) override {
    EXPECT_EQ(id, control::CallId{last_id_});
    asked_at_ = asked_at;
    status_ = std::move(result);
    ++answers_;
  }
  void on_order(control::TapIndex, control::CallId id, control::OrderResult result) override {
    EXPECT_EQ(id, control::CallId{last_id_});
    order_ = std::move(result);
    ++answers_;
  }
  void on_stop(control::TapIndex, control::CallId id, control::StopResult result) override {
    EXPECT_EQ(id, control::CallId{last_id_});
    stop_ = result;
    ++answers_;
  }

  void on_calibration(control::TapIndex, control::CallId id,
                      control::CalibrationResult result) override {
    EXPECT_EQ(id, control::CallId{last_id_});
    calibration_ = std::move(result);
    ++answers_;
  }

  boost::asio::io_context context_;
  ScriptedDevice device_{context_};
  std::unique_ptr<HttpDeviceLink> link_;
  std::uint64_t last_id_ = 0;
  std::int64_t clock_ = 0;
  int answers_ = 0;
  Instant asked_at_{};
  std::optional<control::StatusResult> status_;
  std::optional<control::OrderResult> order_;
  std::optional<control::StopResult> stop_;
  std::optional<control::CalibrationResult> calibration_;
};

[[nodiscard]] inline std::optional<protocol::UnclearAnswer> unclear_of(
    const control::OrderResult& result) {
  const auto* unclear = std::get_if<protocol::UnclearAnswer>(&result);
  return unclear != nullptr ? std::optional{*unclear} : std::nullopt;
}
[[nodiscard]] inline bool is_not_sent(const control::OrderResult& result) {
  return std::holds_alternative<control::NotSent>(result);
}
[[nodiscard]] inline bool is_accepted(const control::OrderResult& result) {
  return std::holds_alternative<protocol::OrderAccepted>(result);
}
[[nodiscard]] inline bool is_rejected(const control::OrderResult& result) {
  return std::holds_alternative<protocol::OrderRejected>(result);
}
[[nodiscard]] inline bool is_received(const control::StatusResult& result) {
  return std::holds_alternative<control::StatusReceived>(result);
}
[[nodiscard]] inline std::optional<control::NoStatus> failure_of(
    const control::StatusResult& result) {
  const auto* failed = std::get_if<control::StatusFailed>(&result);
  return failed != nullptr ? std::optional{failed->why} : std::nullopt;
}

/// A port of loopback on which nobody listens.
[[nodiscard]] inline std::uint16_t closed_port() {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor acceptor{context, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  return acceptor.local_endpoint().port();
}

/// A port of loopback that takes no connection and refuses none: its queue is full.
class DeafPort {
 public:
  explicit DeafPort(boost::asio::io_context& context) : acceptor_{context} {
    acceptor_.open(boost::asio::ip::tcp::v4());
    acceptor_.bind({boost::asio::ip::make_address("127.0.0.1"), 0});
    acceptor_.listen(0);
    for (int i = 0; i < 4; ++i) {
      auto& socket = queue_.emplace_back(context);
      socket.async_connect(acceptor_.local_endpoint(), [](const auto&) {});
    }
  }
  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  boost::asio::ip::tcp::acceptor acceptor_;
  std::list<boost::asio::ip::tcp::socket> queue_;
};

}  // namespace pourtocol::esp32::testing
