#include "server/net/service.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "schemas/identifier.hpp"

namespace khochung::net {
namespace {

unsigned handler_threads(const ServerConfig& config) {
  if (config.handler_threads > 0) return config.handler_threads;
  return std::max(8U, 4 * std::thread::hardware_concurrency());
}

/// No more connections than there are descriptors, some of which blobs and files need.
std::size_t connection_limit(const ServerConfig& config) {
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return config.limits.connections;
  const auto bearable = std::max<std::size_t>(16, descriptors.rlim_cur / 4 * 3);
  return std::min(config.limits.connections, bearable);
}

}  // namespace

Service::Service(ServerConfig given, const http::Router& routes, http::ErrorAnswer errors,
                 AccessHook hook)
    : config(std::move(given)),
      router(routes),
      error_answer(std::move(errors)),
      access(std::move(hook)),
      book(connection_limit(config), config.limits.connections_per_client),
      pool(handler_threads(config), config.limits.waiting_requests),
      // The random end of a Uuid: short enough to be read out on the telephone.
      id_prefix_(Uuid::make().text().substr(30)) {}

std::string Service::next_request_id() {
  return id_prefix_ + "-" + std::to_string(++last_id_);
}

void Service::log(const AccessLogLine& line, const http::Route* route) const {
  if (access) access(line);
  if (route != nullptr) {
    route->traffic->note(line.status, line.duration);
  } else if (config.occupancy != nullptr) {
    config.occupancy->unrouted.note(line.status, line.duration);
  }
}

bool Service::enter(const std::string& client, ClientBook::Stands stands) {
  if (!book.enter(client, stands)) return false;
  if (config.occupancy != nullptr) ++config.occupancy->connections;
  return true;
}

void Service::leave(const std::string& client) {
  // Whoever waits until the book is empty may then end the load, too.
  if (config.occupancy != nullptr) --config.occupancy->connections;
  book.leave(client);
}

}  // namespace khochung::net
