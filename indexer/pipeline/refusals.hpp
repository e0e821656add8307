#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>

namespace khochung::pipeline {

/// How often each part of the queue of jobs has refused on end. A lane that has nothing to do says
/// nothing of the others: each is counted by itself.
/// Threads: safe from many threads.
class Refusals {
 public:
  enum class Part {
    quick_lane,
    slow_lane,
    ends  ///< that a job is done cannot be noted
  };

  void refused(Part part) { ++count_of(part); }
  void went_well(Part part) { count_of(part) = 0; }
  /// Whether some part has refused several times, so that nobody need wait for it.
  [[nodiscard]] bool is_stuck() const {
    return std::ranges::any_of(counts_, [](int count) { return count >= most; });
  }

 private:
  static constexpr int most = 3;

  std::atomic<int>& count_of(Part part) { return counts_.at(static_cast<std::size_t>(part)); }
  std::array<std::atomic<int>, 3> counts_{};
};

}  // namespace khochung::pipeline
