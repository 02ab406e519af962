// Dispensers that cost next to nothing, so that a measurement shows the server and not them: each
// takes every order at once. One of version 2 is done with it at once, and remembers its last pour
// only; one of version 1 pours for as long as a strong pump takes, for all it can tell of a pour is
// that it runs.
//
// pourtocol-bench-devices COUNT VERSION: prints "ready" and the ports, then serves until it is
// killed. GET /delays, of any of them, tells how many orders came since it was last asked, and
// after how long: the median and the 99th percentile in ms. An order tells in its id when the
// button was pressed (guests.cpp).

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/server.hpp"
#include "http/target.hpp"
#include "protocol/codec.hpp"

namespace {

using namespace pourtocol;

http::Response reply(int status, const protocol::MessageBuffer& buffer) {
  http::Response response;
  response.status = status;
  response.body = buffer.view();
  return response;
}

using Clock = std::chrono::steady_clock;

/// How long orders took from the button to here.
class Delays {
 public:
  /// `id` ends in a colon and the moment of the press, in microseconds of the computer's clock.
  void note(std::string_view id) {
    const std::string_view pressed = id.substr(id.rfind(':') + 1);
    std::int64_t us = 0;
    const auto end = pressed.data() + pressed.size();
    if (std::from_chars(pressed.data(), end, us).ptr != end || pressed.empty()) return;
    ms_.push_back(std::chrono::duration<double, std::milli>(Clock::now().time_since_epoch() -
                                                            std::chrono::microseconds{us})
                      .count());
  }

  /// "COUNT MEDIAN P99"; forgets them.
  std::string tell() {
    auto all = std::exchange(ms_, {});
    std::ranges::sort(all);
    const auto at = [&](std::size_t percent) {
      return all.empty() ? 0.0 : all[all.size() * percent / 100];
    };
    std::array<char, 96> text{};
    std::snprintf(text.data(), text.size(), "%zu %.3f %.3f\n", all.size(), at(50), at(99));
    return text.data();
  }

 private:
  std::vector<double> ms_;
};

class Device {
 public:
  Device(boost::asio::io_context& context, std::uint64_t boot, bool is_ours, Delays& delays)
      : is_ours_{is_ours},
        delays_{delays},
        server_{context, http::Limits{},
                [this](const http::Request& request, http::Responder responder) {
                  answer(request, std::move(responder));
                }} {
    details_.boot_id = BootId{boot};
    details_.version = 1;
    details_.flow = FlowRate{25'000};
    details_.pour_time_max = std::chrono::seconds{10};
    details_.journal_whole = true;
  }

  std::uint16_t listen() {
    const auto port = server_.listen("127.0.0.1", 0);
    if (!port) {
      std::fprintf(stderr, "%s\n", port.error().c_str());
      std::exit(1);
    }
    return *port;
  }

  /// Answers the statuses that are held back until something changes.
  void answer_waiting() {
    for (auto& held : std::exchange(waiting_, {})) std::move(held).send(status());
  }

 private:
  void answer(const http::Request& request, http::Responder responder) {
    if (request.path == "/status") {
      const bool may_wait = request.query.find("wait_ms=") != std::string_view::npos;
      const auto after = http::query_value(request.query, "after");
      if (may_wait && after == std::to_string(details_.version)) {
        waiting_.push_back(std::move(responder));
      } else {
        std::move(responder).send(status());
      }
    } else if (request.path == "/dispense") {
      pour(request, std::move(responder));
    } else if (request.path == "/delays") {
      http::Response told;
      told.content_type = "text/plain";
      told.body = delays_.tell();
      std::move(responder).send(std::move(told));
    } else {
      std::move(responder).send(http::refusal(404, "not_found", "There is nothing here."));
    }
  }

  void pour(const http::Request& request, http::Responder responder) {
    const auto order = protocol::decode_order(request.body);
    protocol::MessageBuffer buffer;
    if (!order) {
      protocol::encode_refusal(protocol::Refusal::bad_order, order.error().message.view(), buffer);
      std::move(responder).send(reply(400, buffer));
      return;
    }
    if (pours()) {
      protocol::encode_refusal(protocol::Refusal::busy, "It pours.", buffer);
      std::move(responder).send(reply(409, buffer));
      return;
    }
    delays_.note(order->request_id.view());
    pours_until_ = Clock::now();
    if (!is_ours_) pours_until_ += strong_pump.time_for(order->amount.to_microlitres());
    const Microlitres poured = order->amount.to_microlitres();
    protocol::RecentPour done;
    done.request_id = order->request_id;
    done.requested = order->amount;
    done.delivered = done.min = done.max = poured;
    details_.recent.clear();
    details_.recent.push_back(done);
    ++details_.pours_total;
    ++details_.version;
    protocol::encode_accepted(order->request_id, false, buffer);
    std::move(responder).send(reply(200, buffer));
    answer_waiting();
  }

  [[nodiscard]] bool pours() const { return Clock::now() < pours_until_; }

  http::Response status() {
    details_.uptime_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - born_);
    protocol::DeviceStatus status;
    status.glass_present = true;
    status.uptime = std::chrono::duration_cast<std::chrono::seconds>(details_.uptime_ms);
    status.state = pours() ? protocol::DeviceState::pouring : protocol::DeviceState::idle;
    if (is_ours_) status.details = details_;
    protocol::MessageBuffer buffer;
    protocol::encode_status(status, buffer);
    return reply(200, buffer);
  }

  static constexpr FlowRate strong_pump{25'000};

  bool is_ours_;
  Delays& delays_;
  Clock::time_point born_ = Clock::now();
  Clock::time_point pours_until_ = born_;
  protocol::DeviceDetails details_;
  std::vector<http::Responder> waiting_;
  http::Server server_;
};

}  // namespace

int main(int argc, char** argv) {
  const int count = argc == 3 ? std::atoi(argv[1]) : 0;
  const int version = argc == 3 ? std::atoi(argv[2]) : 0;
  if (count < 1 || count > 1000 || version < 1 || version > 2) {
    std::fprintf(stderr, "usage: pourtocol-bench-devices COUNT (1 to 1000) VERSION (1 or 2)\n");
    return 2;
  }
  Delays delays;
  boost::asio::io_context context{1};
  std::vector<std::unique_ptr<Device>> devices;
  std::string ports;
  for (int i = 0; i < count; ++i) {
    devices.push_back(
        std::make_unique<Device>(context, static_cast<std::uint64_t>(i) + 1, version == 2, delays));
    ports += " " + std::to_string(devices.back()->listen());
  }
  // Nobody waits longer than this, whatever they offered: the contract allows to answer early.
  boost::asio::steady_timer timer{context};
  std::function<void()> tick = [&] {
    timer.expires_after(std::chrono::milliseconds{500});
    timer.async_wait([&](const boost::system::error_code&) {
      for (auto& device : devices) device->answer_waiting();
      tick();
    });
  };
  tick();
  std::printf("ready%s\n", ports.c_str());
  std::fflush(stdout);
  context.run();
}
