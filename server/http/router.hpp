#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/message.hpp"
#include "server/http/traffic.hpp"

namespace khochung::http {

enum class BodyKind {
  none,    ///< a body is refused (400)
  small,   ///< at most 1 MiB, in Request::body
  stream,  ///< goes to the BodySink that the route begins
};

using Handler = std::function<Result<Response>(const Request&)>;
/// Answers on the network thread, from memory and without waiting for anybody; nothing when that
/// cannot be done, and the handler is asked then.
using AtOnceHandler = std::function<std::optional<Response>(const Request&)>;
using StreamHandler = std::function<Result<std::unique_ptr<BodySink>>(const Request&)>;

/// One row of the table of addresses.
struct Route {
  Method method = Method::get;
  /// "/api/v1/materials/{id}/files/{name}". A parameter takes one whole segment or, as in
  /// "/kits/{id}.zip", what stands between literal text; a last "{rest...}" takes the remainder,
  /// which may be empty.
  std::string pattern;
  BodyKind body = BodyKind::none;
  Handler handler;                   ///< for none and small
  StreamHandler stream;              ///< for stream
  std::uint64_t max_body_bytes = 0;  ///< for stream; 0: no limit of its own
  AtOnceHandler at_once = {};        ///< for none: tried before `handler`, where there is one
  Load load = Load::by_method;
  std::unique_ptr<RouteTraffic> traffic = std::make_unique<RouteTraffic>();  ///< noted by the net
};

/// Finds the route of a request. HEAD finds the GET route. Where several patterns fit, the more
/// literal one wins, whatever the order in which they were added.
/// Threads: built once, then safe from many threads.
class Router {
 public:
  void add(Route route);

  struct Match {
    const Route* route = nullptr;
    std::map<std::string, std::string> parameters;
  };
  /// Errors: not_found; or unsupported with reason "method_not_allowed" when the path has other
  /// methods.
  [[nodiscard]] Result<Match> match(Method method, std::string_view path) const;
  /// The methods that `path` has, for Allow.
  [[nodiscard]] std::vector<Method> methods_of(std::string_view path) const;
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  /// A segment of a pattern: literal text, or a parameter between a prefix and a suffix.
  struct Piece {
    std::string prefix;
    std::string name;  ///< empty: the segment is `prefix` alone
    std::string suffix;
    bool takes_rest = false;
  };
  using Pieces = std::vector<Piece>;

  static Pieces pieces_of(std::string_view pattern);
  static bool fits(const Pieces& pieces, const std::vector<std::string_view>& segments);
  static bool is_more_literal(const Pieces& left, const Pieces& right);
  static std::map<std::string, std::string> parameters_of(
      const Pieces& pieces, const std::vector<std::string_view>& segments);

  /// The literal segments that a pattern begins with, as a tree: a path is held against the few
  /// routes that stand along its own segments.
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> next;
    std::vector<std::size_t> routes;
  };
  /// Calls `visit` with the number of each route that fits.
  void for_each_fitting(const std::vector<std::string_view>& segments,
                        const std::function<void(std::size_t)>& visit) const;

  std::vector<Route> routes_;
  std::vector<Pieces> pieces_;  ///< of routes_, in the same order
  Node tree_;
};

/// Turns an Error into its answer: problem+json (RFC 9457) for the API, a page for people.
/// Threads: called from many threads, the network's own among them: it must not block.
using ErrorAnswer = std::function<Response(const Request&, const Error&)>;

}  // namespace khochung::http
