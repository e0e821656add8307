#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "schemas/digest.hpp"

namespace khochung::storage {

/// SHA-256 and CRC-32 of the same bytes, taken in one pass.
/// Threads: one at a time. Source: FIPS 180-4; RFC 1952, 8.
class ContentHasher {
 public:
  void update(std::span<const std::byte> bytes);
  /// The digest of everything so far; ends the hasher.
  Digest finish() { return sha256_.finish(); }
  /// As in gzip and ZIP.
  [[nodiscard]] std::uint32_t crc32() const { return crc32_; }

 private:
  Hasher sha256_;
  std::uint32_t crc32_ = 0;
};

}  // namespace khochung::storage
