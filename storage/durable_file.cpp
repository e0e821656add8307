#include "storage/durable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace khochung::storage {
namespace {

/// Beyond this a file's data is written out before it joins a round, so that a film does not hold
/// up the letters that came with it.
constexpr std::uint64_t sync_alone_bytes = 4U << 20U;
/// So many files or folders are synced with their file system rather than one by one.
constexpr std::size_t syncfs_from = 3;
constexpr int failed_syncs_allowed = 1;

/// One that no other file of ours has while a process owns the folder.
std::string temporary_name() {
  static std::atomic<std::uint64_t> next = 0;
  return std::to_string(::getpid()) + "-" + std::to_string(++next);
}

FileDescriptor open_file(const std::filesystem::path& path, int flags) {
  return FileDescriptor(uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC); }));
}

/// Fills `into` from `offset`; fewer bytes only at the end; -1 on error.
ssize_t read_at(int descriptor, std::uint64_t offset, std::span<std::byte> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    const auto count = uninterrupted([&] {
      return ::pread(descriptor, into.data() + filled, into.size() - filled,
                     static_cast<off_t>(offset + filled));
    });
    if (count < 0) return -1;
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(filled);
}

/// 0 also when it is there.
int make_directory(const std::filesystem::path& folder) {
  const int made = uninterrupted([&] { return ::mkdir(folder.c_str(), 0755); });
  return made != 0 && errno == EEXIST ? 0 : made;
}

/// Renames the file; its name is then nothing that goes with it.
int give_name(TemporaryFile& file, const std::filesystem::path& name, bool replaces) {
  const auto& from = file.path();
  const int renamed = replaces ? uninterrupted([&] { return ::rename(from.c_str(), name.c_str()); })
                               : rename_without_replacing(from, name);
  if (renamed == 0) file.forget();
  return renamed;
}

/// Whether `path` holds the bytes of `ours`. What cannot be read does not.
Result<bool> has_bytes_of(const std::filesystem::path& path, int ours) {
  const auto there = open_file(path, O_RDONLY);
  if (!there.is_open() && errno == ENOENT) return false;
  if (!there.is_open()) return fail(error_of_errno(errno, "open " + path.string()));
  std::array<std::byte, 64U << 10U> theirs_bytes;
  std::array<std::byte, 64U << 10U> our_bytes;
  for (std::uint64_t offset = 0;; offset += our_bytes.size()) {
    const auto our_count = read_at(ours, offset, our_bytes);
    if (our_count < 0) return fail(error_of_errno(errno, "read beside " + path.string()));
    const auto count = static_cast<std::size_t>(our_count);
    if (read_at(there.get(), offset, theirs_bytes) != our_count) return false;
    if (std::memcmp(our_bytes.data(), theirs_bytes.data(), count) != 0) return false;
    if (count < our_bytes.size()) return true;
  }
}

}  // namespace

Result<void> sync_file_system_of(const std::filesystem::path& folder) {
  const FileDescriptor descriptor(
      uninterrupted([&] { return ::open(folder.c_str(), O_RDONLY | O_CLOEXEC); }));
  if (!descriptor.is_open() || ::syncfs(descriptor.get()) != 0)
    return fail(error_of_errno(errno, "sync " + folder.string()));
  return {};
}

Error error_of_errno(int number, std::string_view what) {
  std::string message = std::string(what) + ": " + std::strerror(number);
  switch (number) {
    case ENOSPC:
    case EDQUOT: return {ErrorCode::disk_full, std::move(message)};
    case ENOENT: return {ErrorCode::not_found, std::move(message)};
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG: return {ErrorCode::internal, std::move(message), "store_refused"};
    default: return {ErrorCode::unavailable, std::move(message)};
  }
}

int rename_without_replacing(const std::filesystem::path& from, const std::filesystem::path& to) {
  const int renamed = uninterrupted(
      [&] { return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE); });
  if (renamed == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return -1;
  // A file system without the flag: a second name, then the first one goes.
  if (uninterrupted([&] { return ::link(from.c_str(), to.c_str()); }) != 0) return -1;
  return uninterrupted([&] { return ::unlink(from.c_str()); });
}

Result<std::uint64_t> free_bytes(const std::filesystem::path& folder) {
  struct statvfs info{};
  if (uninterrupted([&] { return ::statvfs(folder.c_str(), &info); }) != 0) {
    return fail(error_of_errno(errno, "statvfs " + folder.string()));
  }
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

Result<std::size_t> sweep_temporary_files(const std::filesystem::path& folder) {
  std::error_code error;
  const std::filesystem::directory_iterator entries(folder, error);
  if (error) return fail(error_of_errno(error.value(), "sweep " + folder.string()));
  std::size_t removed = 0;
  for (const auto& entry : entries) {
    if (entry.is_regular_file(error) && std::filesystem::remove(entry.path(), error)) ++removed;
  }
  return removed;
}

// -- TemporaryFile

Result<TemporaryFile> TemporaryFile::make(const std::filesystem::path& folder) {
  auto path = folder / temporary_name();
  FileDescriptor descriptor(uninterrupted(
      [&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0444); }));
  if (!descriptor.is_open()) return fail(error_of_errno(errno, "make " + path.string()));
  return TemporaryFile(std::move(path), std::move(descriptor));
}

Result<TemporaryFile> TemporaryFile::second_name_of(const std::filesystem::path& file,
                                                    const std::filesystem::path& folder) {
  auto path = folder / temporary_name();
  if (uninterrupted([&] { return ::link(file.c_str(), path.c_str()); }) != 0)
    return fail(error_of_errno(errno, "link " + path.string()));
  auto descriptor = open_file(path, O_RDONLY);
  struct stat info{};
  const bool is_known = descriptor.is_open() && ::fstat(descriptor.get(), &info) == 0;
  const int number = errno;
  TemporaryFile linked(std::move(path), std::move(descriptor));
  if (!is_known) return fail(error_of_errno(number, "open " + linked.path().string()));
  linked.size_bytes_ = static_cast<std::uint64_t>(info.st_size);
  return linked;
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      descriptor_(std::move(other.descriptor_)),
      size_bytes_(other.size_bytes_) {}

TemporaryFile::~TemporaryFile() {
  if (!path_.empty()) uninterrupted([&] { return ::unlink(path_.c_str()); });
}

Result<void> TemporaryFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto written =
        uninterrupted([&] { return ::write(descriptor_.get(), bytes.data(), bytes.size()); });
    if (written < 0) return fail(error_of_errno(errno, "write " + path_.string()));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    size_bytes_ += static_cast<std::uint64_t>(written);
  }
  return {};
}

// -- SyncGroup

/// One file on its way to its name.
struct SyncGroup::Request {
  TemporaryFile& file;
  const std::filesystem::path& base;
  std::filesystem::path target;
  /// A damaged file has the name: this one takes its place.
  bool replaces = false;
  Result<Placed> outcome = Placed::new_file;
  bool is_named = false;
  bool is_ended = false;
};

/// Requests that share their fsyncs.
struct SyncGroup::Round {
  const std::vector<Request*>& requests;
  std::set<std::filesystem::path> folders_to_sync;
  std::vector<std::string> new_known_folders;
};

SyncGroup::SyncGroup() : SyncGroup(Calls{::fsync, ::syncfs}) {}
SyncGroup::SyncGroup(Calls calls) : calls_(std::move(calls)) {}

Result<void> SyncGroup::make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (folder.empty() || std::filesystem::is_directory(folder, error)) return {};
  const auto parent = folder.has_parent_path() ? folder.parent_path() : std::filesystem::path(".");
  KHOCHUNG_CHECK(make_folder(parent));
  if (make_directory(folder) != 0) {
    return fail(error_of_errno(errno, "make folder " + folder.string()));
  }
  return sync_folder(parent);
}

Result<void> SyncGroup::sync_folder(const std::filesystem::path& folder) {
  const auto descriptor = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (!descriptor.is_open()) return fail(error_of_errno(errno, "open folder " + folder.string()));
  return checked(calls_.sync_file, descriptor.get(), folder.native());
}

Result<SyncGroup::Placed> SyncGroup::place(TemporaryFile file, const std::filesystem::path& base,
                                           const std::filesystem::path& name) {
  const int ours = file.descriptor();
  return place(std::move(file), base, name, [&] { return has_bytes_of(base / name, ours); });
}

Result<SyncGroup::Placed> SyncGroup::place(TemporaryFile file, const std::filesystem::path& base,
                                           const std::filesystem::path& name,
                                           const IsGood& is_good) {
  if (file.size_bytes() > sync_alone_bytes) {
    KHOCHUNG_CHECK(checked(calls_.sync_file, file.descriptor(), file.path().native()));
  }
  Request request{file, base, base / name};
  join_round(request);
  const bool is_taken = request.outcome && *request.outcome == Placed::was_there;
  if (!is_taken || KHOCHUNG_TRY(is_good())) return request.outcome;
  Request replacement{file, base, base / name, true};
  join_round(replacement);
  return replacement.outcome;
}

void SyncGroup::join_round(Request& request) {
  rounds_.join(request, [this](const std::vector<Request*>& requests) {
    Round round{requests, {}, {}};
    run(round);
  });
}

void SyncGroup::run(Round& round) {
  auto outcome = sync_files(round);
  if (outcome) outcome = name_files(round);
  if (outcome) outcome = sync_folders(round);
  if (!outcome) {
    undo(round);
    for (auto* request : round.requests) request->outcome = fail(outcome.error());
    return;
  }
  known_folders_.insert(round.new_known_folders.begin(), round.new_known_folders.end());
}

Result<void> SyncGroup::sync_files(Round& round) {
  if (round.requests.size() >= syncfs_from) return sync_file_systems(round);
  for (const auto* request : round.requests) {
    const auto& file = request->file;
    KHOCHUNG_CHECK(checked(calls_.sync_file, file.descriptor(), file.path().native()));
  }
  return {};
}

/// Every descriptor was opened before its file was written, so it is told of each failed write-back
/// in its file system since then.
Result<void> SyncGroup::sync_file_systems(Round& round) {
  std::set<dev_t> done;
  for (const auto* request : round.requests) {
    struct stat info{};
    if (uninterrupted([&] { return ::fstat(request->file.descriptor(), &info); }) != 0) {
      return fail(error_of_errno(errno, "stat " + request->target.string()));
    }
    if (!done.insert(info.st_dev).second) continue;
    KHOCHUNG_CHECK(checked(calls_.sync_file_system, request->file.descriptor(), "file system"));
  }
  return {};
}

Result<void> SyncGroup::name_files(Round& round) {
  for (auto* request : round.requests) KHOCHUNG_CHECK(name_file(round, *request));
  return {};
}

Result<void> SyncGroup::name_file(Round& round, Request& request) {
  const auto folder = request.target.parent_path();
  KHOCHUNG_CHECK(want_folder(round, request.base, folder));
  round.folders_to_sync.insert(folder);
  int renamed = give_name(request.file, request.target, request.replaces);
  if (renamed != 0 && errno == ENOENT) {
    // Someone has removed an empty folder since.
    known_folders_.clear();
    KHOCHUNG_CHECK(want_folder(round, request.base, folder));
    renamed = give_name(request.file, request.target, request.replaces);
  }
  if (renamed != 0 && errno != EEXIST) {
    return fail(error_of_errno(errno, "name " + request.target.string()));
  }
  request.is_named = renamed == 0 && !request.replaces;
  request.outcome = renamed != 0       ? Placed::was_there
                    : request.replaces ? Placed::replaced
                                       : Placed::new_file;
  return {};
}

Result<void> SyncGroup::want_folder(Round& round, const std::filesystem::path& base,
                                    const std::filesystem::path& folder) {
  if (folder == base || known_folders_.contains(folder.native())) return {};
  const auto parent = folder.parent_path();
  KHOCHUNG_CHECK(want_folder(round, base, parent));
  if (make_directory(folder) != 0) {
    return fail(error_of_errno(errno, "make folder " + folder.string()));
  }
  // Also when it was there: a process that was killed may have left it unsynced.
  round.folders_to_sync.insert(parent);
  round.new_known_folders.push_back(folder.native());
  return {};
}

Result<void> SyncGroup::sync_folders(Round& round) {
  if (round.folders_to_sync.size() >= syncfs_from) return sync_file_systems(round);
  for (const auto& folder : round.folders_to_sync) KHOCHUNG_CHECK(sync_folder(folder));
  return {};
}

Result<void> SyncGroup::checked(const Call& call, int descriptor, std::string_view what) {
  {
    const std::scoped_lock lock(mutex_);
    if (failed_syncs_ > failed_syncs_allowed) {
      return fail(ErrorCode::unavailable, "the disk failed to sync before; nothing more is taken");
    }
  }
  if (uninterrupted([&] { return call(descriptor); }) == 0) return {};
  const auto error = error_of_errno(errno, "sync " + std::string(what));
  const std::scoped_lock lock(mutex_);
  if (error.code != ErrorCode::disk_full) ++failed_syncs_;
  return fail(error);
}

void SyncGroup::undo(Round& round) {
  for (const auto* request : round.requests) {
    if (!request->is_named) continue;
    uninterrupted([&] { return ::unlink(request->target.c_str()); });
  }
}

}  // namespace khochung::storage
