// The live stream: numbers every change, and tells it to everybody who listens (server-sent
// events).
//
// One event is one immutable message, shared by all clients. What waits for a slow client is
// bounded by the HTTP room; a client that falls behind is closed there, rejoins, and starts with a
// fresh snapshot.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/server.hpp"

namespace pourtocol::routes {

class LiveFeed {
 public:
  /// The number of the last change; 0 before the first.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
  /// Call once per change, before its event is built: the event carries the new number.
  std::uint64_t advance() noexcept { return ++version_; }

  /// Nobody listens: no event need be built.
  [[nodiscard]] bool empty() const noexcept { return clients_.empty(); }
  [[nodiscard]] std::size_t clients() const noexcept { return clients_.size(); }

  /// The head of the stream, with the first event as its beginning.
  [[nodiscard]] static http::Response opening(const std::string& first_event);

  void join(http::Stream stream);

  /// Sends one event to everybody and forgets those who are gone.
  void publish(std::string event);

  /// `data` is JSON on one line. With an id unless `numbered` is false.
  [[nodiscard]] std::string event(std::string_view name, std::string_view data,
                                  bool numbered = true) const;

 private:
  std::uint64_t version_ = 0;
  std::vector<http::Stream> clients_;
};

}  // namespace pourtocol::routes
