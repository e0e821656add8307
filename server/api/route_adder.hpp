#pragma once

#include <string>
#include <utility>

#include "server/api/services.hpp"
#include "server/http/router.hpp"

namespace khochung::api {

/// Adds routes whose handlers work with the services and have no stream for a body.
class RouteAdder {
 public:
  /// Both outlive the routes.
  RouteAdder(http::Router& router, const Services& services)
      : router_(router), services_(services) {}

  template <typename Handler>
  void operator()(http::Method method, std::string pattern, http::BodyKind body, Handler handler,
                  http::Load load = http::Load::by_method) const {
    const auto bound = [&services = services_, handler](const http::Request& request) {
      return handler(services, request);
    };
    router_.add({method, std::move(pattern), body, bound, {}, 0, {}, load});
  }

 private:
  http::Router& router_;
  const Services& services_;
};

}  // namespace khochung::api
