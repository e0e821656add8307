#include "server/net/handler_pool.hpp"

#include <utility>

namespace khochung::net {
namespace {

/// How much of the queue work of a kind may find taken, in eighths.
std::size_t eighths_of(http::Load load) {
  switch (load) {
    case http::Load::picture:
    case http::Load::bulk: return 4;
    case http::Load::change: return 6;
    case http::Load::light: return 7;
    case http::Load::search:
    case http::Load::by_method: break;
  }
  return 8;
}

}  // namespace

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

bool HandlerPool::try_post(std::unique_ptr<Task>& task, http::Load load) {
  std::unique_lock lock(mutex_);
  if (waiting_.size() * 8 >= max_waiting_ * eighths_of(load)) return false;
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

bool HandlerPool::is_busy() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() >= threads_.size();
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
