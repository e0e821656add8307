#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "schemas/result.hpp"

namespace khochung::storage {

/// Calls `work(index)` for each index below `count`, from a few threads; begins no more of them
/// after an error, and gives the first one.
template <typename Work>
Result<void> in_parallel(std::size_t count, std::size_t threads, Work work) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::optional<Error> error;
  const auto run = [&] {
    for (std::size_t index = next++; index < count; index = next++) {
      const Result<void> done = work(index);
      if (done) continue;
      const std::scoped_lock lock(mutex);
      if (!error) error = done.error();
      next = count;
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min(threads, count); ++i) others.emplace_back(run);
    run();
  }
  if (error) return fail(*error);
  return {};
}

}  // namespace khochung::storage
