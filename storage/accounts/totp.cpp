#include "storage/accounts/totp.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <array>
#include <chrono>

namespace khochung::storage::totp {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t secret_bytes = 20;
constexpr std::chrono::seconds step{30};
constexpr std::uint32_t codes = 1'000'000;
constexpr std::size_t digits = 6;

std::string to_base32(std::string_view bytes) {
  std::string text;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char byte : bytes) {
    bits = bits << 8U | static_cast<unsigned char>(byte);
    for (count += 8; count >= 5; count -= 5) text += alphabet[bits >> (count - 5) & 0x1FU];
  }
  if (count > 0) text += alphabet[bits << (5 - count) & 0x1FU];
  return text;
}

}  // namespace

std::string make_secret() {
  std::string bytes(secret_bytes, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return to_base32(bytes);
}

Result<std::string> from_base32(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char letter : text) {
    const auto value = alphabet.find(letter);
    if (value == std::string_view::npos) return fail(ErrorCode::bad_input, "not base32");
    bits = bits << 5U | static_cast<std::uint32_t>(value);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFFU);
  }
  return bytes;
}

std::int64_t step_at(Instant instant) {
  return std::chrono::floor<std::chrono::seconds>(instant.time_since_epoch()) / step;
}

Result<std::string> code_of(std::string_view secret, std::int64_t number) {
  std::array<unsigned char, 8> counter{};
  for (std::size_t i = 0; i < counter.size(); ++i)
    counter[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(number) >> (8 * (7 - i)));
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  if (HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(),
           counter.size(), mac.data(), &size) == nullptr) {
    return fail(ErrorCode::unavailable, "no HMAC of a code");
  }
  // RFC 4226, 5.3: four bytes from where the last half byte says, without their first bit.
  const std::size_t offset = mac[size - 1] & 0x0FU;
  std::uint32_t number_of_code = mac[offset] & 0x7FU;
  for (std::size_t i = 1; i < 4; ++i) number_of_code = number_of_code << 8U | mac[offset + i];
  auto code = std::to_string(number_of_code % codes);
  return std::string(digits - code.size(), '0') + code;
}

Result<std::optional<std::int64_t>> step_of(std::string_view secret, std::string_view code,
                                            Instant at, std::int64_t last_step) {
  const auto bytes = KHOCHUNG_TRY(from_base32(secret));
  std::optional<std::int64_t> found;
  for (const std::int64_t drift : {-1, 0, 1}) {
    const auto number = step_at(at) + drift;
    const auto expected = KHOCHUNG_TRY(code_of(bytes, number));
    const bool is_it = code.size() == expected.size() &&
                       sodium_memcmp(code.data(), expected.data(), expected.size()) == 0;
    if (is_it && number > last_step) found = number;
  }
  return found;
}

}  // namespace khochung::storage::totp
