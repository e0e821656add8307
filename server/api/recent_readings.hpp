#pragma once

#include <chrono>
#include <map>
#include <string>

#include "schemas/guarded.hpp"

namespace khochung::api {

/// Remembers who read what within the last hour, so that leafing through a document is one entry of
/// the audit chain. Threads: safe from many threads.
class RecentReadings {
 public:
  /// Whether this is the first time within the hour. Forgetting early only makes one entry more.
  bool is_first(const std::string& reading) {
    constexpr std::size_t most_remembered = 10'000;
    constexpr std::chrono::hours span{1};
    const auto now = std::chrono::steady_clock::now();
    return seen_.with([&](auto& seen) {
      if (seen.size() >= most_remembered) seen.clear();
      const auto [place, is_new] = seen.try_emplace(reading, now);
      const bool is_first = is_new || now - place->second >= span;
      if (is_first) place->second = now;
      return is_first;
    });
  }

 private:
  Guarded<std::map<std::string, std::chrono::steady_clock::time_point>> seen_;
};

}  // namespace khochung::api
