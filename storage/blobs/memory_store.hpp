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
  /// Nobody looks at it: it goes.
  Result<void> set_aside(const Digest& sha256) override;
  Result<bool> remove(const Digest& sha256, Instant put_before) override;
  [[nodiscard]] std::string location(const Digest& sha256) const override {
    return "memory:" + sha256.hex();
  }

 private:
  class Writer;
  struct Blob {
    FileDescriptor file;
    std::uint64_t size_bytes = 0;
    Instant put_at{};
  };
  BlobInfo keep(const Digest& sha256, Blob blob);

  mutable std::mutex mutex_;
  std::map<Digest, Blob> blobs_;
};

}  // namespace khochung::storage
