#include "http/server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <exception>
#include <utility>

#include "http/connection.hpp"
#include "http/peer_address.hpp"
#include "http/server_impl.hpp"

namespace pourtocol::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

namespace {

/// Often enough that no time-out is exceeded by more than a quarter; seldom enough to cost nothing.
[[nodiscard]] milliseconds sweep_interval_for(const Limits& limits) {
  const milliseconds shortest =
      std::min({limits.header_timeout, limits.body_timeout, limits.idle_timeout,
                limits.write_timeout, limits.answer_timeout, limits.linger_timeout});
  return std::clamp(shortest / 4, milliseconds{5}, milliseconds{250});
}

/// RFC 9110 5.6.7, always in English, whatever the locale.
[[nodiscard]] std::string http_date() {
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[64];
  const int size = std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                 days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon],
                                 utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  return {text, static_cast<std::size_t>(std::max(size, 0))};
}

/// Of so many connections; the rest is for requests, that a stop gets in however many look on.
[[nodiscard]] constexpr std::size_t open_for_streams(std::size_t connections) noexcept {
  return connections - connections / 4;
}

/// Every connection inherits from the acceptor: how much the kernel holds for it, and for how long
/// that may stay without an acknowledgement.
void bound_kernel_buffers(Acceptor& acceptor, const Limits& limits, error_code& ec) {
  acceptor.set_option(asio::socket_base::send_buffer_size{limits.send_buffer_bytes}, ec);
  const auto set = [&](int option, int value) {
    if (ec ||
        ::setsockopt(acceptor.native_handle(), IPPROTO_TCP, option, &value, sizeof value) == 0) {
      return;
    }
    ec.assign(errno, boost::system::system_category());
  };
  set(TCP_NOTSENT_LOWAT, limits.send_buffer_unread_bytes);
  set(TCP_USER_TIMEOUT, static_cast<int>(limits.answer_timeout.count()));
}

}  // namespace

Server::Impl::Impl(asio::io_context& context, Limits limits, Handler handler,
                   std::function<void(std::string_view)> report)
    : context_{context},
      limits_{limits},
      handler_{std::move(handler)},
      report_{std::move(report)},
      sweep_interval_{sweep_interval_for(limits)},
      acceptor_{context.get_executor()},
      timer_{context.get_executor()} {
  write_head_ends();
}

std::expected<std::uint16_t, std::string> Server::Impl::listen(std::string_view host,
                                                               std::uint16_t port) {
  error_code ec;
  const auto address =
      asio::ip::make_address(host == "localhost" ? "127.0.0.1" : std::string{host}, ec);
  if (ec) {
    return std::unexpected{"\"" + std::string{host} + "\" is not an IP address to listen on."};
  }
  const tcp::endpoint endpoint{address, port};
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) acceptor_.set_option(asio::socket_base::reuse_address{true}, ec);
  if (!ec) bound_kernel_buffers(acceptor_, limits_, ec);
  if (!ec) acceptor_.bind(endpoint, ec);
  if (!ec) acceptor_.listen(4096, ec);
  const tcp::endpoint bound = ec ? endpoint : acceptor_.local_endpoint(ec);
  if (ec) {
    error_code ignored;
    acceptor_.close(ignored);
    return std::unexpected{"Cannot listen on " + std::string{host} + " port " +
                           std::to_string(port) + ": " + ec.message() + "."};
  }
  accept();
  return bound.port();
}

// --- accepting ---

void Server::Impl::accept() {
  acceptor_.async_accept([self = shared_from_this()](error_code ec, Socket socket) {
    if (self->stopping_ || !self->acceptor_.is_open()) return;
    if (ec) return self->on_accept_failed(ec);
    error_code gone;
    const tcp::endpoint peer = socket.remote_endpoint(gone);
    if (!gone) self->take_in(std::move(socket), peer);
    self->accept();
  });
}

void Server::Impl::take_in(Socket socket, const tcp::endpoint& peer) {
  ++counters_.accepted;
  start_sweeping();
  const std::uint64_t key = address_key_of(peer.address());
  const auto known = per_address_.find(key);
  const bool one_has_too_many = known != per_address_.end() &&
                                known->second.connections >= limits_.connections_per_address_max &&
                                !lets_one_go(known->second.waiting);
  const bool all_have_too_many = !one_has_too_many && !finds_room(key);
  if (one_has_too_many || all_have_too_many) {
    ++counters_.over_limit;
    if (refusals_ >= refusals_max) return;
    const auto connection = std::make_shared<Connection>(shared_from_this(), std::move(socket),
                                                         text_of(peer.address()), key);
    connection->start_refusing(
        all_have_too_many
            ? refusal(503, "overloaded", "Too many connections. Try again in a moment.")
            : refusal(429, "too_many_connections",
                      "Too many connections from this address. Close some first."));
    return;
  }
  std::make_shared<Connection>(shared_from_this(), std::move(socket), text_of(peer.address()), key)
      ->start();
}

/// For one more of that address.
bool Server::Impl::finds_room(std::uint64_t address_key) noexcept {
  if (counters_.connections < limits_.connections_max) return true;
  const auto own = per_address_.find(address_key);
  const bool has_few = own == per_address_.end() || own->second.connections < connections_of_few;
  if (has_few && counters_.connections < limits_.connections_max + limits_.reserved_connections) {
    return true;
  }
  if (own != per_address_.end() && lets_one_go(own->second.waiting)) return true;
  if (waiting_.empty()) return false;
  // Who comes again and again to an address that holds many pushes out no guest who has just come.
  const std::uint64_t longest = waiting_.front().connection.address_key();
  if (!has_few && per_address_.find(longest)->second.connections < connections_of_few) return false;
  return lets_one_go(waiting_);
}

template <class Queue>
bool Server::Impl::lets_one_go(Queue& waiting) noexcept {
  if (waiting.empty()) return false;
  ++counters_.made_room;
  // Some operation of its own keeps it alive until it is closed.
  Connection& one = waiting.front().connection;
  // A reset tells the client that its answer is not whole.
  if (one.write_pending_) {
    one.reset();
  } else {
    one.close();
  }
  return true;
}

void Server::Impl::waits_for(Connection& connection) noexcept {
  if (connection.waiting_.taken() || connection.is_refusal()) return;
  waiting_.push_back(connection.waiting_);
  per_address_[connection.address_key()].waiting.push_back(connection.waiting_);
}

void Server::Impl::waits_no_longer(Connection& connection) noexcept {
  connection.waiting_.leave();
}

void Server::Impl::holds_unsent(Connection& connection, std::size_t bytes) noexcept {
  const std::size_t before = std::exchange(connection.unsent_bytes_, bytes);
  if (bytes == before || connection.is_refusal()) return;
  Peer& peer = per_address_[connection.address_key()];
  counters_.unsent_bytes += bytes - before;
  peer.unsent_bytes += bytes - before;
  if (bytes == 0) return connection.unread_.leave();
  if (!connection.unread_.taken()) {
    unread_.push_back(connection.unread_);
    peer.unread.push_back(connection.unread_);
  }
  if (bytes < before) return;
  // `peer` lasts: the last reader of its address is never let go.
  while (peer.unsent_bytes > limits_.unsent_bytes_per_address_max) {
    if (!lets_a_reader_go(peer.unread)) break;
  }
  while (counters_.unsent_bytes > limits_.unsent_bytes_max) {
    if (!lets_a_reader_go(unread_)) break;
  }
}

bool Server::Impl::begin_stream(const Connection& connection) noexcept {
  Peer& peer = per_address_[connection.address_key()];
  if (counters_.streams >= limits_.streams_max ||
      counters_.streams >= open_for_streams(limits_.connections_max) ||
      peer.streams >= open_for_streams(limits_.connections_per_address_max)) {
    return false;
  }
  ++counters_.streams;
  ++peer.streams;
  return true;
}

void Server::Impl::end_stream(const Connection& connection) noexcept {
  --counters_.streams;
  --per_address_.find(connection.address_key())->second.streams;
}

template <class Queue>
bool Server::Impl::lets_a_reader_go(Queue& unread) noexcept {
  if (unread.empty() || &unread.front() == &unread.back()) return false;
  ++counters_.readers_let_go;
  unread.front().connection.reset();
  return true;
}

void Server::Impl::on_accept_failed(const error_code& ec) {
  if (ec == asio::error::connection_aborted) return accept();
  // Out of descriptors or memory: the waiting connection would make the acceptor ready again at
  // once, so the next try waits for the next sweep.
  ++counters_.accept_failures;
  const auto now = SteadyClock::now();
  if (report_ && now - accept_reported_ >= std::chrono::seconds{1}) {
    accept_reported_ = now;
    report_("Cannot accept a connection: " + ec.message() + ". Trying again.");
  }
  accept_paused_ = true;
  start_sweeping();
}

// --- time ---

void Server::Impl::start_sweeping() {
  if (std::exchange(sweeping_, true)) return;
  write_head_ends();
  timer_.expires_after(sweep_interval_);
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    self->sweeping_ = false;
    if (!ec) self->sweep();
  });
}

void Server::Impl::sweep() {
  const auto now = SteadyClock::now();
  const bool cut_all = stopping_ && now >= stop_deadline_;
  // Backwards, since a connection that closes is replaced in the list by the last one.
  for (std::size_t i = connections_.size(); i-- > 0;) {
    if (i >= connections_.size()) continue;
    const auto connection = connections_[i]->shared_from_this();
    if (cut_all) {
      connection->close();
    } else {
      connection->check_deadline(now);
    }
  }
  if (std::exchange(accept_paused_, false) && !stopping_ && acceptor_.is_open()) accept();
  if (!connections_.empty() || accept_paused_) start_sweeping();
}

void Server::Impl::write_head_ends() {
  const std::string date = "Date: " + http_date() + "\r\n";
  head_ends_[static_cast<std::size_t>(Persistence::keep_alive)] = date + "\r\n";
  head_ends_[static_cast<std::size_t>(Persistence::keep_alive_spoken)] =
      date + "Connection: keep-alive\r\n\r\n";
  head_ends_[static_cast<std::size_t>(Persistence::close)] = date + "Connection: close\r\n\r\n";
}

// --- connections ---

void Server::Impl::handle(const Request& request, Responder responder) noexcept {
  // A handler's failure is one client's 500 (the responder's last act), never the server's end.
  try {
    handler_(request, std::move(responder));
  } catch (const std::exception& error) {
    if (report_) report_(std::string{"A request handler failed: "} + error.what());
  } catch (...) {
    if (report_) report_("A request handler failed.");
  }
}

void Server::Impl::enlist(Connection& connection) {
  connection.place_ = connections_.size();
  connections_.push_back(&connection);
  connection.listed_ = true;
  if (connection.is_refusal()) {
    ++refusals_;
  } else {
    ++counters_.connections;
    ++per_address_[connection.address_key()].connections;
  }
}

void Server::Impl::delist(Connection& connection) noexcept {
  if (!std::exchange(connection.listed_, false)) return;
  waits_no_longer(connection);
  holds_unsent(connection, 0);
  connections_.back()->place_ = connection.place_;
  connections_[connection.place_] = connections_.back();
  connections_.pop_back();
  if (connection.is_refusal()) {
    --refusals_;
  } else {
    --counters_.connections;
    const auto found = per_address_.find(connection.address_key());
    if (--found->second.connections == 0) per_address_.erase(found);
  }
  if (stopping_ && connections_.empty()) report_all_closed();
}

milliseconds Server::Impl::linger_timeout() const noexcept {
  return stopping_ ? std::min(limits_.linger_timeout, milliseconds{200}) : limits_.linger_timeout;
}

// --- the end ---

void Server::Impl::shutdown(milliseconds grace, std::move_only_function<void()> done) {
  stopping_ = true;
  stopped_ = std::move(done);
  stop_deadline_ = SteadyClock::now() + grace;
  error_code ignored;
  acceptor_.close(ignored);
  for (std::size_t i = connections_.size(); i-- > 0;) {
    if (i < connections_.size()) connections_[i]->shared_from_this()->stop();
  }
  if (connections_.empty()) report_all_closed();
}

void Server::Impl::report_all_closed() {
  if (stopped_) asio::post(context_.get_executor(), std::exchange(stopped_, nullptr));
}

void Server::Impl::reset_all() {
  for (std::size_t i = connections_.size(); i-- > 0;) {
    if (i < connections_.size()) connections_[i]->shared_from_this()->reset();
  }
}

void Server::Impl::close_all() {
  stopping_ = true;
  stopped_ = nullptr;
  error_code ignored;
  acceptor_.close(ignored);
  timer_.cancel();
  while (!connections_.empty()) connections_.back()->shared_from_this()->close();
}

// --- what users see ---

Server::Server(asio::io_context& context, Limits limits, Handler handler,
               std::function<void(std::string_view)> report)
    : impl_{std::make_shared<Impl>(context, limits, std::move(handler), std::move(report))} {}

Server::~Server() {
  impl_->close_all();
}

std::expected<std::uint16_t, std::string> Server::listen(std::string_view host,
                                                         std::uint16_t port) {
  return impl_->listen(host, port);
}

void Server::shutdown(milliseconds grace, std::move_only_function<void()> done) {
  impl_->shutdown(grace, std::move(done));
}

void Server::reset_all() {
  impl_->reset_all();
}

const Counters& Server::counters() const noexcept {
  return impl_->counters();
}

}  // namespace pourtocol::http
