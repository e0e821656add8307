#include "storage/blobs/verify.hpp"

#include <fcntl.h>

namespace khochung::storage {
namespace {
constexpr std::size_t step_bytes = 1U << 20U;
}

Result<Fixity> reread(const BlobStore& store, const Digest& sha256) {
  const auto reader = KHOCHUNG_TRY(store.open(sha256));
  if (const auto file = reader.descriptor()) {
    ::posix_fadvise(*file, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  Fixity fixity;
  Hasher hasher;
  std::vector<std::byte> buffer(std::min<std::uint64_t>(step_bytes, reader.size_bytes() + 1));
  for (;;) {
    const auto count = KHOCHUNG_TRY(reader.read(fixity.size_bytes, buffer));
    hasher.update(std::span(buffer).first(count));
    fixity.size_bytes += count;
    if (count < buffer.size()) break;
  }
  fixity.found = hasher.finish();
  return fixity;
}

Result<bool> verify(const BlobStore& store, const Digest& sha256) {
  return KHOCHUNG_TRY(reread(store, sha256)).is_intact(sha256);
}

}  // namespace khochung::storage
