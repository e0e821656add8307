#include "server/api/site.hpp"

namespace khochung::api {

std::string origin_of(const http::Request& request, const Site& site) {
  if (!site.origin.empty())
    return site.origin.ends_with('/') ? site.origin.substr(0, site.origin.size() - 1) : site.origin;
  if (request.is_local_administrator && !site.served_at.empty()) return site.served_at;
  return (request.is_over_tls ? "https://" : "http://") + std::string(request.fields.get("host"));
}

}  // namespace khochung::api
