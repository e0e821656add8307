#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/http/router.hpp"
#include "server/net/http_server.hpp"

namespace khochung::test {

/// A blob of `size_bytes` in a file without a name, of bytes that differ from place to place.
std::shared_ptr<const storage::BlobReader> sample_blob(std::uint64_t size_bytes);

/// The same bytes for a reader without a descriptor, that all together should have the digest
/// `sha256`.
std::shared_ptr<const storage::BlobReader> sample_from_elsewhere(std::uint64_t size_bytes,
                                                                 const Digest& sha256);

/// A small site with a route of each kind, and what its handlers saw.
class TestSite {
 public:
  TestSite();

  /// Starts a server for it on a port that is free.
  std::unique_ptr<net::HttpServer> serve(net::ServerConfig config = {});

  http::Router router;
  std::atomic<int> canary_runs = 0;  ///< requests to /canary
  std::atomic<std::uint64_t> streamed_bytes = 0;
  std::atomic<int> sinks_dropped = 0;     ///< streams that were not finished
  std::function<void()> on_wait = [] {};  ///< what GET /wait does before it answers

  /// The log once it has so many lines, or after ten seconds.
  std::vector<net::AccessLogLine> wait_for_log(std::size_t lines);

 private:
  void add_plain_routes();
  void add_body_routes();
  void add_file_routes();

  std::mutex mutex_;
  std::condition_variable logged_;
  std::vector<net::AccessLogLine> log_;
};

}  // namespace khochung::test
