// One client's connection: reads requests, hands them over one at a time, and writes what comes
// back. Not for includers outside this room.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "http/input_buffer.hpp"
#include "http/output_queue.hpp"
#include "http/request_parser.hpp"
#include "http/server_impl.hpp"

namespace pourtocol::http {

/// Kept alive by its pending operations and by responders; closed by errors, time-outs, and the
/// server.
///
/// There is at most one read and one write wait at a time. While a handler has a request, the
/// socket is watched (the client may go away) but the next request is not parsed: answers keep
/// their order.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Server::Impl> server, Socket socket, std::string address,
             std::uint64_t address_key);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  /// Tells the client why it cannot be served, then closes.
  void start_refusing(Response response);

  // For responders: harmless unless a request is being handled.
  void answer(Response response);
  void answer(const SharedResponse& response);
  void answer_raw(std::string bytes, Responder::Then then);
  void reset();
  /// A live stream has no end, and bounds of its own; a download is an answer in pieces.
  enum class StreamKind : std::uint8_t { live, download };
  [[nodiscard]] bool begin_stream(Response response, StreamKind kind);

  // For streams: harmless unless a stream is open.
  bool stream_send(SharedText message);
  void stream_finish();
  void stream_abort();
  void stream_when_drained(std::move_only_function<void()> ready);
  void stream_when_closed(std::move_only_function<void()> closed);
  [[nodiscard]] bool streaming() const noexcept;
  [[nodiscard]] bool open() const noexcept { return phase_ != Phase::closed; }

  // For the server.
  void check_deadline(SteadyClock::time_point now);
  void stop();
  void close() noexcept;
  [[nodiscard]] bool is_refusal() const noexcept { return is_refusal_; }
  [[nodiscard]] std::uint64_t address_key() const noexcept { return address_key_; }

 private:
  friend class Server::Impl;
  enum class Phase : std::uint8_t {
    reading,    ///< waiting for a request, or in the middle of one
    handling,   ///< a handler owes an answer
    streaming,  ///< the answer has begun and is not finished
    ending,     ///< the last bytes are on their way out
    lingering,  ///< all is said; the client may finish talking, so that no reset eats our answer
    hanging,    ///< fault injection: nothing more is said
    closed,
  };

  enum class PendingRead : std::uint8_t { none, bytes, readiness };

  void process();
  void process_later();
  void dispatch();
  void refuse(const ParseFailure& failure);
  void answered(bool reusable);
  void finish_request();
  void release_input() noexcept;
  [[nodiscard]] Persistence persistence() const noexcept;
  [[nodiscard]] bool handling() const noexcept { return phase_ == Phase::handling; }

  void read();
  void watch();
  void on_readable(boost::system::error_code ec);
  void on_received(std::size_t count);
  void on_end_of_input();
  void flush();
  void on_drained();
  void linger();
  void await_room();
  void note_unsent() noexcept;
  [[nodiscard]] bool is_live() const noexcept { return stream_counted_; }
  [[nodiscard]] bool answer_is_overdue(SteadyClock::time_point now) const noexcept;
  void set_deadline(std::chrono::milliseconds from_now);
  void set_reading_deadline();
  void queue(SharedText message);
  void end_stream_bookkeeping();

  std::shared_ptr<Server::Impl> server_;
  Socket socket_;
  const std::string address_;
  const std::uint64_t address_key_;
  std::size_t place_ = 0;  // in the server's list
  WaitingPlace waiting_{*this};
  WaitingPlace unread_{*this};
  std::size_t unsent_bytes_ = 0;  // as the server has been told
  Phase phase_ = Phase::reading;
  bool is_refusal_ = false;
  bool listed_ = false;
  bool in_process_ = false;
  bool request_done_ = false;  // answered inside its handler, which may still look at it
  PendingRead pending_read_ = PendingRead::none;
  bool write_pending_ = false;
  bool input_ended_ = false;
  bool reset_at_end_ = false;
  bool chunked_ = false;
  bool stream_counted_ = false;
  ParsePart deadline_part_ = ParsePart::nothing;
  SteadyClock::time_point deadline_ = SteadyClock::time_point::max();
  // Of what is being sent: since when it does not go out at once, and how much of it has.
  SteadyClock::time_point sending_since_ = SteadyClock::time_point::max();
  std::size_t sent_bytes_ = 0;
  InputBuffer input_;
  RequestParser parser_;
  OutputQueue output_;
  std::move_only_function<void()> drained_;
  std::move_only_function<void()> closed_;
};

}  // namespace pourtocol::http
