#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace khochung::http {

/// What a request takes of the machine: how often one client may ask for it, and who is turned away
/// first when too much waits.
enum class Load {
  by_method,  ///< in a route: change or light
  light,      ///< from memory or by sendfile: pages of one material, files
  search,     ///< a search and what it counts; turned away last
  picture,    ///< a page of a document as a picture, made when it is first asked for
  bulk,       ///< a kit, an export: long and large
  change,     ///< anything that writes
};

/// How often clients may ask: for each of them, and each kind of request, a bucket of tokens that
/// fills up again.
/// Threads: safe from many threads; it does not block.
/// Source: the generic cell rate algorithm, ITU-T I.371.
class RateLimiter {
 public:
  struct Rate {
    double per_second = 0;  ///< 0: no limit
    double burst = 0;       ///< so many at once after a rest
  };
  struct Rates {
    Rate search{20, 200};
    Rate picture{20, 200};
    Rate bulk{2, 60};
    Rate change{50, 1000};
  };
  using Clock = std::chrono::steady_clock;

  explicit RateLimiter(Rates rates) : rates_(rates) {}

  /// Whether `client` may ask now; if so, that counts, once for a request that is asked about
  /// twice.
  bool admits(Load load, std::string_view client, std::string_view request_id,
              Clock::time_point now = Clock::now());

 private:
  struct Bucket {
    Clock::time_point full_at;
    std::size_t last_request = 0;  ///< a hash of its id
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Bucket> buckets;
    Clock::time_point next_sweep{};
  };

  [[nodiscard]] Rate rate_of(Load load) const;

  Rates rates_;
  std::array<Shard, 16> shards_;
};

}  // namespace khochung::http
