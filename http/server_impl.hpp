// The inside of a server. Not for includers outside this room.
#pragma once

#include <array>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "http/server.hpp"

namespace pourtocol::http {

// The concrete executor instead of any_io_executor: no virtual call and no allocation per
// operation.
using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
using SteadyClock = std::chrono::steady_clock;
using Timer =
    boost::asio::basic_waitable_timer<SteadyClock, boost::asio::wait_traits<SteadyClock>, Executor>;

/// A connection's place in two queues of those that keep the server waiting, the longest first: all
/// of them, and those of its address. Its links take themselves out when it goes.
struct WaitingPlace {
  using Link = boost::intrusive::list_member_hook<
      boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
  explicit WaitingPlace(Connection& its) noexcept : connection{its} {}
  [[nodiscard]] bool taken() const noexcept { return among_all.is_linked(); }
  void leave() noexcept {
    among_all.unlink();
    among_its_address.unlink();
  }
  Connection& connection;
  Link among_all;
  Link among_its_address;
};
template <WaitingPlace::Link WaitingPlace::*link>
using WaitingQueue =
    boost::intrusive::list<WaitingPlace,
                           boost::intrusive::member_hook<WaitingPlace, WaitingPlace::Link, link>,
                           boost::intrusive::constant_time_size<false>>;

/// How an answer's connection goes on, as its head says it.
enum class Persistence : std::uint8_t {
  keep_alive,         ///< HTTP/1.1 needs no word for it
  keep_alive_spoken,  ///< HTTP/1.0 does
  close,
};

class Server::Impl : public std::enable_shared_from_this<Server::Impl> {
 public:
  Impl(boost::asio::io_context& context, Limits limits, Handler handler,
       std::function<void(std::string_view)> report);

  [[nodiscard]] std::expected<std::uint16_t, std::string> listen(std::string_view host,
                                                                 std::uint16_t port);
  void shutdown(std::chrono::milliseconds grace, std::move_only_function<void()> done);
  void reset_all();
  void close_all();

  // For connections.
  [[nodiscard]] const Limits& limits() const noexcept { return limits_; }
  [[nodiscard]] Counters& counters() noexcept { return counters_; }
  [[nodiscard]] bool stopping() const noexcept { return stopping_; }
  [[nodiscard]] Executor executor() const noexcept { return context_.get_executor(); }
  [[nodiscard]] std::chrono::milliseconds linger_timeout() const noexcept;
  void handle(const Request& request, Responder responder) noexcept;
  /// The last header lines of every answer: Date, Connection, and the empty line.
  [[nodiscard]] std::string_view head_end(Persistence persistence) const noexcept {
    return head_ends_[static_cast<std::size_t>(persistence)];
  }
  /// Where bytes nobody wants are read to.
  [[nodiscard]] std::span<char> sink() noexcept { return sink_; }
  void enlist(Connection& connection);
  /// Its client is to do something from now on, unless it was already: who lets us wait for the
  /// longest is let go first when there is no room for others.
  void waits_for(Connection& connection) noexcept;
  /// The client has.
  static void waits_no_longer(Connection& connection) noexcept;
  /// So many bytes are held because that client does not read. Where that is too much of one
  /// address or of all, somebody is let go, perhaps `connection` itself.
  void holds_unsent(Connection& connection, std::size_t bytes) noexcept;
  /// Counts one more live stream; false, and it may not begin, where there are enough.
  [[nodiscard]] bool begin_stream(const Connection& connection) noexcept;
  void end_stream(const Connection& connection) noexcept;
  void delist(Connection& connection) noexcept;

 private:
  friend class Connection;
  /// Connections that are only told why they cannot be served; beyond them: closed without a word.
  static constexpr std::size_t refusals_max = 64;
  /// An address that holds fewer may take a reserved place.
  static constexpr std::size_t connections_of_few = 3;

  struct Peer {
    std::size_t connections = 0;
    std::size_t streams = 0;
    std::size_t unsent_bytes = 0;
    WaitingQueue<&WaitingPlace::among_its_address> waiting;
    WaitingQueue<&WaitingPlace::among_its_address> unread;
  };

  /// Closes the one that has kept us waiting for the longest. False: none does.
  template <class Queue>
  bool lets_one_go(Queue& waiting) noexcept;
  /// Closes the one that has not read for the longest, unless it is the only one.
  template <class Queue>
  bool lets_a_reader_go(Queue& unread) noexcept;

  [[nodiscard]] bool finds_room(std::uint64_t address_key) noexcept;
  void accept();
  void take_in(Socket socket, const boost::asio::ip::tcp::endpoint& peer);
  void on_accept_failed(const boost::system::error_code& ec);
  void start_sweeping();
  void sweep();
  void write_head_ends();
  void report_all_closed();

  boost::asio::io_context& context_;
  const Limits limits_;
  const Handler handler_;
  const std::function<void(std::string_view)> report_;
  const std::chrono::milliseconds sweep_interval_;
  Acceptor acceptor_;
  Timer timer_;
  bool sweeping_ = false;
  bool accept_paused_ = false;
  SteadyClock::time_point accept_reported_{};
  bool stopping_ = false;
  SteadyClock::time_point stop_deadline_{};
  std::move_only_function<void()> stopped_;
  std::vector<Connection*> connections_;  // each knows its place
  std::size_t refusals_ = 0;
  std::unordered_map<std::uint64_t, Peer> per_address_;
  WaitingQueue<&WaitingPlace::among_all> waiting_;
  WaitingQueue<&WaitingPlace::among_all> unread_;  // of `waiting_`, those for whom bytes are held
  Counters counters_;
  std::array<std::string, 3> head_ends_;
  std::array<char, 4096> sink_{};
};

}  // namespace pourtocol::http
