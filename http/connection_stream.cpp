// The part of a connection that sends answers piece by piece.
#include <boost/asio/post.hpp>
#include <utility>

#include "http/connection.hpp"
#include "http/text.hpp"

namespace pourtocol::http {

namespace asio = boost::asio;

bool Connection::begin_stream(Response response, StreamKind kind) {
  if (!handling()) return false;
  const bool live = kind == StreamKind::live;
  if (live && !parser_.is_head() && !server_->begin_stream(*this)) {
    answer(refusal(503, "too_many_streams", "Too many live streams are open already."));
    return false;
  }
  chunked_ = parser_.is_http_1_1();
  output_.append(head_of(response));
  if (chunked_) output_.append("Transfer-Encoding: chunked\r\n");
  output_.append(server_->head_end(Persistence::close));
  if (parser_.is_head()) {
    answered(false);
    return false;
  }
  phase_ = Phase::streaming;
  request_done_ = in_process_;
  if (!in_process_) finish_request();
  if (live) {
    stream_counted_ = true;
  } else {
    sending_since_ = SteadyClock::now();
  }
  if (!response.body.empty()) {
    queue(std::make_shared<const std::string>(std::move(response.body)));
  }
  flush();
  if (phase_ == Phase::streaming && !in_process_) watch();
  return phase_ == Phase::streaming;
}

bool Connection::stream_send(SharedText message) {
  if (!streaming()) return false;
  if (message->empty()) return true;
  const Limits& limits = server_->limits();
  if (!output_.empty() && (output_.pieces() >= limits.stream_queue_messages_max ||
                           output_.bytes() + message->size() > limits.stream_queue_bytes_max)) {
    ++server_->counters().streams_too_slow;
    reset();
    return false;
  }
  queue(std::move(message));
  if (write_pending_) {
    note_unsent();
  } else {
    flush();
  }
  return streaming();
}

void Connection::queue(SharedText message) {
  if (chunked_) {
    output_.append_chunk(std::move(message));
  } else {
    const std::string_view text = *message;
    output_.append_shared(std::move(message), text);
  }
}

void Connection::stream_finish() {
  if (!streaming()) return;
  closed_ = nullptr;
  drained_ = nullptr;
  if (chunked_) output_.append("0\r\n\r\n");
  phase_ = Phase::ending;
  end_stream_bookkeeping();
  flush();
}

void Connection::stream_abort() {
  if (!streaming()) return;
  closed_ = nullptr;
  reset();
}

void Connection::stream_when_drained(std::move_only_function<void()> ready) {
  if (!streaming()) return;
  if (output_.empty()) {
    asio::post(server_->executor(),
               [self = shared_from_this(), ready = std::move(ready)]() mutable {
                 if (self->streaming()) ready();
               });
    return;
  }
  drained_ = std::move(ready);
}

void Connection::stream_when_closed(std::move_only_function<void()> closed) {
  if (streaming()) {
    closed_ = std::move(closed);
  } else {
    asio::post(server_->executor(), std::move(closed));
  }
}

bool Connection::streaming() const noexcept {
  return phase_ == Phase::streaming;
}

void Connection::end_stream_bookkeeping() {
  if (!std::exchange(stream_counted_, false)) return;
  server_->end_stream(*this);
}

}  // namespace pourtocol::http
