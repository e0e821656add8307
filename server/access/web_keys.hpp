#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace khochung::access {

/// Bytes as base64url without padding. Source: RFC 4648, 5.
std::string to_base64url(std::string_view bytes);
/// Errors: bad_input.
Result<std::string> from_base64url(std::string_view text);

/// What signs: RS256, PS256, ES256; nothing else is known here, "none" and HMAC least of all.
enum class SignatureKind { rs256, ps256, es256 };
/// Errors: bad_input "provider_answer".
Result<SignatureKind> signature_kind_from(std::string_view alg);

/// The public keys by which a provider's signatures are checked: RSA of 2,048 to 8,192 bits and
/// points on P-256. Others in the set are passed over.
/// Threads: immutable.
/// Source: RFC 7517; RFC 7518, 3.3, 3.4, 3.5 and 6.
class WebKeys {
 public:
  /// `set`: a JWK Set. Errors: bad_input "provider_answer" when it is none.
  static Result<WebKeys> from_json(const boost::json::object& set);

  /// Whether there is a key of that name; with an empty name, one that fits the kind.
  [[nodiscard]] bool has(SignatureKind kind, std::string_view key_id) const;
  /// Errors: bad_input "provider_answer".
  [[nodiscard]] Result<void> verify(SignatureKind kind, std::string_view key_id,
                                    std::string_view text, std::string_view signature) const;

 private:
  struct Key;
  [[nodiscard]] std::vector<const Key*> fitting(SignatureKind kind, std::string_view key_id) const;

  std::vector<std::shared_ptr<const Key>> keys_;
};

}  // namespace khochung::access
