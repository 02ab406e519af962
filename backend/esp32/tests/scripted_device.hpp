// A device that does what a test tells it, byte by byte: raw sockets on loopback, on the test's own
// event loop.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace pourtocol::esp32::testing {

/// What the device does with one connection.
struct Scene {
  enum class After : std::uint8_t {
    listen,  ///< reads the next request and answers it in the same way
    close,   ///< an orderly end
    reset,   ///< a TCP reset
    hold,    ///< stays silent and open
  };
  std::string answer;
  After after = After::close;
  /// Zero: all at once. Else one byte, and a pause, and the next.
  std::chrono::milliseconds pause_per_byte{0};
  /// Answers before it has read anything, or resets at once when there is no answer.
  bool reads_first = true;
};

class ScriptedDevice {
 public:
  explicit ScriptedDevice(boost::asio::io_context& context)
      : acceptor_{context, {boost::asio::ip::make_address("127.0.0.1"), 0}},
        port_{acceptor_.local_endpoint().port()} {
    accept();
  }

  /// One scene for each connection to come, in order; the last one goes on.
  void plays(std::vector<Scene> scenes) { scenes_ = {scenes.begin(), scenes.end()}; }
  void plays(Scene scene) { plays(std::vector{std::move(scene)}); }
  /// From the next connection on it takes another only when that one is closed.
  void serves_one_at_a_time() { one_at_a_time_ = true; }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Whole requests, head and body, over all connections.
  [[nodiscard]] const std::vector<std::string>& requests() const { return requests_; }
  [[nodiscard]] int connections() const { return connections_; }
  /// Those that nobody has closed, as far as it has looked: it does while it reads.
  [[nodiscard]] int open() const {
    int count = 0;
    for (const auto& guest : guests_) count += guest->socket.is_open() ? 1 : 0;
    return count;
  }

  /// Closes all its connections; goes on listening.
  void hang_up() {
    for (const auto& guest : guests_) guest->socket.close();
  }
  void stop_listening() { acceptor_.close(); }

 private:
  using Tcp = boost::asio::ip::tcp;
  using Error = boost::system::error_code;
  struct Guest {
    explicit Guest(Tcp::socket s) : socket{std::move(s)}, timer{socket.get_executor()} {}
    Tcp::socket socket;
    boost::asio::steady_timer timer;
    Scene scene;
    std::string input;
    char chunk[1024];
    std::size_t sent = 0;
  };
  using GuestPointer = std::shared_ptr<Guest>;

  void accept() {
    acceptor_.async_accept([this](const Error& error, Tcp::socket socket) {
      if (error) return;
      ++connections_;
      auto guest = std::make_shared<Guest>(std::move(socket));
      guest->socket.set_option(Tcp::no_delay{true});
      guest->scene = scenes_.empty() ? Scene{} : scenes_.front();
      if (scenes_.size() > 1) scenes_.pop_front();
      guests_.push_back(guest);
      guest->scene.reads_first ? read(guest) : answer(guest);
      if (!one_at_a_time_) accept();
    });
  }

  void leave(Guest& guest) {
    guest.socket.close();
    if (one_at_a_time_) accept();
  }

  void read(const GuestPointer& guest) {
    guest->socket.async_read_some(boost::asio::buffer(guest->chunk),
                                  [this, guest](const Error& error, std::size_t size) {
                                    if (error) return leave(*guest);
                                    guest->input.append(guest->chunk, size);
                                    if (!take_request(*guest)) return read(guest);
                                    guest->sent = 0;
                                    answer(guest);
                                  });
  }

  bool take_request(Guest& guest) {
    const auto head = guest.input.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    std::size_t size = head + 4;
    const auto field = guest.input.find("Content-Length: ");
    if (field < head) size += std::stoul(guest.input.substr(field + 16));
    if (guest.input.size() < size) return false;
    requests_.push_back(guest.input.substr(0, size));
    guest.input.erase(0, size);
    return true;
  }

  void answer(const GuestPointer& guest) {
    const Scene& scene = guest->scene;
    const std::size_t left = scene.answer.size() - guest->sent;
    if (left == 0) return end(guest);
    const std::size_t size = scene.pause_per_byte.count() > 0 ? 1 : left;
    const auto bytes = boost::asio::buffer(scene.answer.data() + guest->sent, size);
    boost::asio::async_write(guest->socket, bytes,
                             [this, guest, size](const Error& error, std::size_t) {
                               if (error) return;
                               guest->sent += size;
                               guest->timer.expires_after(guest->scene.pause_per_byte);
                               guest->timer.async_wait([this, guest](const Error& cancelled) {
                                 if (!cancelled) answer(guest);
                               });
                             });
  }

  void end(const GuestPointer& guest) {
    switch (guest->scene.after) {
      case Scene::After::listen:
        return read(guest);
      case Scene::After::hold:
        return;
      case Scene::After::reset:
        guest->socket.set_option(boost::asio::socket_base::linger{true, 0});
        break;
      case Scene::After::close:
        break;
    }
    leave(*guest);
  }

  Tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::deque<Scene> scenes_;
  std::vector<GuestPointer> guests_;
  std::vector<std::string> requests_;
  int connections_ = 0;
  bool one_at_a_time_ = false;
};

/// A whole HTTP answer with that body.
[[nodiscard]] inline std::string answer_of(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + " So\r\nContent-Type: application/json\r\n" +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace pourtocol::esp32::testing
