#include "storage/blobs/s3_store.hpp"

#include <algorithm>
#include <optional>

#include "storage/blobs/content_hasher.hpp"
#include "storage/blobs/unnamed_file.hpp"

namespace khochung::storage {
namespace {

/// One request costs a round trip: whoever reads on gets more each time, up to a size that a
/// thousand slow downloads at once can hold.
constexpr std::uint64_t first_window_bytes = std::uint64_t{64} << 10U;
constexpr std::uint64_t largest_window_bytes = std::uint64_t{1} << 20U;

/// Reads ranges of an object, somewhat ahead.
/// Threads: safe from many threads; one reads at a time.
class ReadAhead {
 public:
  ReadAhead(const S3Bucket& bucket, std::string key) : bucket_(bucket), key_(std::move(key)) {}

  /// Reads the first window, which is all of a small blob: one request instead of two.
  Result<std::uint64_t> open() {
    window_.resize(first_window_bytes);
    size_bytes_ = KHOCHUNG_TRY(bucket_.open(key_, window_)).size_bytes;
    window_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(size_bytes_, window_.size())));
    next_ = window_.size();
    return size_bytes_;
  }

  Result<void> read(std::uint64_t offset, std::span<std::byte> into) {
    const std::scoped_lock lock(mutex_);
    while (!into.empty()) {
      const auto count = take_from_window(offset, into);
      offset += count;
      into = into.subspan(count);
      if (into.size() >= largest_window_bytes) {
        next_ = offset + into.size();
        return bucket_.read(key_, offset, into);
      }
      if (!into.empty()) KHOCHUNG_CHECK(move_window(offset, into.size()));
    }
    return {};
  }

 private:
  std::size_t take_from_window(std::uint64_t offset, std::span<std::byte> into) const {
    if (offset < at_ || offset - at_ >= window_.size()) return 0;
    const auto from = std::span(window_).subspan(static_cast<std::size_t>(offset - at_));
    const auto count = std::min(from.size(), into.size());
    std::ranges::copy(from.first(count), into.begin());
    return count;
  }

  Result<void> move_window(std::uint64_t offset, std::size_t wanted) {
    ahead_ = offset == next_ ? std::min(ahead_ * 2, largest_window_bytes) : first_window_bytes;
    const auto count = std::min(std::max<std::uint64_t>(ahead_, wanted), size_bytes_ - offset);
    window_.resize(static_cast<std::size_t>(count));
    const auto read = bucket_.read(key_, offset, window_);
    if (!read) window_.clear();
    at_ = offset;
    next_ = offset + window_.size();
    return read;
  }

  const S3Bucket& bucket_;
  std::string key_;
  std::uint64_t size_bytes_ = 0;
  std::mutex mutex_;
  std::vector<std::byte> window_;
  std::uint64_t at_ = 0;
  /// Where the next byte lies for someone who reads on.
  std::uint64_t next_ = 0;
  std::uint64_t ahead_ = first_window_bytes;
};

}  // namespace

class S3BlobStore::Writer final : public BlobWriter {
 public:
  Writer(S3BlobStore& store, UnnamedFile file) : store_(store), file_(std::move(file)) {}

  Result<void> write(std::span<const std::byte> bytes) override {
    auto outcome = take(bytes);
    if (!outcome) file_.reset();
    return outcome;
  }

  Result<BlobReader> preview() override {
    if (!file_) return fail(ErrorCode::internal, "this blob writer is dead");
    return open_again(file_->descriptor(), file_->size_bytes());
  }

  Result<BlobInfo> finish() override {
    if (!file_) return fail(ErrorCode::internal, "this blob writer is dead");
    const auto file = std::move(*file_);
    file_.reset();
    const auto hash = hasher_.finish();
    const auto found = KHOCHUNG_TRY(store_.keep(
        {store_.key_of(hash.sha256), file.descriptor(), file.size_bytes(), hash.sha256}));
    return BlobInfo{hash.sha256, file.size_bytes(), found == Found::good, found == Found::damaged,
                    hash.crc32};
  }

 private:
  Result<void> take(std::span<const std::byte> bytes) {
    if (!file_) return fail(ErrorCode::internal, "this blob writer is dead");
    if (bytes.size() > store_.options_.max_blob_bytes - file_->size_bytes()) {
      return fail(ErrorCode::too_large, "a blob is larger than the store takes");
    }
    hasher_.update(bytes);
    return file_->write(bytes);
  }

  S3BlobStore& store_;
  std::optional<UnnamedFile> file_;
  ContentHasher hasher_;
};

/// Holds the turn of one of several writers of the same bytes.
class S3BlobStore::Turn {
 public:
  Turn(S3BlobStore& store, const Digest& sha256) : store_(store), sha256_(sha256) {
    std::unique_lock lock(store_.mutex_);
    store_.turn_ended_.wait(lock, [&] { return store_.being_kept_.insert(sha256_).second; });
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    {
      const std::scoped_lock lock(store_.mutex_);
      store_.being_kept_.erase(sha256_);
    }
    store_.turn_ended_.notify_all();
  }

 private:
  S3BlobStore& store_;
  Digest sha256_;
};

S3BlobStore::S3BlobStore(Options options)
    : options_(std::move(options)),
      client_(options_.address, options_.credentials, options_.patience),
      bucket_(client_) {}

Result<std::unique_ptr<S3BlobStore>> S3BlobStore::open(Options options) {
  std::unique_ptr<S3BlobStore> store(new S3BlobStore(std::move(options)));
  const auto prefix = store->options_.address.prefix;
  KHOCHUNG_TRY(store->bucket_.list(prefix, "", 1));
  const auto stale =
      give_up_stale_uploads(store->bucket_, prefix, store->options_.stale_upload_age);
  // Not every service has such a list, and not every key may read it.
  if (!stale && stale.error().code != ErrorCode::unsupported &&
      stale.error().code != ErrorCode::forbidden) {
    return fail(stale.error());
  }
  return store;
}

Result<std::unique_ptr<BlobWriter>> S3BlobStore::begin() {
  return std::make_unique<Writer>(*this, KHOCHUNG_TRY(UnnamedFile::make(options_.spool_folder)));
}

Result<S3BlobStore::Found> S3BlobStore::keep(const S3Upload& blob) {
  const Turn turn(*this, blob.sha256);
  const auto found = KHOCHUNG_TRY(look_for(blob));
  if (found == Found::good) return found;
  if (found == Found::damaged) KHOCHUNG_CHECK(set_aside(blob.sha256));
  KHOCHUNG_CHECK(upload(bucket_, blob, options_.parts));
  return found;
}

Result<S3BlobStore::Found> S3BlobStore::look_for(const S3Upload& blob) const {
  const auto there = bucket_.head(blob.key);
  if (!there && there.error().code == ErrorCode::not_found) return Found::nothing;
  if (!there) return fail(there.error());
  if (there->size_bytes != blob.size_bytes) return Found::damaged;
  if (options_.is_fresh && options_.is_fresh(blob.sha256)) return Found::good;
  const bool is_good = KHOCHUNG_TRY(has_digest(bucket_, blob.key, there->size_bytes, blob.sha256));
  return is_good ? Found::good : Found::damaged;
}

Result<BlobReader> S3BlobStore::open(const Digest& sha256) const {
  auto ahead = std::make_shared<ReadAhead>(bucket_, key_of(sha256));
  const auto size_bytes = KHOCHUNG_TRY(ahead->open());
  auto source = [ahead = std::move(ahead)](std::uint64_t offset, std::span<std::byte> into) {
    return ahead->read(offset, into);
  };
  return BlobReader(std::move(source), size_bytes, sha256);
}

bool S3BlobStore::contains(const Digest& sha256) const {
  return bucket_.head(key_of(sha256)).has_value();
}

Result<void> S3BlobStore::for_each(const std::function<bool(const BlobInfo&)>& visit) const {
  return list(options_.address.prefix + "sha256/", visit);
}

Result<void> S3BlobStore::for_each_in(std::uint8_t slice,
                                      const std::function<bool(const BlobInfo&)>& visit) const {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::string name{digits[slice >> 4U], digits[slice & 15U]};
  return list(options_.address.prefix + "sha256/" + name + "/", visit);
}

Result<void> S3BlobStore::list(const std::string& prefix,
                               const std::function<bool(const BlobInfo&)>& visit) const {
  std::string from;
  do {
    auto page = KHOCHUNG_TRY(bucket_.list(prefix, from));
    for (const auto& object : page.objects) {
      const auto name = object.key.substr(object.key.rfind('/') + 1);
      const auto sha256 = Digest::parse(name);
      if (!sha256 || object.key != key_of(*sha256)) continue;
      if (!visit({*sha256, object.size_bytes, true})) return {};
    }
    from = std::move(page.next);
  } while (!from.empty());
  return {};
}

std::string S3BlobStore::location(const Digest& sha256) const {
  return options_.address.location(key_of(sha256));
}

Result<void> S3BlobStore::set_aside(const Digest& sha256) {
  const auto key = key_of(sha256);
  const auto object = KHOCHUNG_TRY(bucket_.head(key));
  // Each damage keeps its own bytes.
  const auto aside = options_.address.prefix + "damaged/" + sha256.hex() + "." + object.etag;
  KHOCHUNG_CHECK(copy(bucket_, key, aside, object.size_bytes, options_.parts));
  return bucket_.remove(key);
}

Result<void> S3BlobStore::remove(const Digest& sha256) {
  const auto key = key_of(sha256);
  KHOCHUNG_TRY(bucket_.head(key));
  return bucket_.remove(key);
}

std::string S3BlobStore::key_of(const Digest& sha256) const {
  const auto hex = sha256.hex();
  return options_.address.prefix + "sha256/" + hex.substr(0, 2) + "/" + hex.substr(2, 2) + "/" +
         hex;
}

}  // namespace khochung::storage
