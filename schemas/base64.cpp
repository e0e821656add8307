#include "schemas/base64.hpp"

#include <openssl/evp.h>

namespace khochung {

std::string to_base64(std::span<const std::uint8_t> bytes) {
  // OpenSSL ends it with a zero, for which the string has room.
  std::string text((bytes.size() + 2) / 3 * 4, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                  static_cast<int>(bytes.size()));
  return text;
}

}  // namespace khochung
