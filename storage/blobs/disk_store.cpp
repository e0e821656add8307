#include "storage/blobs/disk_store.hpp"

#include "storage/blobs/content_hasher.hpp"
#include "storage/blobs/verify.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <optional>

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

/// While a long blob comes in: how often its data is sent on to the disk and head-room is looked
/// at.
constexpr std::uint64_t checkpoint_bytes = 16U << 20U;

fs::path name_of(const Digest& sha256) {
  const auto hex = sha256.hex();
  return fs::path(hex.substr(0, 2)) / hex.substr(2, 2) / hex;
}

/// Notes in the file's time that its bytes came in again: remove() looks at it.
Result<void> touch(const fs::path& path) {
  const std::array<timespec, 2> times{timespec{0, UTIME_OMIT}, timespec{0, UTIME_NOW}};
  if (::utimensat(AT_FDCWD, path.c_str(), times.data(), 0) != 0)
    return fail(error_of_errno(errno, "note the time of " + path.string()));
  return {};
}

}  // namespace

class DiskBlobStore::Writer final : public BlobWriter {
 public:
  Writer(DiskBlobStore& store, TemporaryFile file) : store_(store), file_(std::move(file)) {}

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
    BlobInfo info{hasher_.finish(), file_->size_bytes(), false, hasher_.crc32()};
    auto file = std::move(*file_);
    file_.reset();
    const std::shared_lock nothing_is_removed(store_.removing_);
    if (!KHOCHUNG_TRY(store_.is_trustworthy(info.sha256, info.size_bytes))) {
      const auto moved = store_.set_aside(info.sha256);
      if (!moved && moved.error().code != ErrorCode::not_found) return fail(moved.error());
    }
    const auto placed = KHOCHUNG_TRY(
        store_.sync_.place(std::move(file), store_.folder_ / "sha256", name_of(info.sha256)));
    info.was_known = placed == SyncGroup::Placed::was_there;
    if (info.was_known) KHOCHUNG_CHECK(touch(store_.path_of(info.sha256)));
    return info;
  }

 private:
  Result<void> take(std::span<const std::byte> bytes) {
    if (!file_) return fail(ErrorCode::internal, "this blob writer is dead");
    if (bytes.size() > store_.limits_.max_blob_bytes - file_->size_bytes()) {
      return fail(ErrorCode::too_large, "a blob is larger than the store takes");
    }
    KHOCHUNG_CHECK(file_->write(bytes));
    hasher_.update(bytes);
    if (file_->size_bytes() - last_checkpoint_ < checkpoint_bytes) return {};
    last_checkpoint_ = file_->size_bytes();
    ::sync_file_range(file_->descriptor(), 0, 0, SYNC_FILE_RANGE_WRITE);
    return store_.check_head_room();
  }

  DiskBlobStore& store_;
  std::optional<TemporaryFile> file_;
  ContentHasher hasher_;
  std::uint64_t last_checkpoint_ = 0;
};

DiskBlobStore::DiskBlobStore(fs::path folder, SyncGroup& sync, Limits limits)
    : folder_(std::move(folder)), sync_(sync), limits_(limits) {}

Result<std::unique_ptr<DiskBlobStore>> DiskBlobStore::open(fs::path folder, SyncGroup& sync,
                                                           Limits limits) {
  KHOCHUNG_CHECK(sync.make_folder(folder / "sha256"));
  KHOCHUNG_CHECK(sync.make_folder(folder / "tmp"));
  KHOCHUNG_TRY(sweep_temporary_files(folder / "tmp"));
  return std::unique_ptr<DiskBlobStore>(new DiskBlobStore(std::move(folder), sync, limits));
}

Result<std::unique_ptr<BlobWriter>> DiskBlobStore::begin() {
  KHOCHUNG_CHECK(check_head_room());
  return std::make_unique<Writer>(*this, KHOCHUNG_TRY(TemporaryFile::make(folder_ / "tmp")));
}

Result<BlobReader> DiskBlobStore::open(const Digest& sha256) const {
  const auto path = path_of(sha256);
  FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor.is_open()) return fail(error_of_errno(errno, "open " + path.string()));
  struct stat info{};
  if (::fstat(descriptor.get(), &info) != 0) {
    return fail(error_of_errno(errno, "stat " + path.string()));
  }
  return BlobReader(descriptor.release(), static_cast<std::uint64_t>(info.st_size));
}

bool DiskBlobStore::contains(const Digest& sha256) const {
  struct stat info{};
  return ::stat(path_of(sha256).c_str(), &info) == 0;
}

Result<void> DiskBlobStore::for_each_in(std::uint8_t slice,
                                        const std::function<bool(const BlobInfo&)>& visit) const {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::string name{digits[slice >> 4U], digits[slice & 15U]};
  std::error_code error;
  fs::recursive_directory_iterator entries(folder_ / "sha256" / name, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    const auto digest = Digest::parse(entries->path().filename().native());
    if (!digest || !entries->is_regular_file(error)) continue;
    const auto size_bytes = entries->file_size(error);
    if (!error && !visit({*digest, size_bytes, true})) return {};
  }
  if (error) return fail(error_of_errno(error.value(), "list blobs"));
  return {};
}

/// A blob that is not there is in nobody's way.
Result<bool> DiskBlobStore::is_trustworthy(const Digest& sha256, std::uint64_t size_bytes) const {
  struct stat info{};
  if (::stat(path_of(sha256).c_str(), &info) != 0) return true;
  if (static_cast<std::uint64_t>(info.st_size) != size_bytes) return false;
  if (is_fresh_ && is_fresh_(sha256)) return true;
  auto is_intact = verify(*this, sha256);
  if (!is_intact && is_intact.error().code == ErrorCode::not_found) return true;
  return is_intact;
}

Result<bool> DiskBlobStore::remove(const Digest& sha256, Instant put_before) {
  const auto path = path_of(sha256);
  const std::unique_lock nothing_is_put(removing_);
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return fail(error_of_errno(errno, "stat " + path.string()));
  const auto put_at =
      std::chrono::seconds(info.st_mtim.tv_sec) +
      std::chrono::ceil<std::chrono::milliseconds>(std::chrono::nanoseconds(info.st_mtim.tv_nsec));
  if (put_at >= put_before.time_since_epoch()) return false;
  if (::unlink(path.c_str()) != 0) return fail(error_of_errno(errno, "remove " + path.string()));
  KHOCHUNG_CHECK(sync_folder(path.parent_path()));
  return true;
}

Result<void> DiskBlobStore::set_aside(const Digest& sha256) {
  KHOCHUNG_CHECK(sync_.make_folder(folder_ / "damaged"));
  const auto path = path_of(sha256);
  if (::rename(path.c_str(), (folder_ / "damaged" / sha256.hex()).c_str()) != 0) {
    return fail(error_of_errno(errno, "set aside " + path.string()));
  }
  return {};
}

fs::path DiskBlobStore::path_of(const Digest& sha256) const {
  return folder_ / "sha256" / name_of(sha256);
}

Result<void> DiskBlobStore::check_head_room() const {
  if (KHOCHUNG_TRY(free_bytes(folder_)) >= limits_.head_room_bytes) return {};
  return fail(ErrorCode::disk_full, "less than the head-room is free in " + folder_.string());
}

}  // namespace khochung::storage
