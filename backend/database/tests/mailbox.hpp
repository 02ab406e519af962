// An event loop for tests: takes what worker threads post, runs it when the test says so.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stdexcept>

#include "backend/database/post.hpp"

namespace pourtocol::database::testing {

class Mailbox {
 public:
  [[nodiscard]] Post post() {
    return [this](std::move_only_function<void()> task) {
      {
        const std::scoped_lock guard{mutex_};
        tasks_.push_back(std::move(task));
      }
      wake_.notify_one();
    };
  }

  /// Runs tasks as they come until `done`. Throws when nothing comes for half a minute.
  void run_until(const std::function<bool()>& done) {
    while (!done()) take()();
  }

  /// Forgets what was posted and not run.
  void clear() {
    const std::scoped_lock guard{mutex_};
    tasks_.clear();
  }

 private:
  std::move_only_function<void()> take() {
    std::unique_lock guard{mutex_};
    if (!wake_.wait_for(guard, std::chrono::seconds{30}, [this] { return !tasks_.empty(); })) {
      throw std::runtime_error{"nothing was posted for 30 s"};
    }
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::move_only_function<void()>> tasks_;
};

}  // namespace pourtocol::database::testing
