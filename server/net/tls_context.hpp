#pragma once

#include <openssl/types.h>

#include <filesystem>
#include <memory>

#include "schemas/instant.hpp"
#include "schemas/result.hpp"

namespace khochung::net {

struct TlsFiles {
  std::filesystem::path certificate_chain;  ///< PEM, the server's own first
  std::filesystem::path private_key;        ///< PEM
};

/// Until when a certificate is valid: the first of a PEM file.
/// Errors: bad_input when there is none.
Result<Instant> certificate_expires(const std::filesystem::path& certificate_chain);

struct TlsDeleter {
  void operator()(SSL* tls) const;
};
using TlsSession = std::unique_ptr<SSL, TlsDeleter>;

/// A certificate with the rules under which it is used: TLS 1.2 and 1.3, forward secrecy and
/// authenticated encryption only.
/// Threads: safe from many threads.
class TlsContext {
 public:
  /// Errors: bad_input when the files cannot be read or do not belong together.
  static Result<std::shared_ptr<const TlsContext>> load(const TlsFiles& files);

  explicit TlsContext(SSL_CTX* context) : context_(context) {}
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  /// The server's side of a session over a connected, non-blocking socket; null without memory.
  [[nodiscard]] TlsSession accept(int socket) const;

 private:
  SSL_CTX* context_;
};

}  // namespace khochung::net
