#pragma once

#include <memory>
#include <vector>

#include "server/app/config.hpp"
#include "server/app/data_folder.hpp"
#include "storage/blobs/replicating_store.hpp"

namespace khochung::app {

/// The stores of blobs that the configuration names, one upon the other.
class BlobStores {
 public:
  /// `sync` outlives them. A replica that cannot be reached is tried again when it is needed.
  /// Errors: bad_input, naming the address; those of the primary.
  static Result<BlobStores> open(const DataPaths& paths, const Config& config,
                                 storage::SyncGroup& sync, storage::IsFresh is_fresh);

  /// What everything reads and writes.
  [[nodiscard]] storage::BlobStore& blobs() const { return copies_ ? *copies_ : *stores_.front(); }
  /// The same where there is more than one copy; else null.
  [[nodiscard]] storage::ReplicatingBlobStore* copies() const { return copies_.get(); }

 private:
  BlobStores() = default;
  static Result<std::unique_ptr<storage::BlobStore>> open_replica(const DataPaths& paths,
                                                                  const std::string& place,
                                                                  std::size_t number,
                                                                  storage::SyncGroup& sync);

  /// What lies behind the cache.
  std::unique_ptr<storage::BlobStore> slow_;
  /// The primary first.
  std::vector<std::unique_ptr<storage::BlobStore>> stores_;
  std::unique_ptr<storage::ReplicatingBlobStore> copies_;
};

}  // namespace khochung::app
