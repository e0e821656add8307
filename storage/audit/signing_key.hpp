#pragma once

#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace khochung::storage {

struct FreeKey {
  void operator()(EVP_PKEY* key) const;
};

/// One half of an Ed25519 pair that can check signatures.
/// Threads: safe from many threads.
/// Source: RFC 8032; PEM as in RFC 7468.
class PublicKey {
 public:
  /// Errors: bad_input unless `pem` is, to the byte, what pem() gives.
  static Result<PublicKey> from_pem(std::string_view pem);
  explicit PublicKey(std::unique_ptr<EVP_PKEY, FreeKey> key);

  [[nodiscard]] std::string pem() const;
  /// SHA-256 of the key's SubjectPublicKeyInfo (DER), in hexadecimal.
  [[nodiscard]] const std::string& fingerprint() const { return fingerprint_; }
  /// Whether `signature` (base64) is this key's over `bytes`.
  [[nodiscard]] bool has_signed(std::string_view bytes, std::string_view signature) const;

 private:
  std::unique_ptr<EVP_PKEY, FreeKey> key_;
  std::string fingerprint_;
};

/// An Ed25519 pair.
/// Threads: safe from many threads.
class SigningKey {
 public:
  static SigningKey make();
  /// Errors: bad_input when `pem` holds no private Ed25519 key.
  static Result<SigningKey> from_pem(std::string_view pem);

  /// The private key, PKCS #8: for a file that only its owner reads.
  [[nodiscard]] std::string pem() const;
  [[nodiscard]] const PublicKey& public_half() const { return public_half_; }
  [[nodiscard]] const std::string& fingerprint() const { return public_half_.fingerprint(); }
  /// Base64 of the signature over `bytes`.
  [[nodiscard]] std::string sign(std::string_view bytes) const;

 private:
  explicit SigningKey(std::unique_ptr<EVP_PKEY, FreeKey> key);
  std::unique_ptr<EVP_PKEY, FreeKey> key_;
  PublicKey public_half_;
};

}  // namespace khochung::storage
