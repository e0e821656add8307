#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace khochung::storage {

/// Requests of many threads that are carried out together, by the first of them that finds nobody
/// at work: what came while a round ran shares the fsyncs of the next.
/// A request has a `bool is_ended`; only when that is set does its caller look at what came of it.
/// Threads: safe from many threads.
template <typename Request>
class Rounds {
 public:
  /// Takes part in the next round and returns when it has ended. `run` gets the requests of a round
  /// in the order in which they came, on one of the callers' threads, one round at a time.
  template <typename Run>
  void join(Request& request, const Run& run) {
    std::unique_lock lock(mutex_);
    waiting_.push_back(&request);
    while (!request.is_ended) {
      if (is_running_) {
        round_ended_.wait(lock);
        continue;
      }
      is_running_ = true;
      const auto requests = std::exchange(waiting_, {});
      lock.unlock();
      run(requests);
      lock.lock();
      for (auto* ended : requests) ended->is_ended = true;
      is_running_ = false;
      round_ended_.notify_all();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable round_ended_;
  std::vector<Request*> waiting_;
  bool is_running_ = false;
};

}  // namespace khochung::storage
