#pragma once

#include <cstddef>
#include <functional>
#include <semaphore>

#include "schemas/guarded.hpp"
#include "schemas/result.hpp"

namespace khochung::pipeline {

/// A number of places for heavy work, shared by all who have some: the pages of one long scan take
/// all of them, two scans share them, and no more workers run at once than there are places.
/// Threads: safe from many threads.
class Places {
 public:
  explicit Places(int count) : count_(count), free_(count) {}

  /// From now on work that is to begin waits for as long as `is_busy` says that people wait for the
  /// machine, a few seconds at most: pages are read more slowly then, but read. Empty: nobody
  /// waits.
  void give_way_to(std::function<bool()> is_busy);

  /// Does `work` once, when there is a place.
  Result<void> one(const std::function<Result<void>()>& work);

  /// Does `work` for each number below `count`, side by side where there are places, on threads
  /// that end with this call.
  /// Errors: the first that `work` gives; nothing is begun after it.
  /// Threads: `work` is called from several at once.
  Result<void> each(std::size_t count, const std::function<Result<void>(std::size_t)>& work);

 private:
  void give_way() const;

  int count_;
  std::counting_semaphore<> free_;
  Guarded<std::function<bool()>> is_busy_;
};

}  // namespace khochung::pipeline
