#include "storage/blobs/content_hasher.hpp"

#include <libdeflate.h>

#include <algorithm>

namespace khochung::storage {
namespace {
/// Both sums look at a piece while it is in the processor's cache.
constexpr std::size_t piece_bytes = 64U << 10U;
}  // namespace

void ContentHasher::update(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(piece_bytes, bytes.size()));
    crc32_ = libdeflate_crc32(crc32_, piece.data(), piece.size());
    sha256_.update(piece);
    bytes = bytes.subspan(piece.size());
  }
}

}  // namespace khochung::storage
