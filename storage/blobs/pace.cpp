#include "storage/blobs/pace.hpp"

#include <algorithm>
#include <thread>

namespace khochung::storage {

Pace::Pace(std::optional<std::uint64_t> bytes_per_second)
    : bytes_per_second_(bytes_per_second),
      clock_{[] { return std::chrono::steady_clock::now(); },
             [](Time until) { std::this_thread::sleep_until(until); }} {}

Pace::Pace(std::uint64_t bytes_per_second, Clock clock)
    : bytes_per_second_(bytes_per_second), clock_(std::move(clock)) {}

void Pace::take(std::uint64_t bytes) {
  if (!bytes_per_second_) return;
  const auto share = std::chrono::duration<double>(static_cast<double>(bytes) /
                                                   static_cast<double>(*bytes_per_second_));
  const auto now = clock_.now();
  Time turn;
  {
    const std::scoped_lock lock(mutex_);
    turn = std::max(next_, now);
    next_ = turn + std::chrono::duration_cast<Time::duration>(share);
  }
  if (turn > now) clock_.wait(turn);
}

}  // namespace khochung::storage
