#include "server/access/identity_provider.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json.hpp>

#include "schemas/base64.hpp"
#include "schemas/digest.hpp"
#include "server/access/secrets.hpp"
#include "server/http/cookies.hpp"
#include "server/http/encoding.hpp"
#include "storage/accounts/password.hpp"

namespace khochung::access {
namespace {

using boost::json::object;
using std::chrono::seconds;

constexpr std::size_t secret_bytes = 32;
constexpr seconds sign_in_takes_at_most{10 * 60};
constexpr seconds metadata_is_fresh_for{3'600};
constexpr seconds pause_after_failure{5};
constexpr seconds pause_of_keys{30};
/// So many threads of the pool, which has eight at least, wait for the provider at most.
constexpr int at_once = 4;
constexpr std::size_t shown_of_error = 40;

tl::unexpected<Error> bad(const char* what) {
  return fail(ErrorCode::bad_input, "provider_answer", what);
}

tl::unexpected<Error> start_again(const char* what) {
  return fail(ErrorCode::bad_input, "provider_start_again", what);
}

tl::unexpected<Error> busy() {
  return fail(ErrorCode::unavailable, "provider_busy", "others wait for the provider");
}

/// Counts who waits for the provider.
class Place {
 public:
  explicit Place(std::atomic<int>& taken) : taken_(taken), is_there_(++taken <= at_once) {}
  ~Place() { --taken_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  [[nodiscard]] bool is_there() const { return is_there_; }

 private:
  std::atomic<int>& taken_;
  bool is_there_;
};

Result<object> json_in(const std::string& body) {
  boost::system::error_code error;
  auto json = boost::json::parse(body, error);
  if (error || !json.is_object()) return bad("the provider's answer is no JSON object");
  return std::move(json.get_object());
}

Result<object> fetched(const ProviderClient& client, const std::string& url) {
  const auto answer = KHOCHUNG_TRY(client.get(url));
  if (answer.status != 200)
    return fail(ErrorCode::unavailable, "provider_away",
                "the provider of sign-in: " + url + ": status " + std::to_string(answer.status));
  return json_in(answer.body);
}

/// Whether the provider takes the secret in the Authorization field, which it does unless it says
/// that it only takes it in the form. Errors: bad_input when it takes neither.
Result<bool> takes_basic(const object& metadata) {
  const auto ways = claim_values(metadata, "token_endpoint_auth_methods_supported");
  const auto has = [&](std::string_view way) { return std::ranges::find(ways, way) != ways.end(); };
  if (ways.empty() || has("client_secret_basic")) return true;
  if (has("client_secret_post")) return false;
  return bad("the provider takes no client secret");
}

// -- what the browser keeps: "<secret>.<errand>.<next>"

std::string_view cookie_name(const http::Request& request) {
  return request.is_over_tls ? "__Host-provider" : "provider";
}

struct Kept {
  ProviderErrand errand = ProviderErrand::sign_in;
  std::string next;
  std::string secret;  ///< all of it, of which state, nonce and verifier are made
};

std::string_view to_text(ProviderErrand errand) {
  return errand == ProviderErrand::link ? "link" : "sign_in";
}

std::string secret_of(std::string_view kept, ProviderErrand errand, std::string_view session) {
  auto secret = std::string(kept);
  if (errand == ProviderErrand::link) secret += "\n" + std::string(session);
  return secret;
}

std::string digest_for(std::string_view use, std::string_view secret) {
  return Digest::of("khochung provider " + std::string(use) + "\n" + std::string(secret)).hex();
}

Result<Kept> kept_by(const http::Request& request, std::string_view session) {
  const auto value = http::cookie(request, cookie_name(request));
  constexpr auto digits = secret_bytes * 2;
  const auto dot = value.find('.', digits + 1);
  if (value.size() <= digits || value[digits] != '.' || dot == std::string_view::npos)
    return start_again("the browser keeps nothing of a sign-in");
  Kept kept;
  const auto errand = value.substr(digits + 1, dot - digits - 1);
  if (errand == to_text(ProviderErrand::link)) kept.errand = ProviderErrand::link;
  kept.next = http::percent_decode(value.substr(dot + 1)).value_or("/");
  kept.secret = secret_of(value, kept.errand, session);
  return kept;
}

std::string challenge_of(std::string_view verifier) {
  const auto digest = Digest::of(verifier).bytes();
  return to_base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string joined_scopes(const std::vector<std::string>& scopes) {
  std::string joined = "openid";
  for (const auto& scope : scopes) {
    if (scope != "openid") joined += " " + scope;
  }
  return joined;
}

/// A provider's error as the log may hold it.
std::string shown(std::string_view text) {
  std::string plain;
  for (const char c : text.substr(0, shown_of_error)) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    plain += is_plain ? c : '?';
  }
  return plain;
}

/// Source: RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6.
tl::unexpected<Error> refusal_of(std::string_view error) {
  if (error == "access_denied")
    return fail(ErrorCode::forbidden, "provider_cancelled", "the person or the provider declined");
  if (error == "temporarily_unavailable" || error == "server_error")
    return fail(ErrorCode::unavailable, "provider_away", "the provider says: " + shown(error));
  return fail(ErrorCode::forbidden, "provider_refused", "the provider says: " + shown(error));
}

}  // namespace

IdentityProvider::IdentityProvider(ProviderSettings settings)
    : settings_(std::move(settings)), client_(settings_.ca_file) {}

const std::string& IdentityProvider::name(Language language) const {
  return language == Language::english ? settings_.name_en : settings_.name;
}

ProviderErrand IdentityProvider::errand_of(const http::Request& request) {
  const auto kept = kept_by(request, {});
  return kept ? kept->errand : ProviderErrand::sign_in;
}

std::string IdentityProvider::cookie_field(const http::Request& request, const std::string& kept) {
  return http::to_field({std::string(cookie_name(request)), kept,
                         kept.empty() ? seconds(0) : sign_in_takes_at_most, request.is_over_tls});
}

// -- what the provider says of itself

Result<WebKeys> IdentityProvider::fetch_keys(const std::string& url) const {
  return WebKeys::from_json(KHOCHUNG_TRY(fetched(client_, url)));
}

Result<IdentityProvider::Metadata> IdentityProvider::fetch_metadata() const {
  const auto& issuer = settings_.issuer;
  const auto base = issuer.ends_with('/') ? issuer.substr(0, issuer.size() - 1) : issuer;
  const auto json = KHOCHUNG_TRY(fetched(client_, base + "/.well-known/openid-configuration"));
  if (claim_text(json, "issuer") != issuer) return bad("the metadata are of another issuer");
  Metadata metadata;
  metadata.authorization_endpoint = claim_text(json, "authorization_endpoint");
  metadata.token_endpoint = claim_text(json, "token_endpoint");
  metadata.jwks_uri = claim_text(json, "jwks_uri");
  for (const auto* url :
       {&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri}) {
    const bool is_safe = url->starts_with("https://") || issuer.starts_with("http://");
    if (!is_safe || http::has_control(*url) || !is_provider_address(*url))
      return bad("an address in the metadata cannot be used");
  }
  metadata.takes_basic = KHOCHUNG_TRY(takes_basic(json));
  const auto* names = json.if_contains("authorization_response_iss_parameter_supported");
  metadata.names_issuer = names != nullptr && names->is_bool() && names->get_bool();
  metadata.keys = KHOCHUNG_TRY(fetch_keys(metadata.jwks_uri));
  metadata.fetched_at = Clock::now();
  return metadata;
}

Result<IdentityProvider::Shared> IdentityProvider::metadata() {
  const auto at = Clock::now();
  // Something, or null for whoever has to fetch it.
  const auto present = known_.with([&](Known& known) -> Result<Shared> {
    const bool is_old = !known.metadata || at - known.metadata->fetched_at > metadata_is_fresh_for;
    if (!is_old || (known.is_fetching && known.metadata)) return known.metadata;
    if (known.is_fetching) return busy();
    if (at < known.next_try)
      return fail(ErrorCode::unavailable, "provider_away", "the provider did not answer just now");
    known.is_fetching = true;
    return Shared();
  });
  if (!present || *present) return present;
  auto fresh = fetch_metadata();
  if (!fresh) spdlog::warn("the provider of sign-in: {}", fresh.error().message);
  return known_.with([&](Known& known) -> Result<Shared> {
    known.is_fetching = false;
    if (!fresh) {
      known.next_try = Clock::now() + pause_after_failure;
      return fail(fresh.error());
    }
    known.metadata = std::make_shared<const Metadata>(*std::move(fresh));
    return known.metadata;
  });
}

Result<IdentityProvider::Shared> IdentityProvider::metadata_with_key(const IdToken& token) {
  const auto present = KHOCHUNG_TRY(metadata());
  if (present->keys.has(token.kind, token.key_id)) return present;
  KHOCHUNG_CHECK(known_.with([&](Known& known) -> Result<void> {
    const auto now = Clock::now();
    if (known.is_fetching) return busy();
    if (now < known.keys_next_try) return bad("the ID token names a key that is not known");
    known.keys_next_try = now + pause_of_keys;
    known.is_fetching = true;
    return {};
  }));
  auto keys = fetch_keys(present->jwks_uri);
  return known_.with([&](Known& known) -> Result<Shared> {
    known.is_fetching = false;
    if (!keys) return fail(keys.error());
    auto renewed = *present;
    renewed.keys = *std::move(keys);
    known.metadata = std::make_shared<const Metadata>(std::move(renewed));
    return known.metadata;
  });
}

// -- to the provider and back

Result<WayToProvider> IdentityProvider::begin(const Start& start) {
  const auto known = KHOCHUNG_TRY(metadata());
  WayToProvider way;
  const auto next = start.next.size() <= longest_next ? start.next : std::string("/");
  way.kept = storage::random_hex(secret_bytes) + "." + std::string(to_text(start.errand)) + "." +
             http::percent_encode(next);
  const auto secret = secret_of(way.kept, start.errand, start.session_token);
  way.location = known->authorization_endpoint;
  auto mark = way.location.find('?') == std::string::npos ? '?' : '&';
  const auto add = [&](std::string_view name, std::string_view value) {
    way.location += mark + std::string(name) + "=" + http::percent_encode(value);
    mark = '&';
  };
  add("response_type", "code");
  add("client_id", settings_.client_id);
  add("redirect_uri", start.redirect_uri);
  add("scope", joined_scopes(settings_.scopes));
  add("state", digest_for("state", secret));
  add("nonce", digest_for("nonce", secret));
  add("code_challenge", challenge_of(digest_for("verifier", secret)));
  add("code_challenge_method", "S256");
  return way;
}

FormPost IdentityProvider::redemption_of(const Metadata& metadata, std::string_view code,
                                         std::string_view verifier,
                                         const std::string& redirect_uri) const {
  FormPost form{metadata.token_endpoint, "grant_type=authorization_code"};
  const auto add = [&form](std::string_view name, std::string_view value) {
    form.body += "&" + std::string(name) + "=" + http::percent_encode(value);
  };
  add("code", code);
  add("redirect_uri", redirect_uri);
  add("code_verifier", verifier);
  const auto& id = settings_.client_id;
  const auto& secret = settings_.client_secret;
  if (!metadata.takes_basic) {
    add("client_id", id);
    add("client_secret", secret);
    return form;
  }
  // Source: RFC 6749, 2.3.1: both are encoded as in a form before they are joined.
  const auto pair = http::percent_encode(id) + ":" + http::percent_encode(secret);
  form.authorization =
      "Basic " + to_base64({reinterpret_cast<const std::uint8_t*>(pair.data()), pair.size()});
  return form;
}

Result<object> IdentityProvider::redeem(const FormPost& form) const {
  const auto answer = KHOCHUNG_TRY(client_.post(form));
  if (answer.status == 200) return json_in(answer.body);
  if (answer.status >= 500 || answer.status == 429)
    return fail(ErrorCode::unavailable, "provider_away",
                "the token endpoint: status " + std::to_string(answer.status));
  const auto json = json_in(answer.body);
  return fail(ErrorCode::forbidden, "provider_refused",
              "the token endpoint: status " + std::to_string(answer.status) + ", " +
                  (json ? shown(claim_text(*json, "error")) : std::string()));
}

Result<object> IdentityProvider::claims_for(std::string_view code, std::string_view kept_secret,
                                            const std::string& redirect_uri) {
  const auto known = KHOCHUNG_TRY(metadata());
  const auto form = redemption_of(*known, code, digest_for("verifier", kept_secret), redirect_uri);
  const auto tokens = KHOCHUNG_TRY(redeem(form));
  auto token = KHOCHUNG_TRY(IdToken::parse(claim_text(tokens, "id_token")));
  const auto with_key = KHOCHUNG_TRY(metadata_with_key(token));
  KHOCHUNG_CHECK(
      with_key->keys.verify(token.kind, token.key_id, token.signed_text, token.signature));
  const IdTokenTerms terms{settings_.issuer, settings_.client_id, digest_for("nonce", kept_secret),
                           claim_text(tokens, "access_token")};
  KHOCHUNG_CHECK(check_claims(token.claims, terms, now()));
  return std::move(token.claims);
}

bool IdentityProvider::had_second_factor(const object& claims) const {
  const auto counts = [&](const std::string& value) {
    return std::ranges::find(settings_.second_factor_values, value) !=
           settings_.second_factor_values.end();
  };
  return counts(claim_text(claims, "acr")) ||
         std::ranges::any_of(claim_values(claims, "amr"), counts);
}

Result<ProviderWord> IdentityProvider::finish(const http::Request& request,
                                              std::string_view session_token,
                                              const std::string& redirect_uri) {
  const auto kept = KHOCHUNG_TRY(kept_by(request, session_token));
  if (!equal_secrets(request.query_value("state"), digest_for("state", kept.secret)))
    return start_again("the state is of another browser or sign-in");
  const Place place(under_way_);
  if (!place.is_there()) return busy();
  const auto known = KHOCHUNG_TRY(metadata());
  const auto issuer = request.query_value("iss");
  if (issuer.empty() ? known->names_issuer : issuer != settings_.issuer)
    return bad("the answer is of another provider");
  if (const auto error = request.query_value("error"); !error.empty()) return refusal_of(error);
  const auto code = request.query_value("code");
  if (code.empty()) return bad("the answer has no code");
  ProviderWord word;
  word.claims = KHOCHUNG_TRY(claims_for(code, kept.secret, redirect_uri));
  word.subject = claim_text(word.claims, "sub");
  word.had_second_factor = had_second_factor(word.claims);
  word.errand = kept.errand;
  word.next = kept.next;
  return word;
}

}  // namespace khochung::access
