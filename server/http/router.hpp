#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/message.hpp"

namespace khochung::http {

enum class BodyKind {
  none,    ///< a body is refused (400)
  small,   ///< at most 1 MiB, in Request::body
  stream,  ///< goes to the BodySink that the route begins
};

using Handler = std::function<Result<Response>(const Request&)>;
using StreamHandler = std::function<Result<std::unique_ptr<BodySink>>(const Request&)>;

/// One row of the table of addresses.
struct Route {
  Method method = Method::get;
  std::string pattern;        ///< "/api/v1/materials/{id}/files/{name}"; a last "{rest...}" takes the remainder
  BodyKind body = BodyKind::none;
  Handler handler;            ///< for none and small
  StreamHandler stream;       ///< for stream
  std::uint64_t max_body_bytes = 0;  ///< for stream; 0: no limit of its own
};

/// Finds the route of a request. HEAD finds the GET route.
/// Threads: built once, then safe from many threads.
class Router {
 public:
  void add(Route route);

  struct Match {
    const Route* route = nullptr;
    std::map<std::string, std::string> parameters;
  };
  /// Errors: not_found; or unsupported with reason "method_not_allowed" when the path has other methods.
  [[nodiscard]] Result<Match> match(Method method, std::string_view path) const;
  /// The methods that `path` has, for Allow.
  [[nodiscard]] std::vector<Method> methods_of(std::string_view path) const;
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

/// Turns an Error into its answer: problem+json (RFC 9457) for the API, a page for people.
using ErrorAnswer = std::function<Response(const Request&, const Error&)>;

}  // namespace khochung::http
