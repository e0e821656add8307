#include "server/access/id_token.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

namespace khochung::access {
namespace {

// The examples of RFC 7515, A.2 and A.3: what others signed.
constexpr std::string_view rsa_key = R"({"keys": [{"kty": "RSA", "kid": "a2", "e": "AQAB",
  "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}]})";
constexpr std::string_view rsa_token =
    "eyJhbGciOiJSUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ"
    ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
    "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1"
    "L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYE"
    "UipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
constexpr std::string_view point_key = R"({"keys": [{"kty": "EC", "crv": "P-256",
  "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
  "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";
constexpr std::string_view point_token =
    "eyJhbGciOiJFUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ"
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

WebKeys keys_in(std::string_view text) {
  return WebKeys::from_json(boost::json::parse(text).get_object()).value();
}

bool is_signed(const WebKeys& keys, const IdToken& token) {
  return keys.verify(token.kind, token.key_id, token.signed_text, token.signature).has_value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(id_token)

BOOST_AUTO_TEST_CASE(what_the_rfc_signed_is_signed_and_every_changed_bit_of_it_is_not) {
  for (const auto& [keys, text] :
       {std::pair(keys_in(rsa_key), rsa_token), std::pair(keys_in(point_key), point_token)}) {
    auto token = IdToken::parse(text).value();
    BOOST_TEST(claim_text(token.claims, "iss") == "joe");
    BOOST_TEST(is_signed(keys, token));
    for (std::size_t i = 0; i < token.signature.size() * 8; i += 7) {
      auto changed = token;
      changed.signature[i / 8] = static_cast<char>(changed.signature[i / 8] ^ (1 << (i % 8)));
      BOOST_TEST(!is_signed(keys, changed));
    }
    token.signed_text.back() ^= 1;
    BOOST_TEST(!is_signed(keys, token));
  }
  BOOST_TEST(!is_signed(keys_in(point_key), IdToken::parse(rsa_token).value()));
  BOOST_TEST(!is_signed(keys_in(rsa_key), IdToken::parse(point_token).value()));
}

BOOST_AUTO_TEST_CASE(other_ways_of_signing_cannot_be_said) {
  for (const auto* alg :
       {"none", "None", "HS256", "HS512", "RS1", "RS512", "ES384", "EdDSA", "", "rs256", "RS256 "})
    BOOST_TEST(!signature_kind_from(alg).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_no_token_is_refused) {
  const auto header = to_base64url(R"({"alg":"RS256"})");
  for (const auto& text :
       {std::string(), std::string("."), std::string(".."), std::string("..."), header,
        header + "." + header, header + "..", header + "." + to_base64url("[]") + ".",
        header + "." + to_base64url("{}") + ".a", header + "." + to_base64url("{}") + ".a.b",
        header + "." + to_base64url("{}") + ".!!",
        to_base64url("7") + "." + to_base64url("{}") + ".",
        to_base64url(R"({"alg":"RS256","crit":[]})") + "." + to_base64url("{}") + ".",
        to_base64url(R"({"alg":"RS256","typ":"at+jwt"})") + "." + to_base64url("{}") + ".",
        to_base64url(R"({"alg":["RS256"]})") + "." + to_base64url("{}") + ".",
        header + "." + to_base64url(std::string(100'000, ' ') + "{}") + "."})
    BOOST_TEST(!IdToken::parse(text).has_value());
}

BOOST_AUTO_TEST_CASE(base64url_has_one_way_to_be_written) {
  BOOST_TEST(to_base64url("\xFF\xFE?") == "__4_");
  BOOST_TEST(from_base64url("__4_").value() == "\xFF\xFE?");
  for (const auto* text : {"//4/", "__4=", "a", "ab\n", "a b", "YWI="})
    BOOST_TEST(!from_base64url(text).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::access
