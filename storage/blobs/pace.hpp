#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

namespace khochung::storage {

/// Lets bytes through at so many a second, so that work in the background leaves the disk to
/// people. Time that nobody used is not saved up. Threads: safe from many threads; they share the
/// rate.
class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// What time is and how it passes; tests put their own in its place.
  struct Clock {
    std::function<Time()> now;
    std::function<void(Time until)> wait;
  };
  /// Without a rate nobody waits.
  explicit Pace(std::optional<std::uint64_t> bytes_per_second = {});
  Pace(std::uint64_t bytes_per_second, Clock clock);

  /// Waits until `bytes` may go through.
  void take(std::uint64_t bytes);

 private:
  std::optional<std::uint64_t> bytes_per_second_;
  Clock clock_;
  std::mutex mutex_;
  Time next_{};
};

}  // namespace khochung::storage
