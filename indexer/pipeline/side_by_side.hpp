#pragma once

#include <cstddef>
#include <functional>
#include <semaphore>

#include "schemas/result.hpp"

namespace khochung::pipeline {

/// A number of places for heavy work, shared by all who have some: the pages of one long scan take
/// all of them, two scans share them, and no more workers run at once than there are places.
/// Threads: safe from many threads.
class Places {
 public:
  explicit Places(int count) : count_(count), free_(count) {}

  /// Does `work` once, when there is a place.
  Result<void> one(const std::function<Result<void>()>& work);

  /// Does `work` for each number below `count`, side by side where there are places, on threads
  /// that end with this call.
  /// Errors: the first that `work` gives; nothing is begun after it.
  /// Threads: `work` is called from several at once.
  Result<void> each(std::size_t count, const std::function<Result<void>(std::size_t)>& work);

 private:
  int count_;
  std::counting_semaphore<> free_;
};

}  // namespace khochung::pipeline
