#include "server/access/doorkeeper.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "server/access/browser_family.hpp"
#include "server/access/secrets.hpp"
#include "server/http/address.hpp"
#include "server/http/cookies.hpp"

namespace khochung::access {
namespace {

constexpr std::string_view session_cookie = "session";
/// Kept for the page that asks for the code, and sent nowhere else.
constexpr std::string_view awaited_cookie = "awaited_code";
constexpr std::string_view awaited_path = "/sign-in";
constexpr std::string_view device_cookie = "device";
constexpr std::string_view bearer = "Bearer ";
constexpr std::chrono::seconds session_is_remembered{7 * 24 * 3'600};
constexpr std::chrono::seconds awaited_is_remembered{5 * 60};
/// Browsers keep none for longer (RFC 6265bis, 5.5).
constexpr std::chrono::seconds device_is_remembered{400 * 24 * 3'600};

bool is_same_without_case(std::string_view left, std::string_view right) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::ranges::equal(left, right, {}, small, small);
}

/// Whether a browser says that another site made it send this. Over plain HTTP, and where they are
/// old, they say Origin alone; "null" is also what our own pages without a referrer send.
bool comes_from_another_site(const http::Request& request) {
  const auto site = request.fields.get("sec-fetch-site");
  if (!site.empty()) return site != "same-origin" && site != "none";
  const auto origin = request.fields.get("origin");
  if (origin.empty() || origin == "null") return false;
  const auto authority = origin.find("://");
  return authority == std::string_view::npos ||
         !is_same_without_case(origin.substr(authority + 3), request.fields.get("host"));
}

bool may_change(http::Method method) {
  return method != http::Method::get && method != http::Method::head &&
         method != http::Method::options;
}

}  // namespace

storage::SignInFrom sign_in_from(const http::Request& request, std::string_view code) {
  return {network_of(request.client), browser_family(request.fields.get("user-agent")),
          std::string(http::cookie(request, device_cookie)), std::string(code),
          request.path.starts_with("/api/")};
}

std::string_view session_token_of(const http::Request& request) {
  return http::cookie(request, session_cookie);
}

Result<void> refuse_other_sites(const http::Request& request) {
  if (comes_from_another_site(request))
    return fail(ErrorCode::forbidden, "csrf", "a form that another site sent");
  return {};
}

std::string network_of(const std::string& address) {
  if (address.find(':') == std::string::npos) return address.substr(0, address.rfind('.'));
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return address;
  std::string network;
  for (std::size_t i = 0; i < bytes.size() / 2; i += 2)
    network += fmt::format("{}{:x}", i == 0 ? "" : ":", (bytes.at(i) << 8) | bytes.at(i + 1));
  return network;
}

Viewer Doorkeeper::viewer_of(const storage::Account& account) const {
  Viewer viewer{account.kind, account.name, {}};
  const auto tree = units_.tree();
  for (const auto& grant : account.grants) {
    if (grant.ends_at && *grant.ends_at <= now()) continue;
    if (const Unit* unit = tree->find(grant.unit))
      viewer.grants.push_back({grant.role, unit->number});
  }
  return viewer;
}

Result<Viewer> Doorkeeper::acting_as(std::string_view name) const {
  if (name.empty()) return Viewer::local_administrator();
  if (name == "anonymous") return Viewer::anonymous();
  return viewer_of(KHOCHUNG_TRY(accounts_.account(name)));
}

Result<Viewer> Doorkeeper::viewer_named(std::string_view account) const {
  const auto found = KHOCHUNG_TRY(accounts_.account(account));
  if (!found.is_open(now())) return fail(ErrorCode::not_found, "the account is closed");
  return viewer_of(found);
}

Result<Identity> Doorkeeper::identify(const http::Request& request) const {
  auto identity = KHOCHUNG_TRY(recognise(request));
  const auto& viewer = identity.viewer;
  const bool is_limited = limiter_ && !viewer.name.empty() && !request.is_local_administrator &&
                          !http::is_loopback(request.client);
  if (is_limited && !limiter_->admits(request.load, "account " + viewer.name, request.id))
    return fail(ErrorCode::unavailable, "too_many_requests", "the account asks too often");
  return identity;
}

Result<Identity> Doorkeeper::recognise(const http::Request& request) const {
  if (request.is_local_administrator) {
    return Identity{KHOCHUNG_TRY(acting_as(request.fields.get("x-act-as"))), {}, false};
  }
  if (const auto authorization = request.fields.get("authorization");
      authorization.starts_with(bearer)) {
    const auto holder =
        KHOCHUNG_TRY(accounts_.holder_of_api_token(authorization.substr(bearer.size())));
    if (holder.scope == storage::TokenScope::read && may_change(request.method))
      return fail(ErrorCode::forbidden, "read_token", "a token that may only read");
    return Identity{viewer_of(holder.account), {}, true};
  }
  if (const auto token = http::cookie(request, session_cookie); !token.empty()) {
    if (const auto session = accounts_.session(token))
      return Identity{viewer_of(session->account), session->csrf_token, false,
                      session->had_second_factor};
  }
  return Identity{};
}

bool Doorkeeper::shows_no_credentials(const http::Request& request) {
  return !request.is_local_administrator && !request.fields.has("authorization") &&
         http::cookie(request, session_cookie).empty();
}

Result<Identity> Doorkeeper::identify_for_change(const http::Request& request,
                                                 std::string_view form_token) const {
  auto identity = KHOCHUNG_TRY(identify(request));
  if (identity.viewer.kind == AccountKind::anonymous)
    return fail(ErrorCode::unauthenticated, "nobody is signed in");
  if (identity.csrf_token.empty()) return identity;
  const auto token = form_token.empty() ? request.fields.get("x-csrf-token") : form_token;
  if (comes_from_another_site(request) || !equal_secrets(token, identity.csrf_token)) {
    return fail(ErrorCode::forbidden, "csrf", "the CSRF token is missing or wrong");
  }
  return identity;
}

Result<Identity> Doorkeeper::identify_asker(const http::Request& request,
                                            std::string_view form_token) const {
  auto identity = KHOCHUNG_TRY(identify(request));
  if (identity.viewer.kind != AccountKind::anonymous)
    return identify_for_change(request, form_token);
  KHOCHUNG_CHECK(refuse_other_sites(request));
  return identity;
}

Result<Identity> Doorkeeper::identify_in_person(const http::Request& request,
                                                std::string_view form_token) const {
  auto identity = KHOCHUNG_TRY(identify_for_change(request, form_token));
  if (identity.csrf_token.empty())
    return fail(ErrorCode::forbidden, "needs_session", "only for whoever is signed in");
  return identity;
}

Result<storage::Session> Doorkeeper::sign_in(const http::Request& request, std::string_view name,
                                             std::string_view password, std::string_view code) {
  KHOCHUNG_CHECK(refuse_other_sites(request));
  return accounts_.sign_in(name, password, sign_in_from(request, code));
}

Result<storage::Session> Doorkeeper::finish_sign_in(const http::Request& request,
                                                    std::string_view code) {
  KHOCHUNG_CHECK(refuse_other_sites(request));
  return accounts_.finish_sign_in(http::cookie(request, awaited_cookie), code,
                                  sign_in_from(request));
}

void Doorkeeper::add_cookies(http::Response& response, const http::Request& request,
                             const storage::Session& session) {
  const auto add = [&](std::string_view name, const std::string& value, std::chrono::seconds age,
                       std::string_view path = "/") {
    response.fields.add("Set-Cookie", http::to_field({std::string(name), value, age,
                                                      request.is_over_tls, std::string(path)}));
  };
  if (session.awaits_code)
    return add(awaited_cookie, session.token, awaited_is_remembered, awaited_path);
  add(session_cookie, session.token, session_is_remembered);
  if (session.device_token.empty()) return;
  add(device_cookie, session.device_token, device_is_remembered);
  add(awaited_cookie, "", std::chrono::seconds(0), awaited_path);
}

std::string Doorkeeper::sign_out(const http::Request& request) {
  const auto token = http::cookie(request, session_cookie);
  // A session that cannot be ended now ends by itself; the browser forgets it in any case.
  static_cast<void>(accounts_.end_session(token));
  return http::to_field(
      {std::string(session_cookie), "", std::chrono::seconds(0), request.is_over_tls});
}

}  // namespace khochung::access
