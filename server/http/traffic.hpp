#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace khochung::http {

/// How the requests of one route went: for each class of status how many, and how long they took.
/// Threads: safe from many threads; never waits.
class RouteTraffic {
 public:
  /// Upper ends of the buckets, in seconds; one more takes what is longer.
  static constexpr std::array<double, 12> bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                 0.1,   0.25,   0.5,   1,    2.5,   10};
  /// 1xx to 5xx.
  static constexpr std::size_t classes = 5;

  struct Histogram {
    std::array<std::uint64_t, bounds.size() + 1> counts{};  ///< of each bucket alone
    double seconds = 0;                                     ///< all requests together
  };

  void note(int status, std::chrono::microseconds took);
  /// `status_class`: 1 to 5.
  [[nodiscard]] Histogram histogram(std::size_t status_class) const;

 private:
  struct Counts {
    std::array<std::atomic<std::uint64_t>, bounds.size() + 1> buckets{};
    std::atomic<std::uint64_t> microseconds = 0;
  };
  std::array<Counts, classes> counts_{};
};

/// What a server is busy with besides its routes.
/// Threads: safe from many threads.
struct Occupancy {
  std::atomic<std::int64_t> connections = 0;  ///< open now
  RouteTraffic unrouted;                      ///< requests that no route has
};

}  // namespace khochung::http
