#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "server/net/access_log.hpp"

namespace khochung::app {

/// Writes the access log, a JSON line a request, at most a quarter of a second after the request.
/// Who is slow to take the lines holds up no request: beyond 4 MiB lines are dropped, and the log
/// says how many.
/// Threads: add() from many threads; it does not block.
class AccessLog {
 public:
  /// `descriptor` stays the caller's.
  explicit AccessLog(int descriptor);
  ~AccessLog();  ///< writes what is left

  void add(const net::AccessLogLine& line);

 private:
  void write_on(const std::stop_token& stop);
  void write(const std::string& lines) const;

  int descriptor_;
  std::mutex mutex_;
  std::condition_variable_any added_;
  std::string waiting_;
  std::uint64_t dropped_ = 0;
  std::jthread writer_;
};

}  // namespace khochung::app
