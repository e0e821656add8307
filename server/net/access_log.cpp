#include "server/net/access_log.hpp"

#include <boost/json.hpp>

#include "schemas/instant.hpp"

namespace khochung::net {

std::string to_json(const AccessLogLine& line) {
  boost::json::object object{
      {"time", to_rfc3339(now())}, {"request", line.request_id},
      {"client", line.client},     {"method", line.method},
      {"path", line.path},         {"status", line.status},
      {"bytes", line.bytes},       {"ms", static_cast<double>(line.duration.count()) / 1000.0},
      {"whole", line.is_whole},
  };
  if (!line.error.empty()) object["error"] = line.error;
  return boost::json::serialize(object);
}

}  // namespace khochung::net
