// A vector of at most `Capacity` values, held in place: no heap, so it serves on a board too.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "core/assert.hpp"

namespace pourtocol {

/// `T` must be default-constructible and copyable. Going over the capacity is a broken
/// precondition: callers check `full()` where the count comes from outside.
template <class T, std::size_t Capacity>
class FixedVector {
 public:
  constexpr void push_back(const T& value) noexcept {
    POURTOCOL_ASSERT(!full());
    values_[size_++] = value;
  }
  /// Appends, dropping the oldest value when full: a ring in order of age.
  constexpr void push_back_dropping_oldest(const T& value) noexcept {
    if (full()) {
      for (std::size_t i = 1; i < size_; ++i) values_[i - 1] = values_[i];
      --size_;
    }
    push_back(value);
  }
  constexpr void clear() noexcept { size_ = 0; }

  [[nodiscard]] constexpr bool full() const noexcept { return size_ == Capacity; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] static constexpr std::size_t capacity() noexcept { return Capacity; }

  [[nodiscard]] constexpr T& operator[](std::size_t i) noexcept {
    POURTOCOL_ASSERT(i < size_);
    return values_[i];
  }
  [[nodiscard]] constexpr const T& operator[](std::size_t i) const noexcept {
    POURTOCOL_ASSERT(i < size_);
    return values_[i];
  }
  [[nodiscard]] constexpr const T& back() const noexcept { return (*this)[size_ - 1]; }
  [[nodiscard]] constexpr T* begin() noexcept { return values_.data(); }
  [[nodiscard]] constexpr T* end() noexcept { return values_.data() + size_; }
  [[nodiscard]] constexpr const T* begin() const noexcept { return values_.data(); }
  [[nodiscard]] constexpr const T* end() const noexcept { return values_.data() + size_; }

  friend constexpr bool operator==(const FixedVector& a, const FixedVector& b) noexcept {
    if (a.size_ != b.size_) return false;
    for (std::size_t i = 0; i < a.size_; ++i) {
      if (!(a.values_[i] == b.values_[i])) return false;
    }
    return true;
  }

 private:
  std::array<T, Capacity> values_{};
  std::size_t size_ = 0;
};

}  // namespace pourtocol
