#include "schemas/digest.hpp"

#include <openssl/evp.h>

#include <cstdlib>
#include <utility>

namespace khochung {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

struct Hasher::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  Context() {
    if (evp == nullptr || EVP_DigestInit_ex(evp, EVP_sha256(), nullptr) != 1) std::abort();
  }
  ~Context() { EVP_MD_CTX_free(evp); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
};

Hasher::Hasher() : context_(std::make_unique<Context>()) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(std::span<const std::byte> bytes) {
  if (EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) != 1) std::abort();
}

Digest Hasher::finish() {
  std::array<std::uint8_t, Digest::size_bytes> bytes{};
  if (EVP_DigestFinal_ex(context_->evp, bytes.data(), nullptr) != 1) std::abort();
  return Digest(bytes);
}

Digest Digest::of(std::span<const std::byte> bytes) {
  Hasher hasher;
  hasher.update(bytes);
  return hasher.finish();
}

Digest Digest::of(std::string_view text) {
  return of(std::as_bytes(std::span(text)));
}

Result<Digest> Digest::parse(std::string_view hex) {
  if (hex.size() != 2 * size_bytes)
    return fail(ErrorCode::bad_input, "a digest has 64 hexadecimal digits");
  std::array<std::uint8_t, size_bytes> bytes{};
  for (std::size_t i = 0; i < hex.size(); ++i) {
    const int value = hex_value(hex[i]);
    if (value < 0)
      return fail(ErrorCode::bad_input, "a digest is made of lower-case hexadecimal digits");
    bytes[i / 2] = static_cast<std::uint8_t>(bytes[i / 2] << 4 | value);
  }
  return Digest(bytes);
}

std::string Digest::hex() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * size_bytes);
  for (const auto byte : bytes_) {
    text += digits[byte >> 4];
    text += digits[byte & 0x0F];
  }
  return text;
}

}  // namespace khochung
