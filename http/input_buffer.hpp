// The bytes a connection has received and not yet used up. Not for includers outside this room.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "core/assert.hpp"

namespace pourtocol::http {

/// Starts small, since thousands of connections are mostly idle, and grows up to what was allowed.
class InputBuffer {
 public:
  explicit InputBuffer(std::size_t capacity_max) noexcept : capacity_max_{capacity_max} {}

  [[nodiscard]] const char* data() const noexcept { return bytes_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.get(), size_}; }
  [[nodiscard]] bool full() const noexcept { return size_ == capacity_max_; }

  /// Free space behind the bytes, growing if there is none; empty only if `full`. Growing moves the
  /// bytes.
  [[nodiscard]] std::span<char> space() {
    if (size_ == capacity_) grow();
    return {bytes_.get() + size_, capacity_ - size_};
  }
  void received(std::size_t count) noexcept {
    POURTOCOL_ASSERT(count <= capacity_ - size_);
    size_ += count;
  }
  /// Takes out `count` bytes at `offset`; what follows moves up.
  void erase(std::size_t offset, std::size_t count) noexcept {
    POURTOCOL_ASSERT(offset + count <= size_);
    if (count == 0) return;
    std::memmove(bytes_.get() + offset, bytes_.get() + offset + count, size_ - offset - count);
    size_ -= count;
  }
  /// Gives the memory back.
  void release() noexcept {
    bytes_.reset();
    size_ = capacity_ = 0;
  }

 private:
  static constexpr std::size_t first_capacity = 2048;

  void grow() {
    std::size_t wanted = capacity_ == 0 ? first_capacity : capacity_ * 2;
    if (wanted > capacity_max_) wanted = capacity_max_;
    if (wanted == capacity_) return;
    auto bytes = std::make_unique_for_overwrite<char[]>(wanted);
    if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
    bytes_ = std::move(bytes);
    capacity_ = wanted;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t capacity_max_;
};

}  // namespace pourtocol::http
