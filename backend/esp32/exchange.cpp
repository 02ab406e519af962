#include "backend/esp32/exchange.hpp"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>

#include "core/assert.hpp"
#include "protocol/limits.hpp"

namespace pourtocol::esp32 {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::uint32_t head_bytes_max = 8192;

bool is_end_of_connection(const boost::system::error_code& error) {
  // Beast's own errors but these two say that what came is not HTTP, or too long.
  return error == http::error::end_of_stream || error == http::error::partial_message ||
         error.category() != http::make_error_code(http::error::end_of_stream).category();
}

}  // namespace

Exchange::Exchange(asio::io_context& context, std::shared_ptr<Addresses> addresses,
                   std::function<Instant()> now, Plan plan, Done done)
    : addresses_{std::move(addresses)},
      now_{std::move(now)},
      plan_{std::move(plan)},
      done_{std::move(done)},
      socket_{context},
      deadline_{context},
      attempt_{context},
      buffer_{head_bytes_max + protocol::body_bytes_max} {
  POURTOCOL_ASSERT(!plan_.reused || plan_.repeatable);
}

void Exchange::start() {
  if (ended_) return;
  deadline_.expires_after(plan_.timeout);
  deadline_.async_wait([self = shared_from_this()](const Error& error) {
    if (!error) self->on_deadline();
  });
  if (plan_.reused) {
    socket_ = std::move(*plan_.reused);
    send();
  } else {
    find_addresses();
  }
}

void Exchange::abandon() {
  ended_ = true;
  connecting_ = false;
  done_ = nullptr;
  deadline_.cancel();
  attempt_.cancel();
  Error ignored;
  socket_.close(ignored);
}

void Exchange::find_addresses() {
  addresses_->get([self = shared_from_this()](const Addresses::List& found) {
    if (self->ended_) return;
    self->candidates_ = found;
    self->candidate_ = 0;
    self->connect_detail_ = "its name is not known";
    self->connect_next();
  });
}

void Exchange::connect_next() {
  if (candidate_ == candidates_.size()) return fail(Breakdown::not_connected, connect_detail_);
  // An address that leads nowhere must not eat up the time of the others.
  const auto left = deadline_.expiry() - std::chrono::steady_clock::now();
  const auto share = left / static_cast<std::int64_t>(candidates_.size() - candidate_);
  attempt_.expires_after(share);
  attempt_.async_wait([self = shared_from_this(), attempt = candidate_](const Error& error) {
    if (error || !self->connecting_ || attempt != self->candidate_) return;
    Error ignored;
    self->socket_.close(ignored);  // ends the connect in an error
  });
  connecting_ = true;
  const Tcp::endpoint endpoint{candidates_[candidate_], plan_.port};
  socket_.async_connect(
      endpoint, [self = shared_from_this()](const Error& error) { self->on_connected(error); });
}

void Exchange::on_connected(const Error& error) {
  if (ended_) return;
  connecting_ = false;
  attempt_.cancel();
  // The time may have run out just after the connection was made: then it was closed again.
  if (error || !socket_.is_open()) {
    const bool timed_out = !error || error == asio::error::operation_aborted;
    connect_detail_ = timed_out ? "no connection in time" : error.message();
    Error ignored;
    socket_.close(ignored);
    ++candidate_;
    return connect_next();
  }
  addresses_->prefer(candidates_[candidate_]);
  send();
}

void Exchange::send() {
  asked_at_ = now_();
  Error ignored;
  socket_.set_option(Tcp::no_delay{true}, ignored);
  asio::async_write(socket_, asio::buffer(plan_.request),
                    [self = shared_from_this()](const Error& error, std::size_t) {
                      if (self->ended_) return;
                      if (error) return self->lose(error);
                      self->receive();
                    });
}

void Exchange::receive() {
  buffer_.clear();
  parser_.emplace();
  parser_->header_limit(head_bytes_max);
  parser_->body_limit(protocol::body_bytes_max);
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](const Error& error, std::size_t) {
                     if (!self->ended_) self->on_received(error);
                   });
}

void Exchange::on_received(const Error& error) {
  if (!error) {
    return finish(HttpAnswer{static_cast<int>(parser_->get().result_int()),
                             std::move(parser_->get().body())});
  }
  if (is_end_of_connection(error)) return lose(error);
  fail(Breakdown::not_http, error.message());
}

void Exchange::on_deadline() {
  if (ended_) return;
  if (asked_at_) return fail(Breakdown::timed_out, "no answer in time");
  fail(Breakdown::not_connected, "no connection in time");
}

void Exchange::lose(const Error& error) {
  const bool answer_begun = parser_ && parser_->got_some();
  if (!plan_.repeatable || answer_begun) return fail(Breakdown::connection_lost, error.message());
  plan_.repeatable = false;
  parser_.reset();
  Error ignored;
  socket_.close(ignored);
  find_addresses();
}

void Exchange::fail(Breakdown how, std::string detail) {
  addresses_->doubt();
  finish(std::unexpected{NoAnswer{how, std::move(detail)}});
}

void Exchange::finish(std::expected<HttpAnswer, NoAnswer> answer) {
  ended_ = true;
  connecting_ = false;
  deadline_.cancel();
  attempt_.cancel();
  ExchangeEnd end{.answer = std::move(answer),
                  .asked_at = asked_at_ ? *asked_at_ : now_(),
                  .kept = std::nullopt};
  // Bytes beyond the answer belong to nothing: such a connection is not used again.
  if (end.answer && parser_->get().keep_alive() && buffer_.size() == 0) {
    end.kept = std::move(socket_);
  } else {
    Error ignored;
    socket_.close(ignored);
  }
  auto done = std::exchange(done_, nullptr);
  done(std::move(end));
}

}  // namespace pourtocol::esp32
