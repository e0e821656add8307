#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "schemas/instant.hpp"
#include "schemas/result.hpp"
#include "server/access/web_keys.hpp"

namespace khochung::access {

/// An ID token taken apart, of which nothing is proven yet.
struct IdToken {
  SignatureKind kind = SignatureKind::rs256;
  std::string key_id;       ///< empty: it names none
  std::string signed_text;  ///< header and claims as they came
  std::string signature;
  boost::json::object claims;

  /// Errors: bad_input "provider_answer": not three parts, encrypted, signed in another way than
  ///         WebKeys checks, or with something that one must understand ("crit").
  static Result<IdToken> parse(std::string_view token);
};

/// What an ID token must say.
struct IdTokenTerms {
  std::string issuer, client_id, nonce;
  std::string access_token;  ///< that came with it; empty: none
};

/// Whether the claims are for us, of this sign-in and of now, give or take a minute. The signature
/// is WebKeys' to check. Errors: bad_input "provider_answer".
/// Source: OpenID Connect Core 1.0, 3.1.3.7 and 3.1.3.8.
Result<void> check_claims(const boost::json::object& claims, const IdTokenTerms& terms,
                          Instant now);

/// A claim that is a text; empty when it is not.
std::string claim_text(const boost::json::object& claims, std::string_view name);

}  // namespace khochung::access
