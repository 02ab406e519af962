// The handles a handler holds: thin ways to a connection that may be gone.
#include <utility>

#include "http/connection.hpp"
#include "http/server.hpp"

namespace pourtocol::http {

Responder::Responder(std::shared_ptr<Connection> connection) noexcept
    : connection_{std::move(connection)} {}

Responder& Responder::operator=(Responder&& other) noexcept {
  const Responder abandoned{std::exchange(connection_, std::move(other.connection_))};
  return *this;
}

Responder::~Responder() {
  if (!connection_) return;
  connection_->answer(refusal(500, "internal_error", "The server could not answer this request."));
}

void Responder::send(Response response) && {
  if (const auto connection = std::exchange(connection_, nullptr))
    connection->answer(std::move(response));
}

void Responder::send(SharedResponse response) && {
  if (const auto connection = std::exchange(connection_, nullptr)) connection->answer(response);
}

void Responder::send_raw(std::string bytes, Then then) && {
  if (const auto connection = std::exchange(connection_, nullptr)) {
    connection->answer_raw(std::move(bytes), then);
  }
}

void Responder::abort() && {
  if (const auto connection = std::exchange(connection_, nullptr)) connection->reset();
}

Stream Responder::stream(Response response) && {
  const auto connection = std::exchange(connection_, nullptr);
  using enum Connection::StreamKind;
  if (!connection || !connection->begin_stream(std::move(response), live)) return {};
  return Stream{connection};
}

Stream Responder::download(Response response) && {
  const auto connection = std::exchange(connection_, nullptr);
  using enum Connection::StreamKind;
  if (!connection || !connection->begin_stream(std::move(response), download)) return {};
  return Stream{connection};
}

bool Responder::client_connected() const noexcept {
  return connection_ && connection_->open();
}

Stream::Stream(std::weak_ptr<Connection> connection) noexcept
    : connection_{std::move(connection)} {}

bool Stream::send(SharedText message) const {
  const auto connection = connection_.lock();
  return connection && connection->stream_send(std::move(message));
}

bool Stream::send(std::string message) const {
  return send(std::make_shared<const std::string>(std::move(message)));
}

void Stream::finish() const {
  if (const auto connection = connection_.lock()) connection->stream_finish();
}

void Stream::abort() const {
  if (const auto connection = connection_.lock()) connection->stream_abort();
}

bool Stream::open() const noexcept {
  const auto connection = connection_.lock();
  return connection && connection->streaming();
}

void Stream::when_drained(std::move_only_function<void()> ready) const {
  if (const auto connection = connection_.lock()) {
    connection->stream_when_drained(std::move(ready));
  }
}

void Stream::when_closed(std::move_only_function<void()> closed) const {
  if (const auto connection = connection_.lock()) {
    connection->stream_when_closed(std::move(closed));
  }
}

}  // namespace pourtocol::http
