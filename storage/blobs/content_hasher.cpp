#include "storage/blobs/content_hasher.hpp"

#include <libdeflate.h>

#include <algorithm>

namespace khochung::storage {
namespace {
/// Small enough that the second hash finds the bytes in the processor's nearest cache.
constexpr std::size_t step_bytes = 16U << 10U;
}  // namespace

void ContentHasher::update(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto step = bytes.first(std::min(step_bytes, bytes.size()));
    sha256_.update(step);
    crc32_ = libdeflate_crc32(crc32_, step.data(), step.size());
    bytes = bytes.subspan(step.size());
  }
}

ContentHash ContentHasher::finish() {
  return {sha256_.finish(), crc32_};
}

}  // namespace khochung::storage
