#include "storage/audit/signing_key.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cstdlib>
#include <span>

#include "schemas/digest.hpp"

namespace khochung::storage {
namespace {

constexpr std::size_t signature_bytes = 64;
constexpr std::size_t signature_text_bytes = 88;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Out of memory, or an OpenSSL without Ed25519: nothing that a caller could mend.
void must(bool holds) {
  if (!holds) std::abort();
}

Bio reader_of(std::string_view text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  must(bio != nullptr);
  return bio;
}

template <typename Write>
std::string written_by(Write write) {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(bio != nullptr && write(bio.get()) == 1);
  char* data = nullptr;
  const auto length = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(length)};
}

bool is_ed25519(const Key& key) {
  return key != nullptr && EVP_PKEY_get_id(key.get()) == EVP_PKEY_ED25519;
}

/// Nobody is asked for a pass phrase.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

PublicKey public_half_of(EVP_PKEY* key) {
  const auto pem = written_by([key](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key); });
  auto half = PublicKey::from_pem(pem);
  must(half.has_value());
  return *std::move(half);
}

}  // namespace

void FreeKey::operator()(EVP_PKEY* key) const {
  EVP_PKEY_free(key);
}

// -- PublicKey

PublicKey::PublicKey(Key key) : key_(std::move(key)) {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key_.get(), &der);
  must(length > 0);
  const std::span<const unsigned char> bytes(der, static_cast<std::size_t>(length));
  fingerprint_ = Digest::of(std::as_bytes(bytes)).hex();
  OPENSSL_free(der);
}

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  Key key(PEM_read_bio_PUBKEY(reader_of(pem).get(), nullptr, no_pass_phrase, nullptr));
  if (!is_ed25519(key)) return fail(ErrorCode::bad_input, "no public Ed25519 key");
  PublicKey half(std::move(key));
  if (half.pem() != pem) return fail(ErrorCode::bad_input, "not the plain form of a public key");
  return half;
}

std::string PublicKey::pem() const {
  return written_by([this](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key_.get()); });
}

bool PublicKey::has_signed(std::string_view bytes, std::string_view signature) const {
  if (signature.size() != signature_text_bytes) return false;
  std::array<unsigned char, signature_bytes + 2> raw{};  // base64 decodes to whole triples
  const int decoded = EVP_DecodeBlock(raw.data(), bytes_of(signature), signature_text_bytes);
  if (decoded != static_cast<int>(raw.size())) return false;
  std::array<unsigned char, signature_text_bytes + 1> again{};
  EVP_EncodeBlock(again.data(), raw.data(), signature_bytes);
  if (signature != reinterpret_cast<const char*>(again.data())) return false;
  const Context context(EVP_MD_CTX_new());
  must(context != nullptr &&
       EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1);
  return EVP_DigestVerify(context.get(), raw.data(), signature_bytes, bytes_of(bytes),
                          bytes.size()) == 1;
}

// -- SigningKey

SigningKey::SigningKey(Key key) : key_(std::move(key)), public_half_(public_half_of(key_.get())) {}

SigningKey SigningKey::make() {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  must(key != nullptr);
  return SigningKey(std::move(key));
}

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
  Key key(PEM_read_bio_PrivateKey(reader_of(pem).get(), nullptr, no_pass_phrase, nullptr));
  if (!is_ed25519(key)) return fail(ErrorCode::bad_input, "no private Ed25519 key");
  return SigningKey(std::move(key));
}

std::string SigningKey::pem() const {
  return written_by([this](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string SigningKey::sign(std::string_view bytes) const {
  std::array<unsigned char, signature_bytes> raw{};
  std::size_t length = raw.size();
  const Context context(EVP_MD_CTX_new());
  must(context != nullptr &&
       EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
       EVP_DigestSign(context.get(), raw.data(), &length, bytes_of(bytes), bytes.size()) == 1);
  std::array<unsigned char, signature_text_bytes + 1> text{};
  EVP_EncodeBlock(text.data(), raw.data(), signature_bytes);
  return reinterpret_cast<const char*>(text.data());
}

}  // namespace khochung::storage
