#include "server/net/response_head.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "server/http/encoding.hpp"
#include "server/http/problem.hpp"

namespace khochung::net {
namespace {

/// Set on every answer unless the handler chose otherwise. Source: OWASP ASVS 3.4.
constexpr auto protections = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"X-Frame-Options", "SAMEORIGIN"},
    {"Content-Security-Policy",
     "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
     "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cache-Control", "private, no-cache"},
});

/// Fields that the net alone writes.
bool is_ours(std::string_view name) {
  for (const auto* ours : {"Content-Length", "Connection", "Transfer-Encoding", "Date", "Server"}) {
    if (http::equal_without_case(name, ours)) return true;
  }
  return false;
}

void add(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  const auto begin = head.size();
  head += value;
  std::ranges::replace_if(
      std::span(head).subspan(begin),
      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; }, ' ');
  head += "\r\n";
}

void add_protections(std::string& head, const http::Fields& fields, bool is_over_tls) {
  for (const auto& [name, value] : protections) {
    if (!fields.has(name)) add(head, name, value);
  }
  if (is_over_tls) add(head, "Strict-Transport-Security", "max-age=31536000");
}

}  // namespace

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string response_head(const http::Response& response, const HeadContext& context) {
  std::string head;
  head.reserve(1024);
  head += "HTTP/1.1 " + std::to_string(response.status) + " ";
  head += http::phrase_of(response.status);
  head += "\r\n";
  add(head, "Date", context.date);
  for (const auto& [name, value] : response.fields.all()) {
    if (http::is_token(name) && !is_ours(name)) add(head, name, value);
  }
  if (may_have_body(response.status)) {
    add(head, "Content-Length", std::to_string(response.content_length()));
  }
  add(head, "X-Request-Id", context.request_id);
  add_protections(head, response.fields, context.is_over_tls);
  if (!context.keeps_alive) {
    add(head, "Connection", "close");
  } else if (context.is_http_1_0) {
    add(head, "Connection", "keep-alive");
  }
  head += "\r\n";
  return head;
}

}  // namespace khochung::net
