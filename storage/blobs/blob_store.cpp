#include "storage/blobs/blob_store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "storage/blobs/unnamed_file.hpp"
#include "storage/blobs/verify.hpp"
#include "storage/durable_file.hpp"

namespace khochung::storage {
namespace {

constexpr std::uint64_t copy_step_bytes = 1U << 20U;

/// Sets or clears O_DIRECT. False: it is so already, or the file system has no such thing.
bool set_direct(int descriptor, bool is_direct) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  const int wanted = is_direct ? flags | O_DIRECT : flags & ~O_DIRECT;
  return flags != wanted && ::fcntl(descriptor, F_SETFL, wanted) == 0;
}

Error not_its_name(const Digest& sha256) {
  return {ErrorCode::corrupt, "what was read as blob " + sha256.hex() + " has another digest"};
}

}  // namespace

BlobReader::BlobReader(int descriptor, std::uint64_t size_bytes)
    : descriptor_(descriptor), size_bytes_(size_bytes), is_at_hand_(true) {}

BlobReader::BlobReader(RangeSource source, std::uint64_t size_bytes, std::optional<Digest> sha256)
    : size_bytes_(size_bytes), source_(std::move(source)), sha256_(sha256) {}

BlobReader BlobReader::holding(std::string bytes) {
  const auto size_bytes = bytes.size();
  BlobReader reader(
      [bytes = std::move(bytes)](std::uint64_t offset, std::span<std::byte> into) -> Result<void> {
        std::memcpy(into.data(), bytes.data() + offset, into.size());
        return {};
      },
      size_bytes);
  reader.is_at_hand_ = true;
  return reader;
}

BlobReader::BlobReader(BlobReader&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      size_bytes_(other.size_bytes_),
      source_(std::move(other.source_)),
      sha256_(other.sha256_),
      is_at_hand_(other.is_at_hand_) {}

BlobReader& BlobReader::operator=(BlobReader&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  size_bytes_ = other.size_bytes_;
  source_ = std::move(other.source_);
  sha256_ = other.sha256_;
  is_at_hand_ = other.is_at_hand_;
  return *this;
}

BlobReader::~BlobReader() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void BlobReader::advise(int advice, std::uint64_t offset, std::uint64_t size_bytes) const {
  if (descriptor_ < 0) return;
  ::posix_fadvise(descriptor_, static_cast<off_t>(offset), static_cast<off_t>(size_bytes), advice);
}

void BlobReader::read_past_cache() const {
  if (descriptor_ >= 0 && !set_direct(descriptor_, true)) advise(POSIX_FADV_DONTNEED);
}

Result<std::size_t> BlobReader::read(std::uint64_t offset, std::span<std::byte> into) const {
  if (source_) {
    const auto left = size_bytes_ - std::min(offset, size_bytes_);
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left));
    if (count > 0) KHOCHUNG_CHECK(source_(offset, into.first(count)));
    return count;
  }
  std::size_t filled = 0;
  while (filled < into.size()) {
    const auto count = uninterrupted([&] {
      return ::pread(descriptor_, into.data() + filled, into.size() - filled,
                     static_cast<off_t>(offset + filled));
    });
    // What stands between two blocks of the disk, as the end of a file does, comes by the cache.
    if (count < 0 && errno == EINVAL && set_direct(descriptor_, false)) continue;
    if (count < 0) return fail(error_of_errno(errno, "read a blob"));
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

Result<std::string> BlobReader::read_all(std::uint64_t limit_bytes) const {
  if (size_bytes_ > limit_bytes) {
    return fail(ErrorCode::too_large,
                "a blob of " + std::to_string(size_bytes_) + " bytes is not read into memory");
  }
  std::string bytes(size_bytes_, '\0');
  const auto count = KHOCHUNG_TRY(read(0, std::as_writable_bytes(std::span(bytes))));
  bytes.resize(count);
  if (sha256_ && Digest::of(bytes) != *sha256_) return fail(not_its_name(*sha256_));
  return bytes;
}

Result<void> BlobStore::for_each(const std::function<bool(const BlobInfo&)>& visit) const {
  bool goes_on = true;
  for (unsigned slice = 0; slice < 256 && goes_on; ++slice) {
    KHOCHUNG_CHECK(for_each_in(static_cast<std::uint8_t>(slice),
                               [&](const BlobInfo& blob) { return goes_on = visit(blob); }));
  }
  return {};
}

Result<BlobInfo> BlobStore::keep_file(const StagedFile& file) {
  const int descriptor =
      uninterrupted([&] { return ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC); });
  if (descriptor < 0) return fail(error_of_errno(errno, "open " + file.path.string()));
  return copy_blob(BlobReader(descriptor, file.size_bytes), file.hash.sha256, *this);
}

Result<std::shared_ptr<const BlobReader>> BlobStore::open_shared(const Digest& sha256) const {
  return std::make_shared<const BlobReader>(KHOCHUNG_TRY(open(sha256)));
}

Result<BlobReader> open_again(int descriptor, std::uint64_t size_bytes) {
  const auto name = "/proc/self/fd/" + std::to_string(descriptor);
  const int own = uninterrupted([&] { return ::open(name.c_str(), O_RDONLY | O_CLOEXEC); });
  if (own < 0) return fail(error_of_errno(errno, "open " + name));
  return BlobReader(own, size_bytes);
}

Result<BlobReader> open_as_file(const BlobStore& store, const Digest& sha256) {
  return with_descriptor(KHOCHUNG_TRY(store.open(sha256)));
}

Result<BlobInfo> put(BlobStore& store, std::span<const std::byte> bytes) {
  const auto writer = KHOCHUNG_TRY(store.begin());
  KHOCHUNG_CHECK(writer->write(bytes));
  return writer->finish();
}

Result<BlobReader> with_descriptor(BlobReader reader) {
  if (reader.descriptor()) return reader;
  auto file = KHOCHUNG_TRY(UnnamedFile::make());
  Hasher hasher;
  std::vector<std::byte> buffer(std::min<std::uint64_t>(copy_step_bytes, reader.size_bytes()));
  while (file.size_bytes() < reader.size_bytes()) {
    const auto count = KHOCHUNG_TRY(reader.read(file.size_bytes(), buffer));
    const auto piece = std::span(buffer).first(count);
    hasher.update(piece);
    KHOCHUNG_CHECK(file.write(piece));
  }
  const auto& sha256 = reader.sha256();
  if (sha256 && hasher.finish() != *sha256) return fail(not_its_name(*sha256));
  return open_again(file.descriptor(), file.size_bytes());
}

}  // namespace khochung::storage
