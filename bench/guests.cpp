// A crowd that orders without pause: 64 guests, each on a connection and from an address of their
// own (127.0.0.2 and up), every wish a new one, on the next tap.
//
// pourtocol-bench-guests PORT SECONDS TAPS RUN: prints answers of success per second, the 99th
// percentile of an answer's time in ms, and how many answers were no success. RUN makes the request
// ids of this run its own.

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
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
        socket_{context} {}

  void arrive() {
    socket_.open(tcp::v4());
    socket_.bind({address_, 0});
    socket_.async_connect(crowd_.server, [this](error_code error) {
      if (error) return come_again();
      socket_.set_option(tcp::no_delay{true});
      order();
    });
  }

 private:
  void order() {
    if (crowd_.over()) return;
    const unsigned long wish = crowd_.wishes++;
    request_ = {http::verb::post, "/api/dispense", 11};
    request_.set(http::field::host, crowd_.host);
    request_.set(http::field::content_type, "application/json");
    request_.body() = R"({"amount_ml":30,"user_token":"guest-)" + std::to_string(number_) +
                      R"(","tap":"t)" + std::to_string(wish % crowd_.taps) + R"(","request_id":")" +
                      crowd_.run + "-" + std::to_string(wish) + R"("})";
    request_.prepare_payload();
    answer_.emplace();
    asked_ = Clock::now();
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
    if (answer_->keep_alive()) return order();
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
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  std::optional<http::response<http::string_body>> answer_;
  Clock::time_point asked_;
};

void measure(Crowd& crowd, std::chrono::seconds length) {
  asio::io_context context{1};
  crowd.end = Clock::now() + length;
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
  if (argc != 5) {
    std::fprintf(stderr, "usage: pourtocol-bench-guests PORT SECONDS TAPS RUN\n");
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
