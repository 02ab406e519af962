#include "http/output_queue.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/assert.hpp"

namespace pourtocol::http {

namespace {
constexpr std::string_view line_break = "\r\n";
/// A buffer that once held much is not kept for a connection that may idle for hours.
constexpr std::size_t own_capacity_kept = 16 * 1024;
}  // namespace

void OutputQueue::append(std::string_view text) {
  if (text.empty()) return;
  if (pieces() == 0) {
    own_.append(text);
    bytes_ += text.size();
    return;
  }
  append_whole(std::string{text});
}

void OutputQueue::append_whole(std::string text) {
  text.shrink_to_fit();  // nobody adds to it any more
  auto owner = std::make_shared<const std::string>(std::move(text));
  const std::string_view view = *owner;
  append_shared(std::move(owner), view);
}

void OutputQueue::append_shared(std::shared_ptr<const void> owner, std::string_view text,
                                Held held) {
  if (text.empty()) return;
  Piece piece;
  piece.held = held;
  piece.owner = std::move(owner);
  piece.text = text;
  push(std::move(piece));
}

void OutputQueue::append_chunk(SharedText text) {
  if (text->empty()) return;  // an empty chunk would end the body
  Piece piece;
  piece.text = *text;
  char* const first = piece.prefix.data();
  char* const end = std::to_chars(first, first + 16, text->size(), 16).ptr;
  piece.prefix_size =
      static_cast<std::uint8_t>(std::copy(line_break.begin(), line_break.end(), end) - first);
  piece.owner = std::move(text);
  push(std::move(piece));
}

void OutputQueue::push(Piece piece) {
  bytes_ += piece.size();
  held_ += piece.held_bytes();
  pieces_.push_back(std::move(piece));
}

std::span<const boost::asio::const_buffer> OutputQueue::gather(Buffers& buffers) const {
  std::size_t count = 0;
  if (own_sent_ < own_.size()) {
    buffers[count++] = {own_.data() + own_sent_, own_.size() - own_sent_};
  }
  std::size_t skip = first_sent_;
  const auto add = [&](std::string_view part) {
    const std::size_t skipped = std::min(skip, part.size());
    skip -= skipped;
    if (skipped < part.size()) buffers[count++] = {part.data() + skipped, part.size() - skipped};
  };
  for (std::size_t i = first_; i < pieces_.size() && count + 3 <= gather_max; ++i) {
    const Piece& piece = pieces_[i];
    add({piece.prefix.data(), piece.prefix_size});
    add(piece.text);
    if (piece.prefix_size > 0) add(line_break);
  }
  return {buffers.data(), count};
}

void OutputQueue::consume(std::size_t count) {
  POURTOCOL_ASSERT(count <= bytes_);
  bytes_ -= count;
  const std::size_t own = std::min(count, own_.size() - own_sent_);
  own_sent_ += own;
  count -= own;
  if (own_sent_ == own_.size()) {
    own_sent_ = 0;
    own_.clear();
    if (own_.capacity() > own_capacity_kept) own_.shrink_to_fit();
  }
  while (count > 0) {
    const std::size_t left = pieces_[first_].size() - first_sent_;
    if (count < left) {
      first_sent_ += count;
      break;
    }
    count -= left;
    first_sent_ = 0;
    held_ -= pieces_[first_].held_bytes();
    pieces_[first_++] = Piece{};
  }
  if (first_ == pieces_.size()) {
    pieces_.clear();
    first_ = 0;
  } else if (first_ > 64) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void OutputQueue::clear() noexcept {
  own_.clear();
  pieces_.clear();
  own_sent_ = first_ = first_sent_ = bytes_ = held_ = 0;
}

}  // namespace pourtocol::http
