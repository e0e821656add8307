#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "schemas/digest.hpp"

namespace khochung::storage {

/// What names some bytes and what ZIP and gzip want to know of them.
struct ContentHash {
  Digest sha256;
  /// Source: RFC 1952, section 8.
  std::uint32_t crc32 = 0;
};

/// Takes SHA-256 and CRC-32 of bytes in one pass as they come by.
/// Threads: one at a time.
class ContentHasher {
 public:
  void update(std::span<const std::byte> bytes);
  /// The hashes of everything so far; the hasher is used up.
  ContentHash finish();

 private:
  Hasher sha256_;
  std::uint32_t crc32_ = 0;
};

}  // namespace khochung::storage
