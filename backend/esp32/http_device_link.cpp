#include "backend/esp32/http_device_link.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "backend/esp32/addresses.hpp"
#include "backend/esp32/bad_answer.hpp"
#include "backend/esp32/exchange.hpp"
#include "backend/esp32/keeping.hpp"
#include "core/assert.hpp"
#include "protocol/codec.hpp"

namespace pourtocol::esp32 {

namespace {

using control::CalibrationResult;
using control::CallId;
using control::NoStatus;
using control::OrderResult;
using control::StatusResult;
using control::StopResult;
using control::TapIndex;
using protocol::UnclearAnswer;

std::string get_request(const DeviceUrl& device, std::string_view target, bool keep_open) {
  return fmt::format(
      "GET {}{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: pourtocol\r\nAccept: application/json\r\n"
      "{}\r\n",
      device.prefix, target, device.host_field(), keep_open ? "" : "Connection: close\r\n");
}

std::string post_request(const DeviceUrl& device, std::string_view target, std::string_view body) {
  return fmt::format(
      "POST {}{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: pourtocol\r\nAccept: application/json\r\n"
      "Connection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      device.prefix, target, device.host_field(), body.size(), body);
}

bool is_success(int status) {
  return status >= 200 && status < 300;
}

StatusResult status_failed(NoStatus why, std::string detail) {
  return control::StatusFailed{why, std::move(detail)};
}

NoStatus why_none(const NoAnswer& none) {
  if (none.how == Breakdown::not_http) return NoStatus::not_a_device;
  const bool broke_off = none.begun || none.how == Breakdown::connection_lost;
  return broke_off ? NoStatus::broke_off : NoStatus::unreachable;
}

StatusResult read_status(const std::expected<HttpAnswer, NoAnswer>& answer) {
  if (!answer) return status_failed(why_none(answer.error()), answer.error().detail);
  if (!is_success(answer->status)) {
    const bool error = answer->status >= 500;
    return status_failed(error ? NoStatus::device_error : NoStatus::not_a_device, told(*answer));
  }
  const auto status = protocol::decode_status(answer->body);
  if (!status) {
    const auto but = fmt::format("no status ({})", status.error().message.view());
    return status_failed(NoStatus::not_a_device, told(*answer, but));
  }
  return control::StatusReceived{*status};
}

/// What is known when no whole answer came.
template <class Result>
Result without_answer(const NoAnswer& none) {
  switch (none.how) {
    case Breakdown::not_connected:
      return control::NotSent{none.detail};
    case Breakdown::timed_out:
      return UnclearAnswer::timed_out;
    case Breakdown::connection_lost:
      return UnclearAnswer::connection_lost;
    case Breakdown::not_http:
      break;
  }
  return UnclearAnswer::not_the_contract;
}

OrderResult read_order(const std::expected<HttpAnswer, NoAnswer>& answer, const RequestId& id) {
  if (!answer) return without_answer<OrderResult>(answer.error());
  return std::visit([](const auto& verdict) -> OrderResult { return verdict; },
                    protocol::read_order_answer(answer->status, answer->body, id));
}

CalibrationResult read_calibration(const std::expected<HttpAnswer, NoAnswer>& answer) {
  if (!answer) return without_answer<CalibrationResult>(answer.error());
  return std::visit([](const auto& verdict) -> CalibrationResult { return verdict; },
                    protocol::read_calibration_answer(answer->status, answer->body));
}

std::string order_request(const DeviceUrl& device, const control::OrderCall& call) {
  protocol::MessageBuffer buffer;
  if (const auto* service = std::get_if<protocol::ServiceOrder>(&call.order)) {
    return post_request(device, "/service", protocol::encode_service(*service, buffer));
  }
  const auto& order = std::get<protocol::DispenseOrder>(call.order);
  return post_request(device, "/dispense", protocol::encode_order(order, buffer));
}

RequestId id_of(const control::OrderCall& call) {
  return std::visit([](const auto& order) { return order.request_id; }, call.order);
}

StopResult read_stop(const std::expected<HttpAnswer, NoAnswer>& answer) {
  if (!answer) return StopResult::no_answer;
  if (is_success(answer->status)) {
    // A page that greets everybody with 200 has stopped nothing.
    const auto first = answer->body.find_first_not_of(" \t\r\n");
    const bool ours = first == std::string::npos || answer->body[first] == '{';
    return ours ? StopResult::stopped : StopResult::unsupported;
  }
  // A device that knows stop but fails at it is as bad as one that is silent: somebody has to look.
  const bool broken = answer->status >= 500 && answer->status != 501;
  return broken ? StopResult::no_answer : StopResult::unsupported;
}

}  // namespace

class HttpDeviceLink::Impl {
 public:
  Impl(boost::asio::io_context& context, std::vector<DeviceUrl> devices,
       control::DeviceLinkListener& listener, std::function<Instant()> now,
       const LinkOptions& options)
      : context_{context},
        listener_{listener},
        now_{std::move(now)},
        patience_with_kept_{options.patience_with_kept} {
    for (DeviceUrl& url : devices) {
      auto addresses = std::make_shared<Addresses>(context, url, options);
      taps_.push_back({std::move(url), std::move(addresses), std::nullopt, Keeping{}});
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    for (const Tap& tap : taps_) tap.addresses->close();
    for (const auto& [place, exchange] : exchanges_) exchange->abandon();
  }

  void call_status(TapIndex index, CallId id, const control::StatusCall& call) {
    Tap& tap = tap_at(index);
    const Instant now = now_();
    ask_status({.index = index, .id = id, .call = call, .begun_at = now},
               tap.keeping.next(tap.idle.has_value(), now), now);
  }

  void call_order(TapIndex index, CallId id, const control::OrderCall& call) {
    Tap& tap = tap_at(index);
    Exchange::Plan plan;
    plan.request = order_request(tap.url, call);
    plan.timeout = call.timeout;
    run_alone(tap, std::move(plan), [this, index, id, request_id = id_of(call)](ExchangeEnd end) {
      listener_.on_order(index, id, read_order(end.answer, request_id));
    });
  }

  void call_calibration(TapIndex index, CallId id, const control::CalibrationCall& call) {
    Tap& tap = tap_at(index);
    protocol::MessageBuffer buffer;
    Exchange::Plan plan;
    plan.request = call.action
                       ? post_request(tap.url, "/calibration",
                                      protocol::encode_calibration_action(
                                          {.action = *call.action, .guard = call.guard}, buffer))
                       : get_request(tap.url, "/calibration", false);
    plan.timeout = call.timeout;
    run_alone(tap, std::move(plan), [this, index, id](ExchangeEnd end) {
      listener_.on_calibration(index, id, read_calibration(end.answer));
    });
  }

  void call_stop(TapIndex index, CallId id, const control::StopCall& call) {
    Tap& tap = tap_at(index);
    protocol::MessageBuffer buffer;
    Exchange::Plan plan;
    plan.request = post_request(tap.url, "/stop", protocol::encode_stop(call.stop, buffer));
    plan.timeout = call.timeout;
    plan.repeatable = true;
    run_alone(tap, std::move(plan), [this, index, id](ExchangeEnd end) {
      listener_.on_stop(index, id, read_stop(end.answer));
    });
  }

  void doubt_address(TapIndex index) {
    Tap& tap = tap_at(index);
    tap.idle.reset();
    tap.addresses->doubt_machine();
  }

 private:
  struct Tap {
    DeviceUrl url;
    std::shared_ptr<Addresses> addresses;
    std::optional<boost::asio::ip::tcp::socket> idle;  ///< for the next status call
    Keeping keeping;
    int others_under_way = 0;  ///< orders, stops and whatever else is no status call
  };
  struct StatusAsked {
    TapIndex index{};
    CallId id{};
    control::StatusCall call;
    Instant begun_at{};
  };

  Tap& tap_at(TapIndex index) {
    const auto i = static_cast<std::size_t>(index);
    POURTOCOL_ASSERT(i < taps_.size());
    return taps_[i];
  }

  static std::string status_target(const control::StatusCall& call) {
    if (!call.after_version) return "/status";
    return fmt::format("/status?after={}&wait_ms={}", *call.after_version, call.wait.count());
  }

  void ask_status(const StatusAsked& asked, Keeping::Way way, Instant now) {
    using enum Keeping::Way;
    Tap& tap = tap_at(asked.index);
    const control::StatusCall& call = asked.call;
    Exchange::Plan plan;
    plan.request = get_request(tap.url, status_target(call), way != plain);
    plan.timeout = call.timeout - (now - asked.begun_at);
    if (call.after_version) plan.timeout += call.wait;
    if (tap.keeping.is_a_trial(way)) {
      plan.timeout = std::min<Duration>(plan.timeout, patience_with_kept_);
    }
    if (way == kept) plan.reused = std::exchange(tap.idle, std::nullopt);
    plan.repeatable = plan.reused.has_value();
    run(tap, std::move(plan),
        [this, asked, way](ExchangeEnd end) { on_status_ended(asked, way, std::move(end)); });
  }

  void on_status_ended(const StatusAsked& asked, Keeping::Way way, ExchangeEnd end) {
    Tap& tap = tap_at(asked.index);
    StatusResult result = read_status(end.answer);
    const auto* received = std::get_if<control::StatusReceived>(&result);
    if (received == nullptr) {
      const bool again = tap.keeping.is_a_trial(way);
      const Instant now = now_();
      tap.keeping.on_failure(way, now);
      tap.idle.reset();
      if (again) return ask_status(asked, Keeping::Way::plain, now);
      tap.addresses->doubt();
    } else {
      tap.keeping.on_status(way, received->status.details.has_value());
      if (end.repeated) tap.keeping.on_lost(now_());
      const bool may_stay =
          tap.keeping.may_stay_open() || (way != Keeping::Way::plain && tap.others_under_way == 0);
      tap.idle = may_stay ? std::move(end.kept) : std::nullopt;
    }
    listener_.on_status(asked.index, asked.id, end.asked_at, std::move(result));
  }

  /// What is no status call goes over a connection of its own, and nothing is to be in its way.
  template <class Done>
  void run_alone(Tap& tap, Exchange::Plan plan, Done done) {
    if (!tap.keeping.may_stay_open()) tap.idle.reset();
    ++tap.others_under_way;
    run(tap, std::move(plan), [&tap, done = std::move(done)](ExchangeEnd end) mutable {
      --tap.others_under_way;
      done(std::move(end));
    });
  }

  /// `done` is called later, on the event loop, unless the link is gone by then.
  template <class Done>
  void run(Tap& tap, Exchange::Plan plan, Done done) {
    plan.port = tap.url.port;
    // The exchange is forgotten by its address, for it owns the function that forgets it.
    auto place = std::make_shared<Exchange*>(nullptr);
    auto exchange =
        std::make_shared<Exchange>(context_, tap.addresses, now_, std::move(plan),
                                   [this, place, done = std::move(done)](ExchangeEnd end) mutable {
                                     exchanges_.erase(*place);
                                     done(std::move(end));
                                   });
    *place = exchange.get();
    exchanges_.emplace(exchange.get(), exchange);
    boost::asio::post(context_, [exchange] { exchange->start(); });
  }

  boost::asio::io_context& context_;
  control::DeviceLinkListener& listener_;
  std::function<Instant()> now_;
  std::chrono::milliseconds patience_with_kept_;
  std::vector<Tap> taps_;  // never grows: callbacks hold references into it
  std::unordered_map<const Exchange*, std::shared_ptr<Exchange>> exchanges_;
};

HttpDeviceLink::HttpDeviceLink(boost::asio::io_context& context, std::vector<DeviceUrl> devices,
                               control::DeviceLinkListener& listener, std::function<Instant()> now,
                               LinkOptions options)
    : impl_{
          std::make_unique<Impl>(context, std::move(devices), listener, std::move(now), options)} {}

HttpDeviceLink::~HttpDeviceLink() = default;

void HttpDeviceLink::call_status(TapIndex tap, CallId id, const control::StatusCall& call) {
  impl_->call_status(tap, id, call);
}
void HttpDeviceLink::call_order(TapIndex tap, CallId id, const control::OrderCall& call) {
  impl_->call_order(tap, id, call);
}
void HttpDeviceLink::call_stop(TapIndex tap, CallId id, const control::StopCall& call) {
  impl_->call_stop(tap, id, call);
}
void HttpDeviceLink::call_calibration(TapIndex tap, CallId id,
                                      const control::CalibrationCall& call) {
  impl_->call_calibration(tap, id, call);
}
void HttpDeviceLink::doubt_address(TapIndex tap) {
  impl_->doubt_address(tap);
}

}  // namespace pourtocol::esp32
