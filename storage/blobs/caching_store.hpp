#pragma once

#include <list>
#include <map>
#include <mutex>

#include "storage/blobs/blob_store.hpp"

namespace khochung::storage {

/// A small quick store in front of a large slow one. What is read is copied into the quick one, its
/// digest taken on the way, so that only whole blobs are ever given out; what was longest unread
/// goes when the space is used up. A reader that is open stays good when its blob goes.
/// Puts go to the slow store, which alone says what is there.
/// Threads: safe from many threads; a blob that many ask for at once may be fetched more than once.
class CachingBlobStore final : public BlobStore {
 public:
  /// Both outlive this one. `most_bytes`: of what the quick store keeps; larger blobs are read from
  /// the slow one as they are.
  CachingBlobStore(BlobStore& quick, BlobStore& slow, std::uint64_t most_bytes)
      : quick_(quick), slow_(slow), most_bytes_(most_bytes) {}
  /// Counts what the quick store has from before. Errors: unavailable.
  Result<void> load();

  Result<std::unique_ptr<BlobWriter>> begin() override { return slow_.begin(); }
  /// Errors: as of the slow store; corrupt when what it sends does not have its digest.
  Result<BlobReader> open(const Digest& sha256) const override;
  [[nodiscard]] bool contains(const Digest& sha256) const override {
    return slow_.contains(sha256);
  }
  Result<void> for_each_in(std::uint8_t slice,
                           const std::function<bool(const BlobInfo&)>& visit) const override {
    return slow_.for_each_in(slice, visit);
  }
  Result<void> set_aside(const Digest& sha256) override;
  Result<bool> remove(const Digest& sha256, Instant put_before) override;
  [[nodiscard]] std::string location(const Digest& sha256) const override {
    return slow_.location(sha256);
  }

  /// Bytes that the quick store keeps.
  [[nodiscard]] std::uint64_t kept_bytes() const;

 private:
  struct Kept {
    std::uint64_t size_bytes = 0;
    std::list<Digest>::iterator place;
  };
  Result<BlobReader> fetch(const Digest& sha256, const BlobReader& from) const;
  void note(const Digest& sha256, std::uint64_t size_bytes) const;
  bool touch(const Digest& sha256) const;
  void forget(const Digest& sha256) const;
  void make_room() const;

  BlobStore& quick_;
  BlobStore& slow_;
  std::uint64_t most_bytes_;
  mutable std::mutex mutex_;
  mutable std::list<Digest> by_age_;  ///< longest unread first
  mutable std::map<Digest, Kept> kept_;
  mutable std::uint64_t kept_bytes_ = 0;
};

}  // namespace khochung::storage
