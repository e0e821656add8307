#include "storage/packages/digests.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "storage/packages/foreign_folder.hpp"

namespace khochung::storage {
namespace {

const EVP_MD* method_of(std::string_view algorithm) {
  if (algorithm == "md5") return EVP_md5();
  if (algorithm == "sha1") return EVP_sha1();
  if (algorithm == "sha256") return EVP_sha256();
  if (algorithm == "sha512") return EVP_sha512();
  if (algorithm == "sha512/256") return EVP_sha512_256();
  if (algorithm == "blake2b-512") return EVP_blake2b512();
  return nullptr;
}

std::string hex_of(std::span<const unsigned char> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const auto byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

}  // namespace

struct Digests::One {
  std::string algorithm;
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context;
};

Digests::Digests(const std::vector<std::string>& algorithms) {
  for (const auto& algorithm : algorithms) {
    One one{algorithm, {EVP_MD_CTX_new(), EVP_MD_CTX_free}};
    const auto* method = method_of(algorithm);
    if (!one.context || method == nullptr ||
        EVP_DigestInit_ex(one.context.get(), method, nullptr) != 1) {
      std::abort();
    }
    running_.push_back(std::move(one));
  }
}
Digests::~Digests() = default;
Digests::Digests(Digests&&) noexcept = default;

void Digests::update(std::span<const std::byte> bytes) {
  for (auto& one : running_) {
    if (EVP_DigestUpdate(one.context.get(), bytes.data(), bytes.size()) != 1) std::abort();
  }
}

std::map<std::string, std::string> Digests::finish() {
  std::map<std::string, std::string> found;
  for (auto& one : running_) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned length = 0;
    if (EVP_DigestFinal_ex(one.context.get(), bytes.data(), &length) != 1) std::abort();
    found[one.algorithm] = hex_of(std::span(bytes).first(length));
  }
  return found;
}

bool can_digest(std::string_view algorithm) {
  return method_of(algorithm) != nullptr;
}

Result<std::map<std::string, std::string>> digests_of(const BlobReader& reader,
                                                      const std::vector<std::string>& algorithms) {
  Digests digests(algorithms);
  KHOCHUNG_TRY(for_each_step(reader, [&](std::span<const std::byte> bytes) -> Result<void> {
    digests.update(bytes);
    return {};
  }));
  return digests.finish();
}

std::string digest_of(std::string_view text, const std::string& algorithm) {
  Digests digests({algorithm});
  digests.update(std::as_bytes(std::span(text)));
  return digests.finish().at(algorithm);
}

std::string lower_hex(std::string_view hex) {
  std::string lower(hex);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
  });
  return lower;
}

}  // namespace khochung::storage
