#include "server/http/cookies.hpp"

#include <algorithm>

#include "server/http/encoding.hpp"

namespace khochung::http {
namespace {

std::string_view cookie_in(std::string_view field, std::string_view name) {
  while (!field.empty()) {
    const auto pair = field.substr(0, field.find(';'));
    field.remove_prefix(std::min(pair.size() + 1, field.size()));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || trim(pair.substr(0, equals)) != name) continue;
    return trim(pair.substr(equals + 1));
  }
  return {};
}

}  // namespace

std::string_view cookie(const Request& request, std::string_view name) {
  for (const auto& [field, value] : request.fields.all()) {
    if (!equal_without_case(field, "Cookie")) continue;
    if (const auto found = cookie_in(value, name); !found.empty()) return found;
  }
  return {};
}

std::string to_field(const Cookie& cookie) {
  std::string field =
      cookie.name + "=" + cookie.value + "; Path=" + cookie.path + "; HttpOnly; SameSite=Lax";
  if (cookie.max_age) field += "; Max-Age=" + std::to_string(cookie.max_age->count());
  if (cookie.only_over_tls) field += "; Secure";
  return field;
}

}  // namespace khochung::http
