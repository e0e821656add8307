#include "storage/blobs/verify.hpp"

#include <fcntl.h>

#include <algorithm>

#include "storage/blobs/content_hasher.hpp"

namespace khochung::storage {
namespace {

constexpr std::size_t step_bytes = 1U << 20U;

/// Reads all bytes in order, has `take` see each piece, and gives what they hash to.
Result<Fixity> read_through(const BlobReader& reader,
                            const std::function<Result<void>(std::span<const std::byte>)>& take) {
  reader.advise(POSIX_FADV_SEQUENTIAL);
  Fixity fixity;
  ContentHasher hasher;
  std::vector<std::byte> buffer(std::min<std::uint64_t>(step_bytes, reader.size_bytes() + 1));
  for (;;) {
    const auto count = KHOCHUNG_TRY(reader.read(fixity.size_bytes, buffer));
    const auto piece = std::span(buffer).first(count);
    hasher.update(piece);
    KHOCHUNG_CHECK(take(piece));
    fixity.size_bytes += count;
    if (count < buffer.size()) break;
  }
  const auto hash = hasher.finish();
  fixity.found = hash.sha256;
  fixity.crc32 = hash.crc32;
  return fixity;
}

}  // namespace

Result<Fixity> reread(const BlobReader& reader) {
  reader.advise(POSIX_FADV_DONTNEED);
  return read_through(reader, [](auto) -> Result<void> { return {}; });
}

Result<Fixity> reread(const BlobStore& store, const Digest& sha256) {
  return reread(KHOCHUNG_TRY(store.open(sha256)));
}

Result<bool> verify(const BlobStore& store, const Digest& sha256) {
  return KHOCHUNG_TRY(reread(store, sha256)).is_intact(sha256);
}

Result<BlobInfo> copy_blob(const BlobReader& from, const Digest& sha256, BlobStore& to) {
  const auto writer = KHOCHUNG_TRY(to.begin());
  const auto fixity =
      KHOCHUNG_TRY(read_through(from, [&](auto piece) { return writer->write(piece); }));
  if (!fixity.is_intact(sha256)) {
    return fail(ErrorCode::corrupt, "the blob " + sha256.hex() + " reads as " + fixity.found.hex());
  }
  return writer->finish();
}

}  // namespace khochung::storage
