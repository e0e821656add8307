#include "indexer/pipeline/side_by_side.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace khochung::pipeline {
namespace {

constexpr std::chrono::milliseconds between_looks{50};
constexpr std::chrono::milliseconds longest_wait{5'000};

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

void Places::give_way_to(std::function<bool()> is_busy) {
  is_busy_.with([&](auto& present) { present = std::move(is_busy); });
}

void Places::give_way() const {
  for (auto waited = longest_wait; waited > waited.zero(); waited -= between_looks) {
    if (!is_busy_.with([](const auto& is_busy) { return is_busy && is_busy(); })) return;
    std::this_thread::sleep_for(between_looks);
  }
}

Result<void> Places::one(const std::function<Result<void>()>& work) {
  give_way();
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
