// What a connection still has to send, in order: text of its own, and shared text it only points
// to. Not for includers outside this room.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/server.hpp"

namespace pourtocol::http {

class OutputQueue {
 public:
  static constexpr std::size_t gather_max = 24;
  using Buffers = std::array<boost::asio::const_buffer, gather_max>;

  /// Copies `text`: cheapest for heads and small bodies.
  void append(std::string_view text);
  /// Points to `text`, which `owner` keeps alive.
  void append_shared(std::shared_ptr<const void> owner, std::string_view text,
                     Held held = Held::until_sent);
  /// Keeps `text` until it is sent: cheapest for large bodies.
  void append_whole(std::string text);
  /// The same, as one chunk of a chunked body.
  void append_chunk(SharedText text);

  [[nodiscard]] bool empty() const noexcept { return bytes_ == 0; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  /// How many bytes are held only for what is not sent yet. Of a text that is sent in part, all.
  [[nodiscard]] std::size_t held() const noexcept { return own_.size() + held_; }
  /// Shared texts not yet sent completely.
  [[nodiscard]] std::size_t pieces() const noexcept { return pieces_.size() - first_; }

  /// The next bytes to send, as many as fit one gather write.
  [[nodiscard]] std::span<const boost::asio::const_buffer> gather(Buffers& buffers) const;
  /// Forgets the first `count` bytes.
  void consume(std::size_t count);
  void clear() noexcept;

 private:
  struct Piece {
    std::shared_ptr<const void> owner;
    std::string_view text;
    std::array<char, 18> prefix{};  // of a chunk: 16 hexadecimal digits and the line break
    std::uint8_t prefix_size = 0;
    Held held = Held::until_sent;
    [[nodiscard]] std::size_t size() const noexcept {
      return prefix_size + text.size() + (prefix_size > 0 ? 2 : 0);
    }
    [[nodiscard]] std::size_t held_bytes() const noexcept {
      return held == Held::anyway ? 0 : text.size();
    }
  };
  void push(Piece piece);

  std::string own_;  // sent before all pieces
  std::size_t own_sent_ = 0;
  std::vector<Piece> pieces_;
  std::size_t first_ = 0;
  std::size_t first_sent_ = 0;  // bytes of the first piece that are gone
  std::size_t bytes_ = 0;
  std::size_t held_ = 0;  // by the pieces
};

}  // namespace pourtocol::http
