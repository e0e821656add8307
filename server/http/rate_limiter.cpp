#include "server/http/rate_limiter.hpp"

#include <algorithm>
#include <functional>

namespace khochung::http {
namespace {

/// Clients that are remembered in each shard; beyond them those with a full bucket are forgotten.
constexpr std::size_t most_remembered = 20'000;
/// A sweep looks at all of them, so that a flood of clients must not cause one each.
constexpr std::chrono::seconds between_sweeps{1};

}  // namespace

RateLimiter::Rate RateLimiter::rate_of(Load load) const {
  switch (load) {
    case Load::search: return rates_.search;
    case Load::picture: return rates_.picture;
    case Load::bulk: return rates_.bulk;
    case Load::change: return rates_.change;
    case Load::light:
    case Load::by_method: break;
  }
  return {};
}

bool RateLimiter::admits(Load load, std::string_view client, std::string_view request_id,
                         Clock::time_point now) {
  const auto rate = rate_of(load);
  if (rate.per_second <= 0) return true;
  const auto seconds = [](double count) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(count));
  };
  auto key = std::string(client);
  key += static_cast<char>(load);
  auto& shard = shards_.at(std::hash<std::string>()(key) % shards_.size());
  const std::lock_guard lock(shard.mutex);
  if (shard.buckets.size() >= most_remembered) {
    if (now >= shard.next_sweep) {
      std::erase_if(shard.buckets, [&](const auto& entry) { return entry.second.full_at <= now; });
      shard.next_sweep = now + between_sweeps;
    }
    // So many clients that ask at once are no people: whoever is new waits.
    if (shard.buckets.size() >= most_remembered && !shard.buckets.contains(key)) return false;
  }
  auto& bucket = shard.buckets[std::move(key)];
  const auto request = std::hash<std::string_view>()(request_id);
  if (bucket.last_request == request) return true;
  const auto next = std::max(bucket.full_at, now) + seconds(1 / rate.per_second);
  if (next - now > seconds(std::max(1.0, rate.burst) / rate.per_second)) return false;
  bucket = {next, request};
  return true;
}

}  // namespace khochung::http
