#pragma once

#include <condition_variable>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "storage/blobs/disk_store.hpp"

namespace khochung::storage {

/// A folder with a bounded number of bytes in front of a slow store, which stays the truth: what is
/// written goes to both, what is read is fetched whole, once, and its digest checked as it enters.
/// The blobs that were not asked for longest give way; whoever reads one of them reads on.
/// What lies in the folder at a start is checked when it is first asked for. Nothing in it is
/// synced. A damaged cache is no loss, and a damaged blob of the slow store is never served. A blob
/// that someone else takes out of the slow store may be served until it gives way. Threads: safe
/// from many threads; who asks for a blob that is being fetched waits for it.
class CachingBlobStore final : public BlobStore {
 public:
  /// `slow` outlives this store. One process owns the folder. Larger blobs than `max_bytes` are
  /// read from `slow` each time, unchecked. Errors: disk_full; unavailable; internal.
  static Result<std::unique_ptr<CachingBlobStore>> open(BlobStore& slow,
                                                        const std::filesystem::path& folder,
                                                        std::uint64_t max_bytes);

  Result<std::unique_ptr<BlobWriter>> begin() override;
  Result<BlobReader> open(const Digest& sha256) const override;
  [[nodiscard]] bool contains(const Digest& sha256) const override;
  Result<void> for_each_in(std::uint8_t slice,
                           const std::function<bool(const BlobInfo&)>& visit) const override;
  [[nodiscard]] bool is_local() const override { return slow_.is_local(); }
  [[nodiscard]] std::string location(const Digest& sha256) const override;
  Result<void> set_aside(const Digest& sha256) override;
  Result<void> remove(const Digest& sha256) override;

  /// Bytes in the cache.
  [[nodiscard]] std::uint64_t size_bytes() const;

 private:
  class Writer;
  class Turn;
  struct Entry {
    Digest sha256;
    std::uint64_t size_bytes = 0;
    bool is_checked = false;
  };

  CachingBlobStore(BlobStore& slow, std::uint64_t max_bytes) : slow_(slow), max_bytes_(max_bytes) {}
  std::optional<BlobReader> open_near(const Digest& sha256) const;
  Result<BlobReader> fetch(const Digest& sha256) const;
  void enter(const Entry& entry) const;
  void drop(const Digest& sha256) const;
  void drop_with_lock(Digest sha256) const;

  BlobStore& slow_;
  std::uint64_t max_bytes_;
  /// A cache that a power cut takes away is fetched again.
  SyncGroup no_sync_{{[](int) { return 0; }, [](int) { return 0; }}};
  std::unique_ptr<DiskBlobStore> near_;

  mutable std::mutex mutex_;
  mutable std::condition_variable turn_ended_;
  /// Blobs that someone fetches or removes.
  mutable std::set<Digest> busy_;
  /// The one that was asked for last is in front.
  mutable std::list<Entry> entries_;
  mutable std::map<Digest, std::list<Entry>::iterator> places_;
  mutable std::uint64_t size_bytes_ = 0;
};

}  // namespace khochung::storage
