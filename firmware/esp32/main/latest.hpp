// A value that one task makes and others look at: only the newest counts.
#pragma once

#include <freertos/FreeRTOS.h>
#include <freertos/semphr.h>

namespace pourtocol::board {

/// Copies in and out under a mutex (whose owner inherits the priority of who waits). The control
/// task uses the `try_` functions, which never wait.
template <class T>
class Latest {
 public:
  Latest() noexcept : mutex_{xSemaphoreCreateMutexStatic(&storage_)} {}
  Latest(const Latest&) = delete;
  Latest& operator=(const Latest&) = delete;

  void put(const T& value) noexcept { (void)put_within(value, portMAX_DELAY); }
  [[nodiscard]] bool try_put(const T& value) noexcept { return put_within(value, 0); }

  void get(T& value) noexcept { (void)get_within(value, portMAX_DELAY); }
  /// False: somebody is at it, and `value` is as it was.
  [[nodiscard]] bool try_get(T& value) noexcept { return get_within(value, 0); }

 private:
  bool put_within(const T& value, TickType_t patience) noexcept {
    if (xSemaphoreTake(mutex_, patience) != pdTRUE) return false;
    value_ = value;
    xSemaphoreGive(mutex_);
    return true;
  }
  bool get_within(T& value, TickType_t patience) noexcept {
    if (xSemaphoreTake(mutex_, patience) != pdTRUE) return false;
    value = value_;
    xSemaphoreGive(mutex_);
    return true;
  }

  StaticSemaphore_t storage_;
  SemaphoreHandle_t mutex_;
  T value_{};
};

}  // namespace pourtocol::board
