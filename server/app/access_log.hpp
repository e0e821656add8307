#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "schemas/result.hpp"
#include "server/net/access_log.hpp"

namespace khochung::app {

/// Writes the access log, a JSON line a request, at most a quarter of a second after the request.
/// Who is slow to take the lines holds up no request: beyond 4 MiB lines are dropped, and the log
/// says how many.
/// Threads: add() from many threads; it does not block.
class AccessLog {
 public:
  /// Where the lines go: so many bytes of them, given to it at once; it may take its time.
  using Write = std::function<void(std::string_view lines)>;
  explicit AccessLog(Write write);
  ~AccessLog();  ///< writes what is left

  void add(const net::AccessLogLine& line);

 private:
  void write_on(const std::stop_token& stop);

  Write write_;
  std::mutex mutex_;
  std::condition_variable_any added_;
  std::string waiting_;
  std::uint64_t dropped_ = 0;
  std::jthread writer_;
};

/// Writes to a descriptor, which stays the caller's.
AccessLog::Write to_descriptor(int descriptor);

/// Writes to a file, which begins anew when it has `file_bytes`; `files` earlier ones stay beside
/// it: access.1.jsonl is the youngest of them.
/// Errors: unavailable when the file cannot be made.
Result<AccessLog::Write> to_rotating_file(const std::filesystem::path& file, std::size_t file_bytes,
                                          std::size_t files);

}  // namespace khochung::app
