// A server on a thread of its own and plain blocking clients: what a test of the HTTP room is made
// of.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>

#include "http/server.hpp"

namespace pourtocol::http {

/// A TCP client that blocks, and gives up after ten seconds so that a hanging server fails the
/// test.
class Client {
 public:
  /// From 127.0.0.`address`.
  explicit Client(std::uint16_t port, int receive_buffer = 0, int address = 1) {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    const timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(address - 1));
    sockaddr_in server = own;
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server.sin_port = htons(port);
    connected_ = ::bind(fd_, reinterpret_cast<sockaddr*>(&own), sizeof own) == 0 &&
                 ::connect(fd_, reinterpret_cast<sockaddr*>(&server), sizeof server) == 0;
  }
  Client(Client&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] bool connected() const { return connected_; }

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void get(std::string_view path) const {
    send("GET " + std::string{path} + " HTTP/1.1\r\nHost: bar\r\n\r\n");
  }
  void finish_sending() const { ::shutdown(fd_, SHUT_WR); }
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(fd_, -1));
  }

  /// Whether the server has said something, or does so in that time.
  [[nodiscard]] bool hears_within(std::chrono::milliseconds time) const {
    pollfd watched{fd_, POLLIN, 0};
    return ::poll(&watched, 1, static_cast<int>(time.count())) > 0;
  }
  /// Everything up to the server's end of the connection. Fails the test if no end comes.
  std::string read_to_end() {
    while (receive()) {
    }
    EXPECT_TRUE(ended_) << "the server neither answered nor closed; so far: " << received_;
    return std::exchange(received_, {});
  }
  /// How many bytes came next, at most a few thousand; 0 after the end.
  std::size_t read_some() {
    const std::size_t before = received_.size();
    receive();
    return received_.size() - before;
  }
  /// At least so many bytes, unless the end comes before.
  std::string read_to(std::size_t bytes) {
    while (received_.size() <= bytes && receive()) {
    }
    return std::exchange(received_, {});
  }
  /// Up to and with the first `text`.
  std::string read_until(std::string_view text) {
    while (received_.find(text) == std::string::npos && receive()) {
    }
    const std::size_t found = received_.find(text);
    if (found == std::string::npos) {
      ADD_FAILURE() << "never received: " << text << "; but: " << received_;
      return {};
    }
    std::string head = received_.substr(0, found + text.size());
    received_.erase(0, found + text.size());
    return head;
  }
  /// One whole answer that has a Content-Length.
  std::string read_answer() {
    std::string answer = read_until("\r\n\r\n");
    const std::size_t length_at = answer.find("Content-Length: ");
    if (length_at == std::string::npos) return answer;
    const std::size_t length = std::stoul(answer.substr(length_at + 16));
    while (received_.size() < length && receive()) {
    }
    answer += received_.substr(0, length);
    received_.erase(0, std::min(length, received_.size()));
    return answer;
  }
  [[nodiscard]] bool was_reset() const { return reset_; }

 private:
  bool receive() {
    char bytes[4096];
    const ssize_t count = ::recv(fd_, bytes, sizeof bytes, 0);
    if (count > 0) {
      received_.append(bytes, static_cast<std::size_t>(count));
      return true;
    }
    reset_ = count < 0 && errno == ECONNRESET;
    ended_ = count == 0 || reset_;
    return false;
  }

  int fd_ = -1;
  bool connected_ = false;
  bool ended_ = false;
  bool reset_ = false;
  std::string received_;
};

/// A server whose event loop runs on a thread of its own.
class LoopbackServer {
 public:
  LoopbackServer(Limits limits, Handler handler)
      : server_{std::in_place, context_, limits, std::move(handler)} {
    const auto port = server_->listen("127.0.0.1", 0);
    EXPECT_TRUE(port.has_value());
    port_ = port.value_or(0);
    thread_ = std::thread{[this] { context_.run(); }};
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  ~LoopbackServer() {
    on_loop([this] { server_.reset(); });
    work_.reset();
    thread_.join();
  }

  /// Runs `action` on the event loop and waits for what it returns.
  template <class Action>
  std::invoke_result_t<Action> on_loop(Action action) {
    std::packaged_task<std::invoke_result_t<Action>()> task{std::move(action)};
    auto result = task.get_future();
    boost::asio::post(context_, [&task] { task(); });
    return result.get();
  }
  [[nodiscard]] Counters counters() {
    return on_loop([this] { return server_->counters(); });
  }
  [[nodiscard]] Server& server() { return *server_; }  // from `on_loop` only
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] Client connect() const { return Client{port_}; }

 private:
  boost::asio::io_context context_{1};
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_{
      context_.get_executor()};
  std::optional<Server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace pourtocol::http
