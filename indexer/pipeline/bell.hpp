#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

namespace khochung::pipeline {

/// Wakes a thread that waits for work.
/// Threads: safe from many threads.
class Bell {
 public:
  void ring() {
    {
      const std::lock_guard lock(mutex_);
      rung_ = true;
    }
    condition_.notify_all();
  }

  /// Returns when the bell was rung since the last wait, `longest` has passed, or a stop is wanted.
  /// True: it was rung.
  bool wait(const std::stop_token& stop, std::chrono::milliseconds longest) {
    std::unique_lock lock(mutex_);
    condition_.wait_for(lock, stop, longest, [this] { return rung_; });
    return std::exchange(rung_, false);
  }
  /// Returns when `time` has passed or a stop is wanted; a ring is kept for the next wait.
  void rest(const std::stop_token& stop, std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    condition_.wait_for(lock, stop, time, [] { return false; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any condition_;
  bool rung_ = false;
};

}  // namespace khochung::pipeline
