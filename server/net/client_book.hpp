#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace khochung::net {

/// How many connections are open, in all and from each client.
/// Threads: safe from many threads.
class ClientBook {
 public:
  ClientBook(std::size_t max_in_all, std::size_t max_per_client);

  /// Whether another connection fits at all.
  [[nodiscard]] bool has_room() const;
  /// Whether seven of eight places are taken: time to ask who needs theirs.
  [[nodiscard]] bool is_crowded() const;
  enum class Stands { for_itself, for_many };
  /// Notes a connection; false when the client has too many. A proxy stands for many clients, and
  /// only the limit for all holds.
  bool enter(const std::string& client, Stands stands = Stands::for_itself);
  void leave(const std::string& client);
  /// Whether all had left by then.
  bool wait_until_empty(std::chrono::steady_clock::time_point latest);
  void wait_until_empty();

 private:
  std::size_t max_in_all_;
  std::size_t max_per_client_;
  mutable std::mutex mutex_;
  std::condition_variable emptied_;
  std::unordered_map<std::string, std::size_t> open_;
  std::size_t total_ = 0;
};

}  // namespace khochung::net
