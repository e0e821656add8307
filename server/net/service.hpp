#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "server/http/router.hpp"
#include "server/net/client_book.hpp"
#include "server/net/handler_pool.hpp"
#include "server/net/http_server.hpp"

namespace khochung::net {

/// What all connections of a server share.
/// Threads: safe from many threads.
struct Service {
  Service(ServerConfig given, const http::Router& routes, http::ErrorAnswer errors,
          AccessHook hook);

  /// A number for a request that no other request of this archive is likely to have.
  std::string next_request_id();
  /// Tells the access hook, and counts the request for its route; null: it found none.
  void log(const AccessLogLine& line, const http::Route* route) const;
  /// Notes a connection; false when the client has too many.
  bool enter(const std::string& client, ClientBook::Stands stands);
  void leave(const std::string& client);

  ServerConfig config;
  const http::Router& router;
  http::ErrorAnswer error_answer;
  AccessHook access;
  std::atomic<std::shared_ptr<const TlsContext>> tls;
  ClientBook book;
  HandlerPool pool;
  /// Set before any connection is ended, so that no thread goes on where another has stopped.
  std::atomic<bool> is_stopping = false;
  /// Set when whoever is at rest has had time to ask once more: nobody comes to rest after it.
  std::atomic<bool> is_last_call_over = false;

 private:
  std::string id_prefix_;
  std::atomic<std::uint64_t> last_id_ = 0;
};

/// Who is at the other end.
struct Peer {
  std::string client;  ///< its address, or "unix"
  std::string group;   ///< what counts as one client: of IPv6 the network, for its hosts are many
  bool is_local_administrator = false;
  bool is_over_tls = false;
};

}  // namespace khochung::net
