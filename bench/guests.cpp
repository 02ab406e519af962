// A crowd that orders: 64 guests, each on a connection and from an address of their own (127.0.0.2
// and up), every wish a new one, on the next tap.
//
// pourtocol-bench-guests PORT SECONDS TAPS RUN ML [RATE]: prints answers of success per second, the
// 99th percentile of an answer's time in ms, and how many answers were no success. RUN makes the
// request ids of this run its own; each ends in the moment of its press (devices.cpp). Without RATE
// they order without pause; with it, all together so often a second, and who is kept waiting has
// pressed all the same: the time runs from when it was their turn.

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr unsigned guests = 64;

/// What the whole crowd shares.
struct Crowd {
  tcp::endpoint server;
  std::string host;  // the server answers to its address, and refuses names that it does not know
  unsigned taps = 1;
  std::string run;
  std::string amount_ml;
  std::optional<Clock::duration> pause;  // between two presses of one guest; absent: none
  Clock::time_point start;
  Clock::time_point end;
  unsigned long wishes = 0;
  unsigned long refused = 0;
  std::vector<double> times_ms;  // of the answers of success

  [[nodiscard]] bool over() const { return Clock::now() >= end; }
};

class Guest {
 public:
  Guest(asio::io_context& context, Crowd& crowd, unsigned number)
      : crowd_{crowd},
        number_{number},
        address_{asio::ip::address_v4{0x7f000002U + number}},
        socket_{context},
        turn_{context} {
    if (crowd.pause) next_press_ = crowd.start + *crowd.pause * number / guests;
  }

  void arrive() {
    socket_.open(tcp::v4());
    socket_.bind({address_, 0});
    socket_.async_connect(crowd_.server, [this](error_code error) {
      if (error) return come_again();
      socket_.set_option(tcp::no_delay{true});
      wait();
    });
  }

 private:
  void wait() {
    if (!crowd_.pause) return order(Clock::now());
    const auto pressed = next_press_;
    next_press_ += *crowd_.pause;
    turn_.expires_at(pressed);
    turn_.async_wait([this, pressed](error_code) { order(pressed); });
  }

  void order(Clock::time_point pressed) {
    if (crowd_.over()) return;
    const unsigned long wish = crowd_.wishes++;
    const auto pressed_us =
        std::chrono::duration_cast<std::chrono::microseconds>(pressed.time_since_epoch()).count();
    request_ = {http::verb::post, "/api/dispense", 11};
    request_.set(http::field::host, crowd_.host);
    request_.set(http::field::content_type, "application/json");
    request_.body() = R"({"amount_ml":)" + crowd_.amount_ml + R"(,"user_token":"guest-)" +
                      std::to_string(number_) + R"(","tap":"t)" +
                      std::to_string(wish % crowd_.taps) + R"(","request_id":")" + crowd_.run +
                      "-" + std::to_string(wish) + ":" + std::to_string(pressed_us) + R"("})";
    request_.prepare_payload();
    answer_.emplace();
    asked_ = pressed;
    http::async_write(socket_, request_, [this](error_code error, std::size_t) {
      if (error) return come_again();
      http::async_read(socket_, buffer_, *answer_, [this](error_code failed, std::size_t) {
        if (failed) return come_again();
        take_answer();
      });
    });
  }

  void take_answer() {
    const bool success = answer_->result() == http::status::ok;
    const std::chrono::duration<double, std::milli> time = Clock::now() - asked_;
    if (success) {
      crowd_.times_ms.push_back(time.count());
    } else {
      ++crowd_.refused;
    }
    if (answer_->keep_alive()) return wait();
    reconnect();
  }

  void come_again() {
    ++crowd_.refused;
    reconnect();
  }

  void reconnect() {
    socket_.close();
    buffer_.clear();
    if (!crowd_.over()) arrive();
  }

  Crowd& crowd_;
  unsigned number_;
  asio::ip::address_v4 address_;
  tcp::socket socket_;
  asio::steady_timer turn_;
  Clock::time_point next_press_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  std::optional<http::response<http::string_body>> answer_;
  Clock::time_point asked_;
};

void measure(Crowd& crowd, std::chrono::seconds length) {
  asio::io_context context{1};
  crowd.start = Clock::now();
  crowd.end = crowd.start + length;
  std::vector<std::unique_ptr<Guest>> everybody;
  for (unsigned i = 0; i < guests; ++i) {
    everybody.push_back(std::make_unique<Guest>(context, crowd, i));
    everybody.back()->arrive();
  }
  // A little longer than the measurement, for the answers that are still on their way.
  context.run_for(length + std::chrono::seconds{5});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6 && argc != 7) {
    std::fprintf(stderr, "usage: pourtocol-bench-guests PORT SECONDS TAPS RUN ML [RATE]\n");
    return 2;
  }
  try {
    const std::chrono::seconds length{std::stoul(argv[2])};
    Crowd crowd;
    crowd.server = {asio::ip::address_v4::loopback(),
                    static_cast<unsigned short>(std::stoul(argv[1]))};
    crowd.host = crowd.server.address().to_string() + ":" + argv[1];
    crowd.taps = static_cast<unsigned>(std::stoul(argv[3]));
    crowd.run = argv[4];
    crowd.amount_ml = argv[5];
    if (argc == 7)
      crowd.pause = std::chrono::nanoseconds{guests * 1'000'000'000UL / std::stoul(argv[6])};
    measure(crowd, length);
    auto& times = crowd.times_ms;
    std::sort(times.begin(), times.end());
    std::printf("%.1f %.3f %lu\n",
                static_cast<double>(times.size()) / static_cast<double>(length.count()),
                times.empty() ? 0.0 : times[times.size() * 99 / 100], crowd.refused);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pourtocol-bench-guests: %s\n", error.what());
    return 1;
  }
}
