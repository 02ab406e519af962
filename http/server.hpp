// A small HTTP/1.1 server in which every resource has a bound.
//
// It knows nothing of what it serves: a handler gets each whole request together with a
// `Responder`, and completes that now or later. Requests over the limits never reach the handler;
// they are answered with a reason in JSON and the connection is closed:
//   400 not HTTP, both lengths, no Host      413 body too large           417 unknown expectation
//   408 head or body too slow                414 and 431 head too large   429 too many from one
//   address 501 unknown transfer encoding            503 too many connections     505 not HTTP/1.0
//   or 1.1
//
// Threads: one. The server, its responders and streams are used only from the thread that runs the
// `io_context`, and handlers and callbacks are called on it. Nothing here blocks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace boost::asio {
class io_context;
}

namespace pourtocol::http {

class Connection;

/// Bounds of one server. Time-outs are enforced by one sweep, so each may take up to a quarter of
/// the shortest of them longer.
struct Limits {
  std::size_t header_bytes_max = 8 * 1024;
  std::size_t header_fields_max = 64;
  std::size_t body_bytes_max = 4 * 1024;

  std::chrono::milliseconds header_timeout{
      5'000};  ///< from the first byte of a request to its last header
  std::chrono::milliseconds body_timeout{
      5'000};  ///< from the last header to the last byte of the body
  std::chrono::milliseconds idle_timeout{60'000};  ///< no byte of a next request
  std::chrono::milliseconds write_timeout{
      10'000};  ///< no byte of an answer or a stream could be sent
  /// The whole of an answer or a download, but no live stream: so long, and a second more for each
  /// `answer_bytes_per_second_min` that were sent. A trickle is cut like silence.
  std::chrono::milliseconds answer_timeout{60'000};
  std::size_t answer_bytes_per_second_min = 16 * 1024;
  std::chrono::milliseconds linger_timeout{
      1'000};  ///< how long a refused client may finish talking

  /// Beyond either of these, who has kept the server waiting for the longest (for a whole request,
  /// or until an answer is read) is let go, of the newcomer's address first; where nobody does, the
  /// newcomer is refused. For an address that holds three or more, none is let go that holds fewer.
  std::size_t connections_max = 12'000;
  std::size_t connections_per_address_max = 1'000;  ///< an IPv6 /64 counts as one address
  /// Places beyond `connections_max`, for newcomers whose address holds fewer than three: those who
  /// took all others, and are owed their answers, do not keep a stop out.
  std::size_t reserved_connections = 64;
  /// Live streams; never more than three quarters of the connections, of an address's either: a
  /// stream is let go for nobody.
  std::size_t streams_max = 6'000;

  /// What the kernel may hold for a connection on its way out (for its own bookkeeping it doubles
  /// it), and of that what the client has left no room for: of a client that does not read, this.
  int send_buffer_bytes = 256 * 1024;
  int send_buffer_unread_bytes = 64 * 1024;
  /// What this process holds beyond that because clients do not read: of one address, and in all.
  /// Beyond either, who has not read for the longest (of that address, or of all) is let go, so
  /// that a newcomer is served; an answer that waits alone may be larger. What is held anyway
  /// (`Held::anyway`) and the live streams, which have a bound of their own, do not count. Of one
  /// connection wait 64 KiB of answers that were asked for at once, and one answer more.
  std::size_t unsent_bytes_per_address_max = 8 * 1024 * 1024;
  std::size_t unsent_bytes_max = 64 * 1024 * 1024;

  /// What may wait for one slow stream client. Beyond either, the client is closed: it will rejoin.
  std::size_t stream_queue_messages_max = 64;
  std::size_t stream_queue_bytes_max = 256 * 1024;
};

/// What a server is doing and has done.
struct Counters {
  std::size_t connections = 0;   ///< open now
  std::size_t streams = 0;       ///< of them, open live streams
  std::size_t unsent_bytes = 0;  ///< held because clients do not read: `unsent_bytes_max`
  std::uint64_t accepted = 0;
  std::uint64_t requests = 0;          ///< that reached the handler
  std::uint64_t malformed = 0;         ///< refused with 4xx or 5xx before reaching it
  std::uint64_t over_limit = 0;        ///< connections refused with 429 or 503
  std::uint64_t made_room = 0;         ///< connections let go for others: they kept us waiting
  std::uint64_t readers_let_go = 0;    ///< connections let go for the bytes that waited for them
  std::uint64_t timed_out = 0;         ///< connections cut by a time-out
  std::uint64_t streams_too_slow = 0;  ///< streams closed because the client did not keep up
  std::uint64_t accept_failures = 0;   ///< e.g. out of file descriptors
};

/// One message of a stream. Immutable and shared: a live event is one allocation for all its
/// clients.
using SharedText = std::shared_ptr<const std::string>;

/// The sending end of an answer that is made piece by piece: a live stream, or a long download.
///
/// A copyable handle to the connection; it stays safe to use when the connection is gone.
class Stream {
 public:
  Stream() noexcept = default;

  /// Queues `message`. False if the stream is closed, or is closed now because the client did not
  /// keep up (more than `stream_queue_*_max` waiting). One message may be larger than the bound in
  /// bytes if nothing else waits. An empty message is skipped.
  bool send(SharedText message) const;
  bool send(std::string message) const;

  /// Ends the answer properly once everything queued is sent.
  void finish() const;
  /// Cuts the answer off: the client can tell that it is incomplete.
  void abort() const;

  [[nodiscard]] bool open() const noexcept;

  /// Calls `ready` once, from the event loop, when nothing waits any more: back-pressure for
  /// whoever produces much. Not called once the stream is closed. A later call replaces an earlier
  /// one.
  void when_drained(std::move_only_function<void()> ready) const;
  /// Calls `closed` once, from the event loop, when the stream has ended for whatever reason but an
  /// own `finish` or `abort`.
  void when_closed(std::move_only_function<void()> closed) const;

 private:
  friend class Responder;
  explicit Stream(std::weak_ptr<Connection> connection) noexcept;
  std::weak_ptr<Connection> connection_;
};

/// The right, and the duty, to answer one request exactly once.
///
/// Move-only. It may be kept and completed later from the event loop (long polling), and stays safe
/// to use when the client has gone. Destroyed without an answer it sends a 500. Must not outlive
/// the io_context.
class Responder {
 public:
  explicit Responder(std::shared_ptr<Connection> connection) noexcept;
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&& other) noexcept;
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  ~Responder();

  /// Answers, and goes on to the connection's next request. For HEAD the body is left out.
  void send(Response response) &&;
  void send(SharedResponse response) &&;

  /// What follows the bytes of `send_raw`.
  enum class Then : std::uint8_t {
    close,      ///< an orderly end
    reset,      ///< a TCP reset
    keep_open,  ///< the next request, as if the bytes had been a whole answer
    hang,       ///< nothing, until the client goes away or the server stops
  };
  /// Sends these very bytes as the answer, be they HTTP or not. For fault injection.
  void send_raw(std::string bytes, Then then) &&;

  /// Resets the connection without an answer. For fault injection.
  void abort() &&;

  /// Answers with the head of `response` and keeps the body open for server-sent events,
  /// `response.body` being its beginning. To HTTP/1.1 the body is sent chunked. If too many streams
  /// are open already, the client is answered 503 and the returned stream is closed from the start;
  /// so it is for HEAD, after the head was sent.
  [[nodiscard]] Stream stream(Response response) &&;
  /// The same for an answer that has an end but is too long to be held whole. Its sender waits with
  /// each piece for `when_drained`. It is no live stream: the bounds of answers hold for it, in
  /// time and in bytes.
  [[nodiscard]] Stream download(Response response) &&;

  /// False once the client is known to have gone; answering is then harmless and useless.
  [[nodiscard]] bool client_connected() const noexcept;

 private:
  std::shared_ptr<Connection> connection_;  // null: answered, or moved from
};

/// Answers a request. What it throws is caught: the client gets a 500 if it had no answer yet.
using Handler = std::function<void(const Request&, Responder)>;

/// One listening address.
class Server {
 public:
  /// `report` is told of what an operator should know (a handler threw, accepting failed), at most
  /// once a second for accept failures. May be empty.
  Server(boost::asio::io_context& context, Limits limits, Handler handler,
         std::function<void(std::string_view)> report = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Closes everything at once. For a graceful end call `shutdown` first and wait for its callback.
  ~Server();

  /// Starts to listen. `host` is a literal address ("0.0.0.0", "::1"), or "localhost" for
  /// 127.0.0.1; `port` 0 picks any. Returns the port listened on, or one sentence that says why
  /// not.
  [[nodiscard]] std::expected<std::uint16_t, std::string> listen(std::string_view host,
                                                                 std::uint16_t port);

  /// Accepts no more, finishes streams, closes idle connections, lets requests in progress be
  /// answered for at most `grace`, then cuts what is left; then calls `done` once, from the event
  /// loop.
  void shutdown(std::chrono::milliseconds grace, std::move_only_function<void()> done);

  /// Resets every open connection at once but goes on listening. For fault injection.
  void reset_all();

  [[nodiscard]] const Counters& counters() const noexcept;

 private:
  class Impl;
  friend class Connection;
  std::shared_ptr<Impl> impl_;
};

}  // namespace pourtocol::http
