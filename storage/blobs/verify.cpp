#include "storage/blobs/verify.hpp"

#include <fcntl.h>

#include "storage/blobs/content_hasher.hpp"

namespace khochung::storage {
namespace {
constexpr std::size_t step_bytes = 1U << 20U;
}

Result<Fixity> reread(const BlobStore& store, const Digest& sha256) {
  return reread(KHOCHUNG_TRY(store.open(sha256)));
}

Result<Fixity> reread(const BlobReader& reader) {
  ::posix_fadvise(reader.descriptor(), 0, 0, POSIX_FADV_SEQUENTIAL);
  Fixity fixity;
  ContentHasher hasher;
  std::vector<std::byte> buffer(std::min<std::uint64_t>(step_bytes, reader.size_bytes() + 1));
  for (;;) {
    const auto count = KHOCHUNG_TRY(reader.read(fixity.size_bytes, buffer));
    hasher.update(std::span(buffer).first(count));
    fixity.size_bytes += count;
    if (count < buffer.size()) break;
  }
  fixity.found = hasher.finish();
  fixity.crc32 = hasher.crc32();
  return fixity;
}

Result<bool> verify(const BlobStore& store, const Digest& sha256) {
  return KHOCHUNG_TRY(reread(store, sha256)).is_intact(sha256);
}

}  // namespace khochung::storage
