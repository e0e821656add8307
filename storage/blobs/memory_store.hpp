#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "storage/blobs/blob_store.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::storage {

/// Blobs that live as long as the store: for tests and for looking into something without keeping
/// it. Each one is an anonymous file, so that its reader has a descriptor like any other.
class MemoryBlobStore final : public BlobStore {
 public:
  Result<std::unique_ptr<BlobWriter>> begin() override;
  Result<BlobReader> open(const Digest& sha256) const override;
  [[nodiscard]] bool contains(const Digest& sha256) const override;
  Result<void> for_each_in(std::uint8_t slice,
                           const std::function<bool(const BlobInfo&)>& visit) const override;
  [[nodiscard]] std::string location(const Digest& sha256) const override {
    return "memory:" + sha256.hex();
  }
  Result<void> set_aside(const Digest& sha256) override;
  Result<void> remove(const Digest& sha256) override;

 private:
  class Writer;
  struct Blob {
    FileDescriptor file;
    std::uint64_t size_bytes = 0;
  };
  Result<BlobInfo> keep(BlobInfo info, Blob blob);

  mutable std::mutex mutex_;
  std::map<Digest, Blob> blobs_;
  std::multimap<Digest, Blob> damaged_;
};

}  // namespace khochung::storage
