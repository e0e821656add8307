#pragma once

#include <chrono>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "schemas/instant.hpp"

namespace khochung::storage {

/// Locks an account for everybody after failures, for archives whose rules ask for exactly that:
/// whoever knows a name can then lock its person out. Kept in memory, at most ten thousand names.
/// Threads: safe from many threads.
class StrictLockout {
 public:
  static constexpr std::size_t failures_allowed = 5;
  static constexpr std::chrono::minutes within{30};
  static constexpr std::chrono::minutes locked_for{30};

  /// Whether somebody may try now. A try counts as failed at once, so that tries side by side
  /// cannot slip through; succeeded() takes back all of them.
  bool may_try(std::string_view folded_name, Instant at);
  void succeeded(std::string_view folded_name);

 private:
  struct Tries {
    std::deque<Instant> failures;
    std::list<std::string>::iterator age;
  };

  std::mutex mutex_;
  std::map<std::string, Tries, std::less<>> tries_;
  /// Oldest first.
  std::list<std::string> by_age_;
};

}  // namespace khochung::storage
