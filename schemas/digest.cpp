#include "schemas/digest.hpp"

#include <openssl/evp.h>

#include <cstdlib>
#include <utility>

namespace khochung {
namespace {

/// The value of each lower-case hexadecimal digit, 255 for every other character: branches on
/// digits that nobody can foretell took a quarter of the time of a proof of the audit chain.
constexpr auto hex_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(255);
  for (std::uint8_t value = 0; value < 16; ++value) {
    values[static_cast<std::uint8_t>("0123456789abcdef"[value])] = value;
  }
  return values;
}();

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
  std::uint8_t all = 0;
  for (std::size_t i = 0; i < size_bytes; ++i) {
    const auto high = hex_values[static_cast<std::uint8_t>(hex[2 * i])];
    const auto low = hex_values[static_cast<std::uint8_t>(hex[2 * i + 1])];
    all |= high | low;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (all > 15) {
    return fail(ErrorCode::bad_input, "a digest is made of lower-case hexadecimal digits");
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
