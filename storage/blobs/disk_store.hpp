#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <shared_mutex>

#include "storage/blobs/blob_store.hpp"
#include "storage/durable_file.hpp"

namespace khochung::storage {

/// Blobs as files of a folder.
/// Layout: sha256/<ab>/<cd>/<64 hex>, read-only; tmp/ holds what is being written.
class DiskBlobStore final : public BlobStore {
 public:
  struct Limits {
    /// Kept free so that catalogue and index can always commit.
    std::uint64_t head_room_bytes = 256ULL << 20U;
    std::uint64_t max_blob_bytes = 1ULL << 40U;
  };
  /// Whether a blob's last good check is young enough to be trusted unread.
  using IsFresh = std::function<bool(const Digest&)>;

  /// Opens or makes the store and removes what a killed process left half written.
  /// `sync` outlives the store. One process owns the folder.
  /// Errors: disk_full; unavailable.
  static Result<std::unique_ptr<DiskBlobStore>> open(std::filesystem::path folder, SyncGroup& sync,
                                                     Limits limits);
  static Result<std::unique_ptr<DiskBlobStore>> open(std::filesystem::path folder,
                                                     SyncGroup& sync) {
    return open(std::move(folder), sync, Limits{});
  }

  Result<std::unique_ptr<BlobWriter>> begin() override;
  Result<BlobReader> open(const Digest& sha256) const override;
  [[nodiscard]] bool contains(const Digest& sha256) const override;
  Result<void> for_each_in(std::uint8_t slice,
                           const std::function<bool(const BlobInfo&)>& visit) const override;
  [[nodiscard]] std::string location(const Digest& sha256) const override {
    return path_of(sha256).string();
  }

  /// To damaged/<64 hex>.
  Result<void> set_aside(const Digest& sha256) override;
  Result<bool> remove(const Digest& sha256, Instant put_before) override;
  /// Until this is called, a blob that is there is read whole before it is called known. Not while
  /// anything is being put.
  void trust(IsFresh is_fresh) { is_fresh_ = std::move(is_fresh); }
  [[nodiscard]] std::filesystem::path path_of(const Digest& sha256) const;

 private:
  class Writer;
  DiskBlobStore(std::filesystem::path folder, SyncGroup& sync, Limits limits);
  [[nodiscard]] Result<void> check_head_room() const;
  [[nodiscard]] Result<bool> is_trustworthy(const Digest& sha256, std::uint64_t size_bytes) const;

  std::filesystem::path folder_;
  SyncGroup& sync_;
  Limits limits_;
  IsFresh is_fresh_;
  /// Shared by those who put, so that nothing is removed between the look that finds a blob there
  /// and the note that it came in again.
  std::shared_mutex removing_;
};

}  // namespace khochung::storage
