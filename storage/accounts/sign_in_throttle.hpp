#pragma once

#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "schemas/instant.hpp"

namespace khochung::storage {

/// Slows down whoever tries passwords, by the pair of account and network: nobody can lock another
/// out from elsewhere. After five failures the pair waits 1 s, then 2 s, 4 s … up to 15 minutes.
/// Kept in memory, at most ten thousand pairs.
/// Threads: safe from many threads.
class SignInThrottle {
 public:
  /// Whether the pair may try now. A try counts as failed at once, so that tries side by side
  /// cannot slip through; succeeded() takes it back.
  bool may_try(std::string_view folded_name, std::string_view network, Instant at);
  void succeeded(std::string_view folded_name, std::string_view network);

 private:
  using Pair = std::pair<std::string, std::string>;
  struct Tries {
    int failures = 0;
    Instant blocked_until{};
    std::list<Pair>::iterator age;
  };

  std::mutex mutex_;
  std::map<Pair, Tries> tries_;
  /// Oldest first.
  std::list<Pair> by_age_;
};

}  // namespace khochung::storage
