#include "backend/esp32/exchange.hpp"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "backend/esp32/bad_answer.hpp"
#include "core/assert.hpp"

namespace pourtocol::esp32 {

namespace asio = boost::asio;

Exchange::Exchange(asio::io_context& context, std::shared_ptr<Addresses> addresses,
                   std::function<Instant()> now, Plan plan, Done done)
    : addresses_{std::move(addresses)},
      now_{std::move(now)},
      plan_{std::move(plan)},
      done_{std::move(done)},
      socket_{context},
      deadline_{context},
      attempt_{context} {
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
  connecting_ = true;
  // An address that leads nowhere must not eat up the time of the others.
  if (candidate_ + 1 < candidates_.size()) limit_attempt();
  const Tcp::endpoint endpoint{candidates_[candidate_], plan_.port};
  socket_.async_connect(
      endpoint, [self = shared_from_this()](const Error& error) { self->on_connected(error); });
}

void Exchange::limit_attempt() {
  const auto left = deadline_.expiry() - std::chrono::steady_clock::now();
  const auto share = left / static_cast<std::int64_t>(candidates_.size() - candidate_);
  attempt_.expires_after(share);
  attempt_.async_wait([self = shared_from_this(), attempt = candidate_](const Error& error) {
    if (error || !self->connecting_ || attempt != self->candidate_) return;
    Error ignored;
    self->socket_.close(ignored);  // ends the connect in an error
  });
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
  Error ignored;
  socket_.set_option(Tcp::no_delay{true}, ignored);
  send();
}

void Exchange::send() {
  asked_at_ = now_();
  asio::async_write(socket_, asio::buffer(plan_.request),
                    [self = shared_from_this()](const Error& error, std::size_t) {
                      if (self->ended_) return;
                      if (error) return self->lose(error);
                      self->receive();
                    });
}

void Exchange::receive() {
  socket_.async_read_some(asio::buffer(buffer_),
                          [self = shared_from_this()](const Error& error, std::size_t size) {
                            if (!self->ended_) self->on_received(error, size);
                          });
}

void Exchange::on_received(const Error& error, std::size_t size) {
  using enum AnswerReader::Progress;
  if (error && error != asio::error::eof) return lose(error);
  switch (error ? reader_.end() : reader_.take({buffer_.data(), size})) {
    case whole:
      return finish(std::move(reader_.answer()));
    case broken:
      return fail(Breakdown::not_http, told_flaw(reader_));
    case more:
      return error ? lose(error) : receive();
  }
}

void Exchange::on_deadline() {
  if (ended_) return;
  if (!asked_at_) return fail(Breakdown::not_connected, "no connection in time");
  fail(Breakdown::timed_out, told_broken_off(reader_, "no end in time"));
}

void Exchange::lose(const Error& error) {
  if (!plan_.repeatable || reader_.begun()) {
    const bool orderly = error == asio::error::eof;
    return fail(Breakdown::connection_lost,
                told_broken_off(reader_, orderly ? "it closed the connection" : error.message()));
  }
  plan_.repeatable = false;
  repeated_ = true;
  Error ignored;
  socket_.close(ignored);
  find_addresses();
}

void Exchange::fail(Breakdown how, std::string detail) {
  addresses_->doubt();
  finish(std::unexpected{NoAnswer{how, std::move(detail), reader_.begun()}});
}

void Exchange::finish(std::expected<HttpAnswer, NoAnswer> answer) {
  ended_ = true;
  connecting_ = false;
  deadline_.cancel();
  attempt_.cancel();
  ExchangeEnd end{.answer = std::move(answer),
                  .asked_at = asked_at_ ? *asked_at_ : now_(),
                  .kept = std::nullopt,
                  .repeated = repeated_};
  if (end.answer && reader_.reusable()) {
    end.kept = std::move(socket_);
  } else {
    Error ignored;
    socket_.close(ignored);
  }
  auto done = std::exchange(done_, nullptr);
  done(std::move(end));
}

}  // namespace pourtocol::esp32
