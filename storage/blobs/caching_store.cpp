#include "storage/blobs/caching_store.hpp"

#include "storage/blobs/verify.hpp"

namespace khochung::storage {

/// One at a time fetches or removes a blob.
class CachingBlobStore::Turn {
 public:
  Turn(const CachingBlobStore& store, const Digest& sha256) : store_(store), sha256_(sha256) {
    std::unique_lock lock(store_.mutex_);
    store_.turn_ended_.wait(lock, [this] { return !store_.busy_.contains(sha256_); });
    store_.busy_.insert(sha256_);
  }
  ~Turn() {
    const std::scoped_lock lock(store_.mutex_);
    store_.busy_.erase(sha256_);
    store_.turn_ended_.notify_all();
  }
  Turn(const Turn&) = delete;

 private:
  const CachingBlobStore& store_;
  Digest sha256_;
};

/// Writes into both stores; the cache does without a blob that it cannot take.
class CachingBlobStore::Writer final : public BlobWriter {
 public:
  Writer(const CachingBlobStore& store, std::unique_ptr<BlobWriter> slow)
      : store_(store), slow_(std::move(slow)) {
    if (auto near = store_.near_->begin()) near_ = *std::move(near);
  }

  Result<void> write(std::span<const std::byte> bytes) override {
    KHOCHUNG_CHECK(slow_->write(bytes));
    size_bytes_ += bytes.size();
    if (size_bytes_ > store_.max_bytes_ || (near_ && !near_->write(bytes))) near_.reset();
    return {};
  }

  Result<BlobReader> preview() override { return slow_->preview(); }

  Result<BlobInfo> finish() override {
    const auto info = KHOCHUNG_TRY(slow_->finish());
    if (near_ && near_->finish()) store_.enter({info.sha256, info.size_bytes, true});
    return info;
  }

 private:
  const CachingBlobStore& store_;
  std::unique_ptr<BlobWriter> slow_;
  std::unique_ptr<BlobWriter> near_;
  std::uint64_t size_bytes_ = 0;
};

Result<std::unique_ptr<CachingBlobStore>> CachingBlobStore::open(
    BlobStore& slow, const std::filesystem::path& folder, std::uint64_t max_bytes) {
  std::unique_ptr<CachingBlobStore> store(new CachingBlobStore(slow, max_bytes));
  // Nobody looks at what was damaged here.
  std::error_code error;
  std::filesystem::remove_all(folder / "damaged", error);
  store->near_ = KHOCHUNG_TRY(DiskBlobStore::open(folder, store->no_sync_));
  KHOCHUNG_CHECK(store->near_->for_each([&store](const BlobInfo& info) {
    store->enter({info.sha256, info.size_bytes, false});
    return true;
  }));
  return store;
}

Result<std::unique_ptr<BlobWriter>> CachingBlobStore::begin() {
  return std::make_unique<Writer>(*this, KHOCHUNG_TRY(slow_.begin()));
}

Result<BlobReader> CachingBlobStore::open(const Digest& sha256) const {
  if (auto near = open_near(sha256)) return *std::move(near);
  const Turn turn(*this, sha256);
  // Whoever had the turn before has fetched it, perhaps.
  if (auto near = open_near(sha256)) return *std::move(near);
  return fetch(sha256);
}

std::optional<BlobReader> CachingBlobStore::open_near(const Digest& sha256) const {
  bool is_checked = false;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = places_.find(sha256);
    if (found == places_.end()) return std::nullopt;
    entries_.splice(entries_.begin(), entries_, found->second);
    is_checked = found->second->is_checked;
  }
  auto reader = near_->open(sha256);
  const auto size_bytes = reader ? reader->size_bytes() : 0;
  if (reader && !is_checked) {
    const auto fixity = reread(*reader);
    is_checked = fixity && fixity->is_intact(sha256);
    if (is_checked) enter({sha256, size_bytes, true});
  }
  if (reader && is_checked) return *std::move(reader);
  drop(sha256);
  return std::nullopt;
}

Result<BlobReader> CachingBlobStore::fetch(const Digest& sha256) const {
  auto slow = KHOCHUNG_TRY(slow_.open(sha256));
  if (slow.size_bytes() > max_bytes_) return slow;
  const auto copied = copy_blob(slow, sha256, *near_);
  if (!copied && copied.error().code == ErrorCode::corrupt) return fail(copied.error());
  auto near = near_->open(sha256);
  if (!copied || !near) return slow;
  enter({sha256, copied->size_bytes, true});
  return near;
}

/// Puts an entry in front, in the place of one that was there, and makes room behind it.
void CachingBlobStore::enter(const Entry& entry) const {
  const std::scoped_lock lock(mutex_);
  if (const auto found = places_.find(entry.sha256); found != places_.end()) {
    size_bytes_ -= found->second->size_bytes;
    entries_.erase(found->second);
  }
  entries_.push_front(entry);
  places_[entry.sha256] = entries_.begin();
  size_bytes_ += entry.size_bytes;
  while (size_bytes_ > max_bytes_) drop_with_lock(entries_.back().sha256);
}

void CachingBlobStore::drop(const Digest& sha256) const {
  const std::scoped_lock lock(mutex_);
  drop_with_lock(sha256);
}

void CachingBlobStore::drop_with_lock(Digest sha256) const {
  if (const auto found = places_.find(sha256); found != places_.end()) {
    size_bytes_ -= found->second->size_bytes;
    entries_.erase(found->second);
    places_.erase(found);
  }
  // Gone already, or in the way until the next start: the slow store has it.
  static_cast<void>(near_->remove(sha256));
}

bool CachingBlobStore::contains(const Digest& sha256) const {
  {
    const std::scoped_lock lock(mutex_);
    if (places_.contains(sha256)) return true;
  }
  return slow_.contains(sha256);
}

Result<void> CachingBlobStore::for_each_in(
    std::uint8_t slice, const std::function<bool(const BlobInfo&)>& visit) const {
  return slow_.for_each_in(slice, visit);
}

std::string CachingBlobStore::location(const Digest& sha256) const {
  return slow_.location(sha256);
}

Result<void> CachingBlobStore::set_aside(const Digest& sha256) {
  const Turn turn(*this, sha256);
  drop(sha256);
  return slow_.set_aside(sha256);
}

Result<void> CachingBlobStore::remove(const Digest& sha256) {
  const Turn turn(*this, sha256);
  drop(sha256);
  return slow_.remove(sha256);
}

std::uint64_t CachingBlobStore::size_bytes() const {
  const std::scoped_lock lock(mutex_);
  return size_bytes_;
}

}  // namespace khochung::storage
