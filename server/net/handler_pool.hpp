#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "server/http/rate_limiter.hpp"

namespace khochung::net {

/// The threads on which handlers run. What waits is bounded, so that overload is told to clients
/// instead of piling up.
/// Threads: safe from many threads.
class HandlerPool {
 public:
  class Task {
   public:
    virtual ~Task() = default;
    virtual void run() = 0;
  };

  HandlerPool(unsigned threads, std::size_t max_waiting);
  /// Runs what waits, then joins.
  ~HandlerPool();

  /// Takes a new piece of work; false, and `task` stays, when too much waits already for a work of
  /// its kind: searches are turned away last.
  bool try_post(std::unique_ptr<Task>& task, http::Load load);
  /// Takes a further piece of work that was begun before; never refused.
  void post(std::unique_ptr<Task> task);
  /// Whether as much waits as runs.
  [[nodiscard]] bool is_busy() const;

 private:
  void work();

  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::unique_ptr<Task>> waiting_;
  std::size_t max_waiting_;
  std::size_t sleepers_ = 0;
  bool is_closed_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace khochung::net
