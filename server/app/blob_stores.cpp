#include "server/app/blob_stores.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "storage/blobs/caching_store.hpp"
#include "storage/blobs/disk_store.hpp"
#include "storage/blobs/s3_store.hpp"

namespace khochung::app {

using storage::BlobStore;

namespace {

constexpr std::chrono::seconds between_tries{30};

/// A store that need not be there when the archive starts: it is opened when it is first asked for,
/// and tried again later when that failed. Threads: safe from many threads.
class LateBlobStore final : public BlobStore {
 public:
  using Open = std::function<Result<std::unique_ptr<BlobStore>>()>;
  LateBlobStore(std::string place, Open open) : place_(std::move(place)), open_(std::move(open)) {}

  Result<std::unique_ptr<storage::BlobWriter>> begin() override {
    return KHOCHUNG_TRY(store())->begin();
  }
  Result<storage::BlobReader> open(const Digest& sha256) const override {
    return KHOCHUNG_TRY(store())->open(sha256);
  }
  [[nodiscard]] bool contains(const Digest& sha256) const override {
    const auto opened = store();
    return opened && (*opened)->contains(sha256);
  }
  Result<void> for_each(const std::function<bool(const storage::BlobInfo&)>& visit) const override {
    return KHOCHUNG_TRY(store())->for_each(visit);
  }
  Result<void> for_each_in(
      std::uint8_t slice,
      const std::function<bool(const storage::BlobInfo&)>& visit) const override {
    return KHOCHUNG_TRY(store())->for_each_in(slice, visit);
  }
  Result<void> set_aside(const Digest& sha256) override {
    return KHOCHUNG_TRY(store())->set_aside(sha256);
  }
  Result<void> remove(const Digest& sha256) override {
    return KHOCHUNG_TRY(store())->remove(sha256);
  }
  [[nodiscard]] bool is_local() const override { return !place_.starts_with("s3://"); }
  [[nodiscard]] std::string location(const Digest& sha256) const override {
    const auto opened = store();
    return opened ? (*opened)->location(sha256) : place_;
  }

 private:
  Result<BlobStore*> store() const {
    const std::lock_guard lock(mutex_);
    if (store_) return store_.get();
    const auto now = std::chrono::steady_clock::now();
    if (tried_ && now - *tried_ < between_tries)
      return fail(ErrorCode::unavailable, place_ + " could not be opened");
    tried_ = now;
    store_ = KHOCHUNG_TRY(open_());
    return store_.get();
  }

  std::string place_;
  Open open_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<BlobStore> store_;
  mutable std::optional<std::chrono::steady_clock::time_point> tried_;
};

void report(std::size_t store, const Error& error) {
  const auto which = store == 0 ? std::string("the store") : fmt::format("replica {}", store);
  spdlog::error("{}: {}", which, error.message);
}

/// Errors: bad_input, naming the address; not_found for a replica's folder that is not there: it
/// may be a disk that is not mounted, and must not be made; those of the stores.
Result<std::unique_ptr<BlobStore>> open_folder(const std::filesystem::path& folder,
                                               storage::SyncGroup& sync) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error))
    return fail(ErrorCode::not_found, folder.string() + " is not there");
  return KHOCHUNG_TRY(storage::DiskBlobStore::open(folder, sync, {}));
}

Result<storage::S3BlobStore::Options> s3_options(const std::string& address,
                                                 std::filesystem::path spool_folder) {
  storage::S3BlobStore::Options options;
  options.address = KHOCHUNG_TRY(storage::S3Address::parse(address));
  options.credentials = KHOCHUNG_TRY(storage::S3Credentials::read(options.address.credentials));
  std::error_code error;
  std::filesystem::create_directories(spool_folder, error);
  if (error) return fail(storage::error_of_errno(error.value(), "make " + spool_folder.string()));
  options.spool_folder = std::move(spool_folder);
  return options;
}

bool is_in_s3(const std::string& place) {
  return place.starts_with("s3://");
}

}  // namespace

Result<BlobStores> BlobStores::open(const DataPaths& paths, const Config& config,
                                    storage::SyncGroup& sync, storage::IsFresh is_fresh) {
  BlobStores opened;
  if (is_in_s3(config.blobs)) {
    auto options = KHOCHUNG_TRY(s3_options(config.blobs, paths.scratch() / "spool"));
    options.is_fresh = std::move(is_fresh);
    opened.slow_ = KHOCHUNG_TRY(storage::S3BlobStore::open(std::move(options)));
    opened.stores_.push_back(KHOCHUNG_TRY(
        storage::CachingBlobStore::open(*opened.slow_, paths.cache(), config.cache_bytes)));
  } else {
    const auto folder = config.blobs.empty() ? paths.blobs() : paths.root / config.blobs;
    opened.stores_.push_back(
        KHOCHUNG_TRY(storage::DiskBlobStore::open(folder, sync, {}, std::move(is_fresh))));
  }
  for (const auto& place : config.replicas) {
    auto replica = KHOCHUNG_TRY(open_replica(paths, place, opened.stores_.size(), sync));
    opened.stores_.push_back(std::move(replica));
  }
  if (opened.stores_.size() == 1) return opened;
  storage::ReplicatingBlobStore::Stores all;
  for (const auto& store : opened.stores_) all.emplace_back(*store);
  opened.copies_ = std::make_unique<storage::ReplicatingBlobStore>(std::move(all), report);
  return opened;
}

Result<std::unique_ptr<BlobStore>> BlobStores::open_replica(const DataPaths& paths,
                                                            const std::string& place,
                                                            std::size_t number,
                                                            storage::SyncGroup& sync) {
  if (!is_in_s3(place)) {
    return std::make_unique<LateBlobStore>(
        place, [folder = paths.root / place, &sync] { return open_folder(folder, sync); });
  }
  // A wrong address is told now, a service that is down later.
  KHOCHUNG_TRY(storage::S3Address::parse(place));
  const auto spool = paths.scratch() / ("spool-" + std::to_string(number));
  return std::make_unique<LateBlobStore>(
      place, [place, spool]() -> Result<std::unique_ptr<BlobStore>> {
        auto options = KHOCHUNG_TRY(s3_options(place, spool));
        return KHOCHUNG_TRY(storage::S3BlobStore::open(std::move(options)));
      });
}

}  // namespace khochung::app
