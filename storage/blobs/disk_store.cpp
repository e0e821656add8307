#include "storage/blobs/disk_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <optional>

#include "storage/blobs/content_hasher.hpp"
#include "storage/blobs/verify.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

/// While a long blob comes in: how often its data is sent on to the disk and head-room is looked
/// at.
constexpr std::uint64_t checkpoint_bytes = 16U << 20U;
/// Another program may put a good file in the place of a damaged one.
constexpr std::chrono::seconds longest_shared{2};
/// Up to here the bytes are kept rather than a descriptor: 4 MiB at most.
constexpr std::uint64_t most_held_bytes = 16U << 10U;

fs::path name_of(const Digest& sha256) {
  const auto hex = sha256.hex();
  return fs::path(hex.substr(0, 2)) / hex.substr(2, 2) / hex;
}

}  // namespace

class DiskBlobStore::Writer final : public BlobWriter {
 public:
  Writer(const DiskBlobStore& store, TemporaryFile file) : store_(store), file_(std::move(file)) {}

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
    auto file = std::move(*file_);
    file_.reset();
    return store_.place(std::move(file), hasher_.finish());
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

  const DiskBlobStore& store_;
  std::optional<TemporaryFile> file_;
  ContentHasher hasher_;
  std::uint64_t last_checkpoint_ = 0;
};

DiskBlobStore::DiskBlobStore(fs::path folder, SyncGroup& sync, Limits limits, IsFresh is_fresh)
    : folder_(std::move(folder)), sync_(sync), limits_(limits), is_fresh_(std::move(is_fresh)) {}

Result<std::unique_ptr<DiskBlobStore>> DiskBlobStore::open(fs::path folder, SyncGroup& sync,
                                                           Limits limits, IsFresh is_fresh) {
  KHOCHUNG_CHECK(sync.make_folder(folder / "sha256"));
  KHOCHUNG_CHECK(sync.make_folder(folder / "tmp"));
  KHOCHUNG_TRY(sweep_temporary_files(folder / "tmp"));
  // A process that died may have named a blob that the disk does not have yet.
  KHOCHUNG_CHECK(sync_file_system_of(folder));
  return std::unique_ptr<DiskBlobStore>(
      new DiskBlobStore(std::move(folder), sync, limits, std::move(is_fresh)));
}

Result<std::unique_ptr<BlobWriter>> DiskBlobStore::begin() {
  KHOCHUNG_CHECK(check_head_room());
  return std::make_unique<Writer>(*this, KHOCHUNG_TRY(TemporaryFile::make(folder_ / "tmp")));
}

Result<BlobInfo> DiskBlobStore::keep_file(const StagedFile& file) {
  auto linked = TemporaryFile::second_name_of(file.path, folder_ / "tmp");
  // The file lies elsewhere, or its file system gives no second names.
  if (!linked) return BlobStore::keep_file(file);
  if (linked->size_bytes() != file.size_bytes)
    return fail(ErrorCode::corrupt, file.path.string() + " is not as long as was said");
  return place(*std::move(linked), file.hash);
}

Result<BlobInfo> DiskBlobStore::place(TemporaryFile file, const ContentHash& hash) const {
  BlobInfo info{hash.sha256, file.size_bytes(), false, false, hash.crc32};
  const auto placed = KHOCHUNG_TRY(sync_.place(
      std::move(file), folder_ / "sha256", name_of(info.sha256), [&] { return is_good(info); }));
  info.was_known = placed == SyncGroup::Placed::was_there;
  info.was_healed = placed == SyncGroup::Placed::replaced;
  if (info.was_healed) opened_.drop(info.sha256);
  return info;
}

Result<BlobReader> DiskBlobStore::open(const Digest& sha256) const {
  const auto path = path_of(sha256);
  FileDescriptor descriptor(
      uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }));
  struct stat info{};
  if (!descriptor.is_open() || ::fstat(descriptor.get(), &info) != 0) {
    return fail(error_of_errno(errno, "open " + path.string()));
  }
  return BlobReader(descriptor.release(), static_cast<std::uint64_t>(info.st_size));
}

Result<std::shared_ptr<const BlobReader>> DiskBlobStore::open_shared(const Digest& sha256) const {
  const auto reader_of = [](const std::shared_ptr<const Opened>& opened) {
    return std::shared_ptr<const BlobReader>(opened, &opened->reader);
  };
  const auto present = std::chrono::steady_clock::now();
  const auto known = opened_.find(sha256);
  if (known && present - known->at < longest_shared) return reader_of(known);
  const auto moment = opened_.moment();
  auto reader = KHOCHUNG_TRY(open(sha256));
  if (reader.size_bytes() <= most_held_bytes)
    reader = BlobReader::holding(KHOCHUNG_TRY(reader.read_all(most_held_bytes)));
  const auto opened = std::make_shared<const Opened>(Opened{std::move(reader), present});
  opened_.keep(sha256, opened, moment);
  return reader_of(opened);
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

/// Whether the file that has our blob's name has its bytes, too. A damaged one is kept by a second
/// name, so that it can be replaced.
Result<bool> DiskBlobStore::is_good(const BlobInfo& ours) const {
  const auto there = open(ours.sha256);
  if (!there && there.error().code == ErrorCode::not_found) return false;
  if (!there) return fail(there.error());
  if (there->size_bytes() == ours.size_bytes) {
    if (is_fresh_ && is_fresh_(ours.sha256)) return true;
    const auto fixity = reread(*there);
    if (fixity && fixity->is_intact(ours.sha256)) return true;
  }
  // The very file that was read: another writer may have replaced it by now.
  const auto damaged = "/proc/self/fd/" + std::to_string(*there->descriptor());
  KHOCHUNG_CHECK(keep_damaged(ours.sha256, [&damaged](const fs::path& name) {
    const int linked =
        ::linkat(AT_FDCWD, damaged.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW);
    return linked != 0 && errno == ENOENT ? 0 : linked;
  }));
  return false;
}

Result<void> DiskBlobStore::set_aside(const Digest& sha256) {
  const auto path = path_of(sha256);
  KHOCHUNG_CHECK(keep_damaged(
      sha256, [&path](const fs::path& name) { return rename_without_replacing(path, name); }));
  opened_.drop(sha256);
  return sync_.sync_folder(path.parent_path());
}

Result<void> DiskBlobStore::remove(const Digest& sha256) {
  KHOCHUNG_CHECK(remove_damaged(sha256));
  const auto path = path_of(sha256);
  if (uninterrupted([&] { return ::unlink(path.c_str()); }) != 0) {
    return fail(error_of_errno(errno, "remove " + path.string()));
  }
  opened_.drop(sha256);
  return sync_.sync_folder(path.parent_path());
}

/// What was set aside of a blob is almost the blob.
Result<void> DiskBlobStore::remove_damaged(const Digest& sha256) const {
  const auto folder = folder_ / "damaged";
  auto name = folder / sha256.hex();
  bool was_there = false;
  for (int number = 2; uninterrupted([&] { return ::unlink(name.c_str()); }) == 0; ++number) {
    was_there = true;
    name = folder / (sha256.hex() + "." + std::to_string(number));
  }
  if (errno != ENOENT) return fail(error_of_errno(errno, "remove " + name.string()));
  return was_there ? sync_.sync_folder(folder) : Result<void>();
}

/// Has `give_name` give a damaged file the first name in damaged/ that is not taken.
Result<void> DiskBlobStore::keep_damaged(const Digest& sha256, const GiveName& give_name) const {
  const auto folder = folder_ / "damaged";
  KHOCHUNG_CHECK(sync_.make_folder(folder));
  auto name = folder / sha256.hex();
  for (int number = 2;; ++number) {
    if (uninterrupted([&] { return give_name(name); }) == 0) return sync_.sync_folder(folder);
    if (errno != EEXIST) return fail(error_of_errno(errno, "keep as " + name.string()));
    name = folder / (sha256.hex() + "." + std::to_string(number));
  }
}

fs::path DiskBlobStore::path_of(const Digest& sha256) const {
  return folder_ / "sha256" / name_of(sha256);
}

Result<void> DiskBlobStore::check_head_room() const {
  if (KHOCHUNG_TRY(free_bytes(folder_)) >= limits_.head_room_bytes) return {};
  return fail(ErrorCode::disk_full, "less than the head-room is free in " + folder_.string());
}

}  // namespace khochung::storage
