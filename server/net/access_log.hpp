#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace khochung::net {

/// One request, as the log keeps it. Queries are left out: they say what a person looked for, and
/// some carry secrets.
struct AccessLogLine {
  std::string request_id;
  std::string client;
  std::string method;  ///< empty when the request could not be read
  std::string path;    ///< decoded, without the query; of sharing links the route's pattern
  int status = 0;
  std::uint64_t bytes = 0;  ///< of the body, sent
  std::chrono::microseconds duration{};
  std::string error;     ///< the message of the Error that it ended with, when it did
  bool is_whole = true;  ///< whether the answer was sent to its end
};

/// Threads: called from many threads; must not block.
using AccessHook = std::function<void(const AccessLogLine&)>;

/// The line as one JSON object without a line break; controls are escaped.
std::string to_json(const AccessLogLine& line);

}  // namespace khochung::net
