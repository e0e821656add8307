#include "indexer/pipeline/side_by_side.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace khochung::pipeline {
namespace {

/// The numbers that are still to be done, and the first error.
class Rounds {
 public:
  Rounds(std::size_t count, const std::function<Result<void>(std::size_t)>& work)
      : count_(count), work_(work) {}

  void work_on(Places& places) {
    for (auto next = next_++; next < count_; next = next_++) {
      if (const auto done = places.one([&] { return work_(next); }); !done) fail_with(done.error());
    }
  }
  [[nodiscard]] Result<void> outcome() const { return error_ ? fail(*error_) : Result<void>(); }

 private:
  void fail_with(const Error& error) {
    next_ = count_;
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = error;
  }

  std::size_t count_;
  const std::function<Result<void>(std::size_t)>& work_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::optional<Error> error_;
};

}  // namespace

Result<void> Places::one(const std::function<Result<void>()>& work) {
  free_.acquire();
  auto done = work();
  free_.release();
  return done;
}

Result<void> Places::each(std::size_t count, const std::function<Result<void>(std::size_t)>& work) {
  Rounds rounds(count, work);
  {
    std::vector<std::jthread> helpers;
    for (auto i = std::min(count, static_cast<std::size_t>(count_)); i > 1; --i)
      helpers.emplace_back([&] { rounds.work_on(*this); });
    rounds.work_on(*this);
  }
  return rounds.outcome();
}

}  // namespace khochung::pipeline
