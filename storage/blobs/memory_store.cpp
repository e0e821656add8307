#include "storage/blobs/memory_store.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>

#include "storage/blobs/content_hasher.hpp"
#include "storage/blobs/verify.hpp"
#include "storage/durable_file.hpp"

namespace khochung::storage {

class MemoryBlobStore::Writer final : public BlobWriter {
 public:
  Writer(MemoryBlobStore& store, FileDescriptor file) : store_(store) {
    blob_.file = std::move(file);
  }

  Result<void> write(std::span<const std::byte> bytes) override {
    if (!blob_.file.is_open()) return fail(ErrorCode::internal, "this blob writer is dead");
    hasher_.update(bytes);
    while (!bytes.empty()) {
      const auto written =
          uninterrupted([&] { return ::write(blob_.file.get(), bytes.data(), bytes.size()); });
      if (written < 0) return fail(error_of_errno(errno, "write a blob in memory"));
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      blob_.size_bytes += static_cast<std::uint64_t>(written);
    }
    return {};
  }

  Result<BlobReader> preview() override {
    if (!blob_.file.is_open()) return fail(ErrorCode::internal, "this blob writer is dead");
    return open_again(blob_.file.get(), blob_.size_bytes);
  }

  Result<BlobInfo> finish() override {
    if (!blob_.file.is_open()) return fail(ErrorCode::internal, "this blob writer is dead");
    const auto hash = hasher_.finish();
    return store_.keep({hash.sha256, blob_.size_bytes, false, false, hash.crc32}, std::move(blob_));
  }

 private:
  MemoryBlobStore& store_;
  Blob blob_;
  ContentHasher hasher_;
};

Result<std::unique_ptr<BlobWriter>> MemoryBlobStore::begin() {
  FileDescriptor file(::memfd_create("blob", MFD_CLOEXEC));
  if (!file.is_open()) return fail(error_of_errno(errno, "memfd_create"));
  return std::make_unique<Writer>(*this, std::move(file));
}

Result<BlobInfo> MemoryBlobStore::keep(BlobInfo info, Blob blob) {
  {
    const std::scoped_lock lock(mutex_);
    if (blobs_.try_emplace(info.sha256, std::move(blob)).second) return info;
  }
  info.was_known = verify(*this, info.sha256).value_or(false);
  if (info.was_known) return info;
  const std::scoped_lock lock(mutex_);
  auto& there = blobs_[info.sha256];
  damaged_.emplace(info.sha256, std::exchange(there, std::move(blob)));
  info.was_healed = true;
  return info;
}

Result<BlobReader> MemoryBlobStore::open(const Digest& sha256) const {
  const std::scoped_lock lock(mutex_);
  const auto found = blobs_.find(sha256);
  if (found == blobs_.end()) return fail(ErrorCode::not_found, "no blob " + sha256.hex());
  return open_again(found->second.file.get(), found->second.size_bytes);
}

bool MemoryBlobStore::contains(const Digest& sha256) const {
  const std::scoped_lock lock(mutex_);
  return blobs_.contains(sha256);
}

Result<void> MemoryBlobStore::set_aside(const Digest& sha256) {
  const std::scoped_lock lock(mutex_);
  auto node = blobs_.extract(sha256);
  if (node.empty()) return fail(ErrorCode::not_found, "no blob " + sha256.hex());
  damaged_.emplace(sha256, std::move(node.mapped()));
  return {};
}

Result<void> MemoryBlobStore::remove(const Digest& sha256) {
  const std::scoped_lock lock(mutex_);
  if (blobs_.erase(sha256) == 0) return fail(ErrorCode::not_found, "no blob " + sha256.hex());
  return {};
}

Result<void> MemoryBlobStore::for_each_in(std::uint8_t slice,
                                          const std::function<bool(const BlobInfo&)>& visit) const {
  std::vector<BlobInfo> found;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [sha256, blob] : blobs_) {
      if (sha256.bytes().front() == slice) found.push_back({sha256, blob.size_bytes, true});
    }
  }
  for (const auto& info : found) {
    if (!visit(info)) break;
  }
  return {};
}

}  // namespace khochung::storage
