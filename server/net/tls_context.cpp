#include "server/net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>
#include <string>
#include <string_view>

namespace khochung::net {
namespace {

/// Mozilla's "intermediate" list without the DHE suites.
constexpr const char* tls_1_2_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/// The same order for TLS 1.3: OpenSSL's own begins with AES-256, which costs more and protects no
/// better here.
constexpr const char* tls_1_3_ciphers =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

/// Protocol names as ALPN carries them: each with its length before it.
constexpr std::string_view spoken = "\x08http/1.1";

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  unsigned char* selected = nullptr;
  const auto* ours = reinterpret_cast<const unsigned char*>(spoken.data());
  if (SSL_select_next_proto(&selected, chosen_size, ours, spoken.size(), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = selected;
  return SSL_TLSEXT_ERR_OK;
}

std::string openssl_message() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  return text.data();
}

void set_rules(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, tls_1_2_ciphers);
  SSL_CTX_set_ciphersuites(context, tls_1_3_ciphers);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // A record's head and the rest of it in one call.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

}  // namespace

Result<Instant> certificate_expires(const std::filesystem::path& certificate_chain) {
  const auto nothing =
      fail(ErrorCode::bad_input, "no certificate in " + certificate_chain.string());
  const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(certificate_chain.c_str(), "r"),
                                                       BIO_free);
  if (!file) return nothing;
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr), X509_free);
  std::tm until{};
  if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &until) != 1)
    return nothing;
  return Instant(std::chrono::seconds(::timegm(&until)));
}

void TlsDeleter::operator()(SSL* tls) const {
  SSL_free(tls);
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::load(const TlsFiles& files) {
  auto* context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) return fail(ErrorCode::internal, openssl_message());
  auto result = std::make_shared<const TlsContext>(context);
  set_rules(context);
  const auto chain = files.certificate_chain.string();
  const auto key = files.private_key.string();
  if (SSL_CTX_use_certificate_chain_file(context, chain.c_str()) != 1) {
    return fail(ErrorCode::bad_input, chain + ": " + openssl_message());
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return fail(ErrorCode::bad_input, key + ": " + openssl_message());
  }
  return result;
}

TlsSession TlsContext::accept(int socket) const {
  TlsSession session(SSL_new(context_));
  if (session && SSL_set_fd(session.get(), socket) != 1) session.reset();
  if (session) SSL_set_accept_state(session.get());
  return session;
}

}  // namespace khochung::net
