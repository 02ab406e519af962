#include "http/connection.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <utility>

#include "http/text.hpp"

namespace pourtocol::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// Below this a body is copied behind its head, so that one buffer goes out instead of two.
constexpr std::size_t copied_body_max = 16 * 1024;
/// Pipelined answers are sent off at the latest when this much waits.
constexpr std::size_t unsent_max = 64 * 1024;

[[nodiscard]] bool must_wait(const error_code& ec) noexcept {
  return ec == asio::error::would_block || ec == asio::error::try_again;
}

}  // namespace

Connection::Connection(std::shared_ptr<Server::Impl> server, Socket socket, std::string address,
                       std::uint64_t address_key)
    : server_{std::move(server)},
      socket_{std::move(socket)},
      address_{std::move(address)},
      address_key_{address_key},
      input_{server_->limits().header_bytes_max + server_->limits().body_bytes_max + 1024},
      parser_{server_->limits()} {}

Connection::~Connection() {
  close();
}

void Connection::start() {
  server_->enlist(*this);
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  server_->waits_for(*this);
  set_deadline(server_->limits().idle_timeout);
  read();
}

void Connection::start_refusing(Response response) {
  is_refusal_ = true;
  server_->enlist(*this);
  error_code ignored;
  socket_.non_blocking(true, ignored);
  output_.append(head_with_length(response));
  output_.append(server_->head_end(Persistence::close));
  output_.append(response.body);
  phase_ = Phase::ending;
  flush();
}

// --- requests ---

void Connection::process() {
  // Bytes that are being read into the buffer call for it when they have come.
  if (in_process_ || pending_read_ == PendingRead::bytes) return;
  const auto self = shared_from_this();
  in_process_ = true;
  // One request after another, as long as what they lead to can be sent.
  while (phase_ == Phase::reading && !write_pending_) {
    const ParseStep step = parser_.advance(input_);
    if (step == ParseStep::complete) {
      dispatch();
      if (std::exchange(request_done_, false)) parser_.finish(input_);
      if (output_.bytes() > unsent_max) flush();
    } else if (step == ParseStep::failed) {
      refuse(parser_.failure());
    } else {
      if (step == ParseStep::expect_continue) output_.append("HTTP/1.1 100 Continue\r\n\r\n");
      break;
    }
  }
  in_process_ = false;
  if (phase_ != Phase::reading && phase_ != Phase::handling) release_input();
  flush();
  if (phase_ == Phase::reading && !write_pending_) {
    const bool idle = parser_.part(input_) == ParsePart::nothing;
    if (input_ended_ || (idle && server_->stopping())) {
      close();
    } else {
      set_reading_deadline();
      read();
    }
  } else if (phase_ == Phase::handling || phase_ == Phase::streaming || phase_ == Phase::hanging) {
    watch();
  }
}

void Connection::process_later() {
  asio::post(server_->executor(), [self = shared_from_this()] { self->process(); });
}

void Connection::dispatch() {
  phase_ = Phase::handling;
  Server::Impl::waits_no_longer(*this);
  deadline_ = SteadyClock::time_point::max();
  ++server_->counters().requests;
  Request request = parser_.request(input_);
  request.client_address = address_;
  server_->handle(request, Responder{shared_from_this()});
}

void Connection::refuse(const ParseFailure& failure) {
  ++server_->counters().malformed;
  const Response response = refusal(failure.status, failure.code, failure.reason);
  output_.append(head_with_length(response));
  output_.append(server_->head_end(Persistence::close));
  output_.append(response.body);
  phase_ = Phase::ending;
}

Persistence Connection::persistence() const noexcept {
  const bool last = input_ended_ && !parser_.more_follows(input_);
  if (last || server_->stopping() || !parser_.keep_alive()) return Persistence::close;
  return parser_.is_http_1_1() ? Persistence::keep_alive : Persistence::keep_alive_spoken;
}

void Connection::answer(Response response) {
  if (!handling()) return;
  const Persistence how = persistence();
  output_.append(head_with_length(response));
  output_.append(server_->head_end(how));
  if (!parser_.is_head()) {
    if (response.body.size() <= copied_body_max) {
      output_.append(response.body);
    } else {
      output_.append_whole(std::move(response.body));
    }
  }
  answered(how != Persistence::close);
}

void Connection::answer(const SharedResponse& response) {
  if (!handling()) return;
  const Persistence how = persistence();
  output_.append(response->head());
  output_.append(server_->head_end(how));
  if (!parser_.is_head()) {
    if (response->body().size() <= copied_body_max) {
      output_.append(response->body());
    } else {
      output_.append_shared(response, response->body(), response->held());
    }
  }
  answered(how != Persistence::close);
}

void Connection::answer_raw(std::string bytes, Responder::Then then) {
  if (!handling()) return;
  output_.append(bytes);
  if (then == Responder::Then::hang) {
    phase_ = Phase::hanging;
    flush();
    if (!in_process_ && phase_ == Phase::hanging) watch();
    return;
  }
  reset_at_end_ = then == Responder::Then::reset;
  answered(then == Responder::Then::keep_open && persistence() != Persistence::close);
}

void Connection::answered(bool reusable) {
  phase_ = reusable ? Phase::reading : Phase::ending;
  request_done_ = in_process_;
  if (in_process_) return;
  finish_request();
  flush();
  if (phase_ == Phase::reading && !write_pending_) {
    set_reading_deadline();
    process_later();  // never from inside the caller: another handler would run in the midst of it
  }
}

void Connection::finish_request() {
  parser_.finish(input_);
  if (phase_ != Phase::reading) release_input();
}

void Connection::release_input() noexcept {
  // A handler may still look at its request, the kernel may still be told to write here.
  if (!in_process_ && pending_read_ != PendingRead::bytes) input_.release();
}

void Connection::reset() {
  if (phase_ == Phase::closed) return;
  error_code ignored;
  socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
  close();
}

// --- reading ---

void Connection::read() {
  if (pending_read_ != PendingRead::none) return;
  const auto space = input_.space();
  pending_read_ = PendingRead::bytes;
  socket_.async_read_some(asio::buffer(space.data(), space.size()),
                          [self = shared_from_this()](error_code ec, std::size_t count) {
                            self->pending_read_ = PendingRead::none;
                            if (self->phase_ == Phase::closed) return;
                            if (ec == asio::error::eof) return self->on_end_of_input();
                            if (ec) return self->close();
                            self->on_received(count);
                          });
}

void Connection::watch() {
  if (pending_read_ != PendingRead::none || input_ended_ || input_.full()) return;
  pending_read_ = PendingRead::readiness;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](error_code ec) {
    self->pending_read_ = PendingRead::none;
    if (self->phase_ != Phase::closed) self->on_readable(ec);
  });
}

void Connection::on_readable(error_code ec) {
  if (ec) return close();
  const bool wanted = phase_ == Phase::reading || phase_ == Phase::handling;
  const auto space = wanted ? input_.space() : server_->sink();
  const std::size_t count = socket_.read_some(asio::buffer(space.data(), space.size()), ec);
  if (must_wait(ec)) return watch();
  if (ec == asio::error::eof) return on_end_of_input();
  if (ec) return close();
  if (!wanted) return watch();
  on_received(count);
}

void Connection::on_received(std::size_t count) {
  const bool wanted = phase_ == Phase::reading || phase_ == Phase::handling;
  if (wanted) input_.received(count);
  if (phase_ == Phase::reading) {
    process();
  } else {
    watch();
  }
}

void Connection::on_end_of_input() {
  input_ended_ = true;
  // A client may close its sending half and still wait for the answer it is owed.
  if (phase_ == Phase::handling || phase_ == Phase::ending) return;
  if (phase_ != Phase::reading) return close();
  // So it is with what was asked before the end and has not been looked at yet; then comes the end.
  if (!write_pending_) process();
}

// --- writing ---

void Connection::flush() {
  if (write_pending_ || phase_ == Phase::closed) return;
  if (output_.empty() && phase_ != Phase::ending) return;
  while (!output_.empty()) {
    OutputQueue::Buffers buffers;
    const auto gathered = output_.gather(buffers);
    error_code ec;
    const std::size_t count = gathered.size() == 1 ? socket_.write_some(gathered.front(), ec)
                                                   : socket_.write_some(gathered, ec);
    if (must_wait(ec)) return await_room();
    if (ec) return close();
    output_.consume(count);
    sent_bytes_ += count;
  }
  on_drained();
}

void Connection::await_room() {
  write_pending_ = true;
  set_deadline(server_->limits().write_timeout);
  if (!is_live() && sending_since_ == SteadyClock::time_point::max()) {
    sending_since_ = SteadyClock::now();
  }
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](error_code failed) {
    self->write_pending_ = false;
    if (self->phase_ == Phase::closed) return;
    if (failed) return self->close();
    self->deadline_ = SteadyClock::time_point::max();
    self->flush();
    if (self->phase_ == Phase::reading && !self->write_pending_) self->process();
  });
  if (!is_live()) server_->waits_for(*this);
  note_unsent();
}

/// May close this connection, or others.
void Connection::note_unsent() noexcept {
  // One text of a live stream is held once for all its clients, and has a bound of its own.
  if (!is_live()) server_->holds_unsent(*this, output_.held());
}

void Connection::on_drained() {
  note_unsent();
  if (phase_ != Phase::streaming) {
    sending_since_ = SteadyClock::time_point::max();
    sent_bytes_ = 0;
  }
  Server::Impl::waits_no_longer(*this);
  if (phase_ == Phase::streaming && drained_) {
    stream_when_drained(std::exchange(drained_, nullptr));
  } else if (phase_ == Phase::ending) {
    linger();
  }
}

void Connection::linger() {
  if (reset_at_end_) return reset();
  error_code ec;
  socket_.shutdown(Socket::shutdown_send, ec);
  if (ec || input_ended_) return close();
  phase_ = Phase::lingering;
  server_->waits_for(*this);
  release_input();
  set_deadline(server_->linger_timeout());
  watch();
}

// --- ending ---

void Connection::set_deadline(std::chrono::milliseconds from_now) {
  deadline_ = SteadyClock::now() + from_now;
}

void Connection::set_reading_deadline() {
  server_->waits_for(*this);
  const ParsePart part = parser_.part(input_);
  // More bytes of the same part earn no more time: a trickle is cut like silence.
  const bool fresh = deadline_ == SteadyClock::time_point::max() || part != deadline_part_;
  if (!fresh) return;
  deadline_part_ = part;
  switch (part) {
    case ParsePart::nothing:
      return set_deadline(server_->limits().idle_timeout);
    case ParsePart::header:
      return set_deadline(server_->limits().header_timeout);
    case ParsePart::body:
      return set_deadline(server_->limits().body_timeout);
  }
}

bool Connection::answer_is_overdue(SteadyClock::time_point now) const noexcept {
  if (!write_pending_ || is_live()) return false;
  const Limits& limits = server_->limits();
  const std::chrono::milliseconds earned{sent_bytes_ * 1000 / limits.answer_bytes_per_second_min};
  return now - sending_since_ >= limits.answer_timeout + earned;
}

void Connection::check_deadline(SteadyClock::time_point now) {
  if (answer_is_overdue(now)) {
    ++server_->counters().timed_out;
    return reset();
  }
  if (now < deadline_) return;
  const bool mid_request =
      phase_ == Phase::reading && !write_pending_ && parser_.part(input_) != ParsePart::nothing;
  if (phase_ == Phase::lingering) return close();
  if (phase_ == Phase::reading && !write_pending_ && !mid_request) return close();
  ++server_->counters().timed_out;
  if (!mid_request) return reset();
  const bool in_body = parser_.part(input_) == ParsePart::body;
  deadline_ = SteadyClock::time_point::max();
  refuse({408, "request_timeout",
          in_body ? "The body did not arrive in time." : "The header did not arrive in time."});
  flush();
}

void Connection::stop() {
  switch (phase_) {
    case Phase::reading:
      if (parser_.part(input_) == ParsePart::nothing && !write_pending_) close();
      break;
    case Phase::streaming: {
      auto closed = std::exchange(closed_, nullptr);
      stream_finish();
      if (closed) asio::post(server_->executor(), std::move(closed));
      break;
    }
    case Phase::lingering:
    case Phase::hanging:
      close();
      break;
    case Phase::handling:
    case Phase::ending:
    case Phase::closed:
      break;
  }
}

void Connection::close() noexcept {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  end_stream_bookkeeping();
  error_code ignored;
  socket_.close(ignored);
  output_.clear();
  release_input();
  drained_ = nullptr;
  if (closed_) asio::post(server_->executor(), std::exchange(closed_, nullptr));
  server_->delist(*this);
}

}  // namespace pourtocol::http
