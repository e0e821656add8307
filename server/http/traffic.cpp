#include "server/http/traffic.hpp"

#include <algorithm>

namespace khochung::http {

void RouteTraffic::note(int status, std::chrono::microseconds took) {
  const auto seconds = std::chrono::duration<double>(took).count();
  const auto bucket = std::ranges::lower_bound(bounds, seconds) - bounds.begin();
  const auto status_class = static_cast<std::size_t>(std::clamp(status / 100, 1, 5));
  auto& counts = counts_.at(status_class - 1);
  counts.buckets.at(static_cast<std::size_t>(bucket)).fetch_add(1, std::memory_order_relaxed);
  const auto micros = std::max<std::int64_t>(0, took.count());
  counts.microseconds.fetch_add(static_cast<std::uint64_t>(micros), std::memory_order_relaxed);
}

RouteTraffic::Histogram RouteTraffic::histogram(std::size_t status_class) const {
  const auto& counts = counts_.at(status_class - 1);
  Histogram histogram;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i)
    histogram.counts.at(i) = counts.buckets.at(i).load(std::memory_order_relaxed);
  histogram.seconds =
      static_cast<double>(counts.microseconds.load(std::memory_order_relaxed)) / 1'000'000;
  return histogram;
}

}  // namespace khochung::http
