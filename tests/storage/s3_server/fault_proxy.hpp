#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "storage/file_descriptor.hpp"

namespace khochung::storage {

/// What a bad network, or a service in trouble, does to a request.
enum class Fault {
  none,
  reset,           ///< the connection breaks before anything is passed on
  lose_answer,     ///< it breaks when the service has done its work
  slow_down,       ///< 503
  too_many,        ///< 429
  refuse,          ///< 403
  cut_answer,      ///< the answer ends in the middle
  change_answer,   ///< its last byte is another
  change_request,  ///< the last byte of what is sent is another
  break_next,      ///< it is answered, and the connection breaks under the request after it
};

/// Stands between a client and a server on the loopback address; one request a connection.
/// Threads: safe from many threads.
class FaultProxy {
 public:
  /// What a server answers to a request, whose head ends with an empty line.
  using Server = std::function<std::string(const std::string& head, const std::string& body)>;

  explicit FaultProxy(std::uint16_t server_port);
  /// `server` is asked on the threads of the proxy.
  explicit FaultProxy(Server server);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  [[nodiscard]] std::string endpoint() const;
  /// What becomes of the next requests, in their order; those after them pass.
  void plan(std::deque<Fault> faults);
  /// What becomes of all requests that no plan is made for.
  void always(Fault fault);
  /// "GET /bucket/key" of each request since the last call.
  std::vector<std::string> requests();

 private:
  void serve(FileDescriptor client);
  Fault next(const std::string& head);

  Server server_;
  FileDescriptor listener_;
  std::mutex mutex_;
  std::deque<Fault> plan_;
  Fault always_ = Fault::none;
  std::vector<std::string> requests_;
  std::vector<std::jthread> connections_;
  std::jthread accepting_;
};

}  // namespace khochung::storage
