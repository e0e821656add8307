#pragma once

#include "storage/blobs/blob_store.hpp"

namespace khochung::storage {

/// What was found when a blob was read again from its first byte to its last.
struct Fixity {
  Digest found;
  std::uint64_t size_bytes = 0;
  std::uint32_t crc32 = 0;
  [[nodiscard]] bool is_intact(const Digest& expected) const { return found == expected; }
};

/// Reads a whole blob again and takes its digest.
/// Errors: not_found; unavailable.
Result<Fixity> reread(const BlobStore& store, const Digest& sha256);
/// The same of an open one.
Result<Fixity> reread(const BlobReader& reader);

/// Whether a blob's bytes still have its name.
/// Errors: not_found; unavailable.
Result<bool> verify(const BlobStore& store, const Digest& sha256);

}  // namespace khochung::storage
