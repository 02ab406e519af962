// One request to a device and its answer, within one deadline.
#pragma once

#include <array>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "backend/esp32/addresses.hpp"
#include "backend/esp32/answer_reader.hpp"
#include "core/time.hpp"

namespace pourtocol::esp32 {

/// Why there is no whole answer.
enum class Breakdown : std::uint8_t {
  not_connected,    ///< not one byte of the request was handed to the system
  timed_out,        ///< after some of it was
  connection_lost,  ///< so too
  not_http,         ///< what came is no answer, or is too long for one
};
struct NoAnswer {
  Breakdown how = Breakdown::not_connected;
  std::string detail;  ///< for people: "connection refused"
  bool begun = false;  ///< some of an answer came
};

struct ExchangeEnd {
  std::expected<HttpAnswer, NoAnswer> answer;
  Instant asked_at;  ///< just before the first byte was sent; if none was: when it ended
  /// The connection, if it can be used for another request.
  std::optional<boost::asio::ip::tcp::socket> kept;
  bool repeated = false;  ///< over a fresh connection, because the first was lost
};

/// Lives until its `done` was called or it was abandoned. Used on the event loop only.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  struct Plan {
    std::string request;  ///< every byte of it
    std::uint16_t port = 80;
    Duration timeout{0};
    /// A connection of an earlier exchange. It may have gone stale, so `repeatable` has to be set.
    std::optional<boost::asio::ip::tcp::socket> reused;
    /// Whether the request may be sent once more, over a fresh connection, when the connection was
    /// lost before the first byte of an answer. Never for an order.
    bool repeatable = false;
  };
  using Done = std::move_only_function<void(ExchangeEnd)>;

  Exchange(boost::asio::io_context& context, std::shared_ptr<Addresses> addresses,
           std::function<Instant()> now, Plan plan, Done done);

  void start();
  /// Cuts it off; `done` will not be called.
  void abandon();

 private:
  using Tcp = boost::asio::ip::tcp;
  using Error = boost::system::error_code;

  void find_addresses();
  void connect_next();
  void limit_attempt();
  void on_connected(const Error& error);
  void send();
  void receive();
  void on_received(const Error& error, std::size_t size);
  void on_deadline();
  void lose(const Error& error);
  void fail(Breakdown how, std::string detail);
  void finish(std::expected<HttpAnswer, NoAnswer> answer);

  std::shared_ptr<Addresses> addresses_;
  std::function<Instant()> now_;
  Plan plan_;
  Done done_;

  Tcp::socket socket_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer attempt_;  ///< of one address, when there are several
  Addresses::List candidates_;
  std::size_t candidate_ = 0;
  std::string connect_detail_;
  bool connecting_ = false;
  bool repeated_ = false;
  std::array<char, 2048> buffer_;
  AnswerReader reader_;
  std::optional<Instant> asked_at_;
  bool ended_ = false;
};

}  // namespace pourtocol::esp32
