#include "server/access/web_keys.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "schemas/base64.hpp"

namespace khochung::access {
namespace {

constexpr int least_rsa_bits = 2'048;
constexpr int most_rsa_bits = 8'192;
constexpr std::size_t most_exponent_bytes = 8;
constexpr std::size_t point_bytes = 32;
constexpr std::size_t most_keys = 50;

template <auto free>
struct Free {
  template <typename T>
  void operator()(T* value) const {
    free(value);
  }
};
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using PublicKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;
using EcdsaPair = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

tl::unexpected<Error> bad(const char* what) {
  return fail(ErrorCode::bad_input, "provider_answer", what);
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Number number_of(std::string_view bytes) {
  return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

std::string text_in(const boost::json::object& key, std::string_view name) {
  const auto* value = key.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string bytes_in(const boost::json::object& key, std::string_view name) {
  return from_base64url(text_in(key, name)).value_or(std::string());
}

/// Null unless OpenSSL takes the numbers for a public key that can be one.
PublicKey key_of(const char* type, const Builder& builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext making(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (!params || !making || EVP_PKEY_fromdata_init(making.get()) != 1 ||
      EVP_PKEY_fromdata(making.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return nullptr;
  PublicKey key(made);
  const KeyContext checking(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (!checking || EVP_PKEY_public_check(checking.get()) != 1) return nullptr;
  return key;
}

PublicKey rsa_key(const boost::json::object& json) {
  const auto modulus = bytes_in(json, "n");
  const auto exponent = bytes_in(json, "e");
  if (exponent.empty() || exponent.size() > most_exponent_bytes ||
      modulus.size() > most_rsa_bits / 8)
    return nullptr;
  const auto n = number_of(modulus);
  const auto e = number_of(exponent);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder || BN_num_bits(n.get()) < least_rsa_bits || BN_is_odd(e.get()) == 0 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return nullptr;
  return key_of("RSA", builder);
}

PublicKey point_key(const boost::json::object& json) {
  const auto x = bytes_in(json, "x");
  const auto y = bytes_in(json, "y");
  if (text_in(json, "crv") != "P-256" || x.size() != point_bytes || y.size() != point_bytes)
    return nullptr;
  const auto point = "\x04" + x + y;
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1)
    return nullptr;
  return key_of("EC", builder);
}

/// A signature of RFC 7518, 3.4, as OpenSSL reads it; empty when it is none.
std::string der_of(std::string_view signature) {
  if (signature.size() != 2 * point_bytes) return {};
  auto r = number_of(signature.substr(0, point_bytes));
  auto s = number_of(signature.substr(point_bytes));
  const EcdsaPair pair(ECDSA_SIG_new());
  if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  if (length <= 0) return {};
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return bytes;
}

bool is_signed(EVP_PKEY* key, SignatureKind kind, std::string_view text,
               std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;  // the context's own
  if (!context || EVP_DigestVerifyInit(context.get(), &settings, EVP_sha256(), nullptr, key) != 1)
    return false;
  if (kind == SignatureKind::ps256 &&
      (EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) != 1 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) != 1))
    return false;
  const auto shown = kind == SignatureKind::es256 ? der_of(signature) : std::string(signature);
  return EVP_DigestVerify(context.get(), bytes_of(shown), shown.size(), bytes_of(text),
                          text.size()) == 1;
}

std::string_view to_text(SignatureKind kind) {
  switch (kind) {
    case SignatureKind::rs256: return "RS256";
    case SignatureKind::ps256: return "PS256";
    case SignatureKind::es256: return "ES256";
  }
  return {};
}

}  // namespace

struct WebKeys::Key {
  std::string id;
  std::string alg;  ///< the only one it is for; empty: any that fits
  bool is_rsa = false;
  PublicKey key;
};

std::string to_base64url(std::string_view bytes) {
  auto text = to_base64({bytes_of(bytes), bytes.size()});
  text.erase(std::min(text.find('='), text.size()));
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

Result<std::string> from_base64url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return bad("not base64url");
  std::string padded(text);
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  while (padded.size() % 4 != 0) padded += '=';
  return from_base64(padded);
}

Result<SignatureKind> signature_kind_from(std::string_view alg) {
  for (const auto kind : {SignatureKind::rs256, SignatureKind::ps256, SignatureKind::es256}) {
    if (alg == to_text(kind)) return kind;
  }
  return bad("the ID token is signed in a way that is not taken");
}

Result<WebKeys> WebKeys::from_json(const boost::json::object& set) {
  const auto* list = set.if_contains("keys");
  if (list == nullptr || !list->is_array()) return bad("no JWK Set");
  WebKeys keys;
  for (const auto& one : list->get_array()) {
    const auto* json = one.if_object();
    if (json == nullptr || keys.keys_.size() >= most_keys) continue;
    const auto use = text_in(*json, "use");
    if (!use.empty() && use != "sig") continue;
    auto key = std::make_shared<Key>();
    key->id = text_in(*json, "kid");
    key->alg = text_in(*json, "alg");
    key->is_rsa = text_in(*json, "kty") == "RSA";
    if (key->is_rsa) key->key = rsa_key(*json);
    if (text_in(*json, "kty") == "EC") key->key = point_key(*json);
    if (key->key) keys.keys_.push_back(std::move(key));
  }
  return keys;
}

std::vector<const WebKeys::Key*> WebKeys::fitting(SignatureKind kind,
                                                  std::string_view key_id) const {
  std::vector<const Key*> found;
  for (const auto& key : keys_) {
    const bool is_right = key->is_rsa == (kind != SignatureKind::es256) &&
                          (key->alg.empty() || key->alg == to_text(kind)) &&
                          (key_id.empty() || key->id == key_id);
    if (is_right) found.push_back(key.get());
  }
  return found;
}

bool WebKeys::has(SignatureKind kind, std::string_view key_id) const {
  return !fitting(kind, key_id).empty();
}

Result<void> WebKeys::verify(SignatureKind kind, std::string_view key_id, std::string_view text,
                             std::string_view signature) const {
  for (const auto* key : fitting(kind, key_id)) {
    if (is_signed(key->key.get(), kind, text, signature)) return {};
  }
  return bad("no key of the provider made this signature");
}

}  // namespace khochung::access
