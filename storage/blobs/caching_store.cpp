#include "storage/blobs/caching_store.hpp"

#include <algorithm>

namespace khochung::storage {
namespace {
constexpr std::size_t step_bytes = 1U << 20U;
}

Result<void> CachingBlobStore::load() {
  KHOCHUNG_CHECK(quick_.for_each([this](const BlobInfo& blob) {
    note(blob.sha256, blob.size_bytes);
    return true;
  }));
  make_room();
  return {};
}

Result<BlobReader> CachingBlobStore::open(const Digest& sha256) const {
  if (touch(sha256)) {
    if (auto kept = quick_.open(sha256)) return kept;
    // Someone emptied the quick store.
    forget(sha256);
  }
  auto reader = KHOCHUNG_TRY(slow_.open(sha256));
  if (reader.size_bytes() > most_bytes_) return reader;
  auto fetched = fetch(sha256, reader);
  // A quick store that is full or away is no reason not to read.
  if (!fetched && fetched.error().code != ErrorCode::corrupt) return reader;
  return fetched;
}

Result<BlobReader> CachingBlobStore::fetch(const Digest& sha256, const BlobReader& from) const {
  const auto writer = KHOCHUNG_TRY(quick_.begin());
  std::vector<std::byte> buffer(std::min<std::uint64_t>(step_bytes, from.size_bytes() + 1));
  for (std::uint64_t at = 0;;) {
    const auto count = KHOCHUNG_TRY(from.read(at, buffer));
    KHOCHUNG_CHECK(writer->write(std::span(buffer).first(count)));
    at += count;
    if (count < buffer.size()) break;
  }
  const auto info = KHOCHUNG_TRY(writer->finish());
  if (info.sha256 != sha256) {
    KHOCHUNG_TRY(quick_.remove(info.sha256, Instant::max()));
    return fail(ErrorCode::corrupt, "the slow store sent other bytes for " + sha256.hex());
  }
  auto reader = KHOCHUNG_TRY(quick_.open(sha256));
  note(sha256, info.size_bytes);
  make_room();
  return reader;
}

Result<void> CachingBlobStore::set_aside(const Digest& sha256) {
  forget(sha256);
  static_cast<void>(quick_.remove(sha256, Instant::max()));
  return slow_.set_aside(sha256);
}

Result<bool> CachingBlobStore::remove(const Digest& sha256, Instant put_before) {
  auto removed = KHOCHUNG_TRY(slow_.remove(sha256, put_before));
  if (!removed) return false;
  forget(sha256);
  const auto quick = quick_.remove(sha256, Instant::max());
  if (!quick && quick.error().code != ErrorCode::not_found) return fail(quick.error());
  return true;
}

std::uint64_t CachingBlobStore::kept_bytes() const {
  const std::scoped_lock lock(mutex_);
  return kept_bytes_;
}

void CachingBlobStore::note(const Digest& sha256, std::uint64_t size_bytes) const {
  const std::scoped_lock lock(mutex_);
  if (kept_.contains(sha256)) return;
  kept_.emplace(sha256, Kept{size_bytes, by_age_.insert(by_age_.end(), sha256)});
  kept_bytes_ += size_bytes;
}

bool CachingBlobStore::touch(const Digest& sha256) const {
  const std::scoped_lock lock(mutex_);
  const auto found = kept_.find(sha256);
  if (found == kept_.end()) return false;
  by_age_.splice(by_age_.end(), by_age_, found->second.place);
  return true;
}

void CachingBlobStore::forget(const Digest& sha256) const {
  const std::scoped_lock lock(mutex_);
  const auto found = kept_.find(sha256);
  if (found == kept_.end()) return;
  kept_bytes_ -= found->second.size_bytes;
  by_age_.erase(found->second.place);
  kept_.erase(found);
}

void CachingBlobStore::make_room() const {
  while (true) {
    Digest oldest;
    {
      const std::scoped_lock lock(mutex_);
      if (kept_bytes_ <= most_bytes_ || by_age_.empty()) return;
      oldest = by_age_.front();
    }
    forget(oldest);
    // What cannot be removed now is counted again at the next start.
    static_cast<void>(quick_.remove(oldest, Instant::max()));
  }
}

}  // namespace khochung::storage
