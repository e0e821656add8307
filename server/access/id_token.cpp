#include "server/access/id_token.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "schemas/digest.hpp"
#include "server/access/secrets.hpp"
#include "server/http/encoding.hpp"

namespace khochung::access {
namespace {

using boost::json::object;
using boost::json::value;

constexpr std::size_t longest_token = std::size_t{64} << 10U;
constexpr std::size_t longest_subject = 255;
constexpr double clock_skew = 60;     // seconds
constexpr double oldest_token = 600;  // seconds

tl::unexpected<Error> bad(const char* what) {
  return fail(ErrorCode::bad_input, "provider_answer", what);
}

Result<object> object_of(std::string_view part) {
  const auto text = from_base64url(part);
  if (!text) return bad("a part of the ID token is not base64url");
  boost::system::error_code error;
  auto json = boost::json::parse(*text, error);
  if (error || !json.is_object()) return bad("a part of the ID token is no JSON object");
  return std::move(json.get_object());
}

std::optional<double> seconds_in(const object& claims, std::string_view name) {
  const auto* found = claims.if_contains(name);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  return found->to_number<double>();
}

bool is_audience(const object& claims, const std::string& client_id) {
  const auto* found = claims.if_contains("aud");
  if (found == nullptr) return false;
  if (found->is_string()) return found->get_string() == client_id;
  return found->is_array() && std::ranges::any_of(found->get_array(), [&](const value& one) {
           return one.is_string() && one.get_string() == client_id;
         });
}

bool has_many_audiences(const object& claims) {
  const auto* found = claims.if_contains("aud");
  return found != nullptr && found->is_array() && found->get_array().size() > 1;
}

Result<void> check_who(const object& claims, const IdTokenTerms& terms) {
  if (claim_text(claims, "iss") != terms.issuer) return bad("the ID token is of another issuer");
  if (!is_audience(claims, terms.client_id)) return bad("the ID token is for somebody else");
  const bool names_party = claims.contains("azp");
  if (names_party ? claim_text(claims, "azp") != terms.client_id : has_many_audiences(claims))
    return bad("the ID token was given to somebody else");
  const auto subject = claim_text(claims, "sub");
  if (subject.empty() || subject.size() > longest_subject || http::has_control(subject))
    return bad("the ID token names nobody");
  return {};
}

Result<void> check_when(const object& claims, Instant now) {
  const auto at = static_cast<double>(now.time_since_epoch().count()) / 1000;
  const auto ends = seconds_in(claims, "exp");
  const auto made = seconds_in(claims, "iat");
  const auto begins = seconds_in(claims, "nbf");
  if (!ends || !(*ends > at - clock_skew)) return bad("the ID token is over");
  if (!made || !(*made < at + clock_skew) || !(*made > at - oldest_token))
    return bad("the ID token was not made just now");
  if (begins && !(*begins < at + clock_skew)) return bad("the ID token does not hold yet");
  return {};
}

/// All the ways of signing that we take go with SHA-256.
Result<void> check_access_token(const object& claims, const std::string& access_token) {
  if (!claims.contains("at_hash")) return {};
  const auto digest = Digest::of(access_token).bytes();
  const std::string_view half(reinterpret_cast<const char*>(digest.data()), digest.size() / 2);
  if (!access_token.empty() && claim_text(claims, "at_hash") == to_base64url(half)) return {};
  return bad("the access token is not the one of the ID token");
}

}  // namespace

std::string claim_text(const object& claims, std::string_view name) {
  const auto* found = claims.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

Result<IdToken> IdToken::parse(std::string_view token) {
  const auto first = token.find('.');
  const auto second = token.find('.', first == std::string_view::npos ? first : first + 1);
  if (token.size() > longest_token || second == std::string_view::npos ||
      token.find('.', second + 1) != std::string_view::npos)
    return bad("the ID token has not three parts");
  const auto header = KHOCHUNG_TRY(object_of(token.substr(0, first)));
  IdToken parts;
  parts.kind = KHOCHUNG_TRY(signature_kind_from(claim_text(header, "alg")));
  const auto type = claim_text(header, "typ");
  if (header.contains("crit") || !(type.empty() || http::equal_without_case(type, "JWT")))
    return bad("the ID token is of a kind that is not understood");
  parts.key_id = claim_text(header, "kid");
  parts.claims = KHOCHUNG_TRY(object_of(token.substr(first + 1, second - first - 1)));
  parts.signed_text = token.substr(0, second);
  auto signature = from_base64url(token.substr(second + 1));
  if (!signature) return bad("the signature is not base64url");
  parts.signature = *std::move(signature);
  return parts;
}

Result<void> check_claims(const object& claims, const IdTokenTerms& terms, Instant now) {
  KHOCHUNG_CHECK(check_who(claims, terms));
  KHOCHUNG_CHECK(check_when(claims, now));
  if (!equal_secrets(claim_text(claims, "nonce"), terms.nonce))
    return bad("the ID token is of another sign-in");
  return check_access_token(claims, terms.access_token);
}

}  // namespace khochung::access
