#include "schemas/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace khochung {

std::string to_base64(std::span<const std::uint8_t> bytes) {
  // OpenSSL ends it with a zero, for which the string has room.
  std::string text((bytes.size() + 2) / 3 * 4, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                  static_cast<int>(bytes.size()));
  return text;
}

Result<std::string> from_base64(std::string_view text) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto letters = std::min(text.find_first_not_of(alphabet), text.size());
  const auto padding = text.size() - letters;
  const bool is_padded =
      padding <= 2 && text.substr(letters) == std::string_view("==").substr(0, padding);
  if (text.size() % 4 != 0 || !is_padded) return fail(ErrorCode::bad_input, "not base64");
  std::string bytes(text.size() / 4 * 3, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                  reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace khochung
