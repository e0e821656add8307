#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "storage/blobs/blob_store.hpp"
#include "storage/durable_file.hpp"
#include "storage/recent.hpp"

namespace khochung::storage {

/// Blobs as files of a folder.
/// Layout: sha256/<ab>/<cd>/<64 hex>, read-only; tmp/ holds what is being written; damaged/<64
/// hex>, then <64 hex>.2 and so on, what was set aside.
class DiskBlobStore final : public BlobStore {
 public:
  struct Limits {
    /// Kept free so that catalogue and index can always commit.
    std::uint64_t head_room_bytes = 256ULL << 20U;
    std::uint64_t max_blob_bytes = 1ULL << 40U;
  };

  /// Opens or makes the store and removes what a killed process left half written.
  /// `sync` outlives the store. One process owns the folder. Without `is_fresh` no stored blob is
  /// trusted unread when its bytes come again.
  /// Errors: disk_full; unavailable; internal.
  static Result<std::unique_ptr<DiskBlobStore>> open(std::filesystem::path folder, SyncGroup& sync,
                                                     Limits limits, IsFresh is_fresh = {});
  static Result<std::unique_ptr<DiskBlobStore>> open(std::filesystem::path folder,
                                                     SyncGroup& sync) {
    return open(std::move(folder), sync, Limits{});
  }

  Result<std::unique_ptr<BlobWriter>> begin() override;
  /// By a second name where the file lies in the same file system.
  Result<BlobInfo> keep_file(const StagedFile& file) override;
  Result<BlobReader> open(const Digest& sha256) const override;
  /// Opened once within two seconds, for all who ask.
  Result<std::shared_ptr<const BlobReader>> open_shared(const Digest& sha256) const override;
  [[nodiscard]] bool contains(const Digest& sha256) const override;
  Result<void> for_each_in(std::uint8_t slice,
                           const std::function<bool(const BlobInfo&)>& visit) const override;
  [[nodiscard]] std::string location(const Digest& sha256) const override {
    return path_of(sha256).string();
  }

  Result<void> set_aside(const Digest& sha256) override;
  Result<void> remove(const Digest& sha256) override;
  [[nodiscard]] std::filesystem::path path_of(const Digest& sha256) const;

 private:
  class Writer;
  DiskBlobStore(std::filesystem::path folder, SyncGroup& sync, Limits limits, IsFresh is_fresh);
  Result<void> check_head_room() const;
  Result<bool> is_good(const BlobInfo& ours) const;
  using GiveName = std::function<int(const std::filesystem::path& name)>;
  Result<BlobInfo> place(TemporaryFile file, const ContentHash& hash) const;
  [[nodiscard]] Result<void> remove_damaged(const Digest& sha256) const;
  Result<void> keep_damaged(const Digest& sha256, const GiveName& give_name) const;

  std::filesystem::path folder_;
  SyncGroup& sync_;
  Limits limits_;
  IsFresh is_fresh_;
  struct Opened {
    BlobReader reader;
    std::chrono::steady_clock::time_point at;
  };
  /// As many descriptors stay open, or small blobs in memory; dropped when a blob is replaced or
  /// goes.
  Recent<Digest, Opened> opened_{256};
};

}  // namespace khochung::storage
