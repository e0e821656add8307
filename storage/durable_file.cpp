#include "storage/durable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <cstdio>

#include <atomic>
#include <cerrno>
#include <cstring>

namespace khochung::storage {
namespace {

/// Beyond this a file's data is written out before it joins a round, so that a film does not hold
/// up the letters that came with it.
constexpr std::uint64_t sync_alone_bytes = 4U << 20U;
/// So many files or folders are synced with their file system rather than one by one.
constexpr std::size_t syncfs_from = 3;
constexpr int failed_syncs_allowed = 1;

int rename_without_replacing(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return -1;
  // A file system without the flag: a second name, then the first one goes.
  if (::link(from.c_str(), to.c_str()) != 0) return -1;
  ::unlink(from.c_str());
  return 0;
}

}  // namespace

Error error_of_errno(int number, std::string_view what) {
  std::string message = std::string(what) + ": " + std::strerror(number);
  switch (number) {
    case ENOSPC:
    case EDQUOT: return {ErrorCode::disk_full, std::move(message)};
    case EACCES:
    case EPERM:
    case EROFS: return {ErrorCode::unwritable, std::move(message)};
    case ENOENT: return {ErrorCode::not_found, std::move(message)};
    default: return {ErrorCode::unavailable, std::move(message)};
  }
}

Result<std::uint64_t> free_bytes(const std::filesystem::path& folder) {
  struct statvfs info{};
  if (::statvfs(folder.c_str(), &info) != 0) {
    const int number = errno;
    return fail(ErrorCode::unavailable,
                "statvfs " + folder.string() + ": " + std::strerror(number));
  }
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.is_open() || ::fsync(descriptor.get()) != 0)
    return fail(error_of_errno(errno, "sync folder " + folder.string()));
  return {};
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
  static std::atomic<std::uint64_t> next = 0;
  auto path = folder / (std::to_string(::getpid()) + "-" + std::to_string(++next));
  FileDescriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
  if (!descriptor.is_open()) return fail(error_of_errno(errno, "make " + path.string()));
  return TemporaryFile(std::move(path), std::move(descriptor));
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      descriptor_(std::move(other.descriptor_)),
      size_bytes_(other.size_bytes_) {}

TemporaryFile::~TemporaryFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

Result<void> TemporaryFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
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
  /// Whoever runs the round writes these, without the lock.
  Result<Placed> outcome = Placed::new_file;
  bool is_named = false;
  /// Set under the lock; only then does the caller look at the outcome.
  bool is_ended = false;
};

/// Requests that share their fsyncs.
struct SyncGroup::Round {
  std::vector<Request*> requests;
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
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
    return fail(error_of_errno(errno, "make folder " + folder.string()));
  }
  const FileDescriptor above(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!above.is_open()) return fail(error_of_errno(errno, "open folder " + parent.string()));
  return checked(calls_.sync_file, above.get(), parent.native());
}

Result<SyncGroup::Placed> SyncGroup::place(TemporaryFile file, const std::filesystem::path& base,
                                           const std::filesystem::path& name) {
  if (file.size_bytes() > sync_alone_bytes) {
    KHOCHUNG_CHECK(checked(calls_.sync_file, file.descriptor(), file.path().native()));
  }
  Request request{file, base, base / name};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&request);
  while (!request.is_ended) {
    if (is_running_) {
      round_ended_.wait(lock);
      continue;
    }
    is_running_ = true;
    Round round;
    round.requests.swap(waiting_);
    lock.unlock();
    run(round);
    lock.lock();
    for (auto* ended : round.requests) ended->is_ended = true;
    is_running_ = false;
    round_ended_.notify_all();
  }
  return request.outcome;
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
    if (::fstat(request->file.descriptor(), &info) != 0) {
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
  int renamed = rename_without_replacing(request.file.path(), request.target);
  if (renamed != 0 && errno == ENOENT) {
    // Someone has removed an empty folder since.
    known_folders_.clear();
    KHOCHUNG_CHECK(want_folder(round, request.base, folder));
    renamed = rename_without_replacing(request.file.path(), request.target);
  }
  if (renamed == 0) {
    request.is_named = true;
    request.file.forget();
    return {};
  }
  if (errno != EEXIST) return fail(error_of_errno(errno, "name " + request.target.string()));
  struct stat there{};
  request.outcome = Placed::was_there;
  if (::stat(request.target.c_str(), &there) == 0 &&
      static_cast<std::uint64_t>(there.st_size) == request.file.size_bytes()) {
    return {};
  }
  if (::rename(request.file.path().c_str(), request.target.c_str()) != 0) {
    return fail(error_of_errno(errno, "replace " + request.target.string()));
  }
  request.outcome = Placed::replaced;
  request.file.forget();
  return {};
}

Result<void> SyncGroup::want_folder(Round& round, const std::filesystem::path& base,
                                    const std::filesystem::path& folder) {
  if (folder == base || known_folders_.contains(folder.native())) return {};
  const auto parent = folder.parent_path();
  KHOCHUNG_CHECK(want_folder(round, base, parent));
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
    return fail(error_of_errno(errno, "make folder " + folder.string()));
  }
  // Also when it was there: a process that was killed may have left it unsynced.
  round.folders_to_sync.insert(parent);
  round.new_known_folders.push_back(folder.native());
  return {};
}

Result<void> SyncGroup::sync_folders(Round& round) {
  if (round.folders_to_sync.size() >= syncfs_from) return sync_file_systems(round);
  for (const auto& folder : round.folders_to_sync) {
    const FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor.is_open()) return fail(error_of_errno(errno, "open " + folder.string()));
    KHOCHUNG_CHECK(checked(calls_.sync_file, descriptor.get(), folder.native()));
  }
  return {};
}

Result<void> SyncGroup::checked(const Call& call, int descriptor, std::string_view what) {
  {
    const std::scoped_lock lock(mutex_);
    if (failed_syncs_ > failed_syncs_allowed) {
      return fail(ErrorCode::unavailable, "the disk failed to sync before; nothing more is taken");
    }
  }
  int synced = call(descriptor);
  while (synced != 0 && errno == EINTR) synced = call(descriptor);
  if (synced == 0) return {};
  const auto error = error_of_errno(errno, "sync " + std::string(what));
  const std::scoped_lock lock(mutex_);
  if (error.code != ErrorCode::disk_full) ++failed_syncs_;
  return fail(error);
}

void SyncGroup::undo(Round& round) {
  for (const auto* request : round.requests) {
    if (request->is_named) ::unlink(request->target.c_str());
  }
}

}  // namespace khochung::storage
