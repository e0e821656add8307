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

/// Reads a whole blob again and takes its digest. Pages of its file that lie in memory are dropped
/// first, as far as the system lets them go: the disk is what is asked.
/// Errors: unavailable; internal.
Result<Fixity> reread(const BlobReader& reader);
/// Errors: not_found; unavailable; internal.
Result<Fixity> reread(const BlobStore& store, const Digest& sha256);

/// Whether a blob's bytes still have its name.
/// Errors: not_found; unavailable; internal.
Result<bool> verify(const BlobStore& store, const Digest& sha256);

/// Puts a copy of a blob into another store, after its digest was found right.
/// Errors: corrupt when the bytes do not have that digest (nothing is kept then); what reading and
/// putting give.
Result<BlobInfo> copy_blob(const BlobReader& from, const Digest& sha256, BlobStore& to);

}  // namespace khochung::storage
