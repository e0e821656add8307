#include "server/net/handler_pool.hpp"

#include <utility>

namespace khochung::net {

HandlerPool::HandlerPool(unsigned threads, std::size_t max_waiting) : max_waiting_(max_waiting) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

HandlerPool::~HandlerPool() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  filled_.notify_all();
}

bool HandlerPool::try_post(std::unique_ptr<Task>& task) {
  std::unique_lock lock(mutex_);
  if (waiting_.size() >= max_waiting_) return false;
  waiting_.push_back(std::move(task));
  const bool wakes = sleepers_ > 0;
  lock.unlock();
  if (wakes) filled_.notify_one();
  return true;
}

void HandlerPool::post(std::unique_ptr<Task> task) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(task));
  }
  filled_.notify_one();
}

void HandlerPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++sleepers_;
    filled_.wait(lock, [this] { return is_closed_ || !waiting_.empty(); });
    --sleepers_;
    if (waiting_.empty()) return;
    auto task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    task->run();
    task.reset();
    lock.lock();
  }
}

}  // namespace khochung::net
