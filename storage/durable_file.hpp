#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "schemas/result.hpp"
#include "storage/file_descriptor.hpp"
#include "storage/rounds.hpp"

/// The one place that knows in which order a file becomes durable: a temporary file in the same
/// file system is written, fsynced, renamed without replacing, and then its folder and each folder
/// that is new to its parent are fsynced.
namespace khochung::storage {

/// An Error for a failed system call: disk_full for ENOSPC and EDQUOT; not_found for ENOENT;
/// internal, which no retry helps, where the system refuses for good (permissions, a read-only file
/// system, a name that cannot be); otherwise unavailable.
Error error_of_errno(int number, std::string_view what);

/// Makes a system call again for as long as a signal interrupts it.
template <typename Call>
auto uninterrupted(Call call) {
  auto outcome = call();
  while (outcome == -1 && errno == EINTR) outcome = call();
  return outcome;
}

/// rename(2) that fails with EEXIST where the new name is taken. Gives -1 and errno like it.
int rename_without_replacing(const std::filesystem::path& from, const std::filesystem::path& to);

/// Bytes that an ordinary user can still write to the file system of `folder`.
/// Errors: not_found; unavailable; internal.
Result<std::uint64_t> free_bytes(const std::filesystem::path& folder);

/// Makes durable whatever anybody wrote to the file system of `folder`.
/// Errors: not_found; disk_full; unavailable; internal.
Result<void> sync_file_system_of(const std::filesystem::path& folder);

/// Removes every file directly in `folder`: what was being written when a process ended. Safe only
/// while one process owns the folder. Gives how many there were.
Result<std::size_t> sweep_temporary_files(const std::filesystem::path& folder);

/// A file that is being written and vanishes unless it is placed. Read-only for everyone from its
/// first moment; only this descriptor writes.
/// Threads: one at a time.
class TemporaryFile {
 public:
  /// Errors: disk_full; unavailable; internal.
  static Result<TemporaryFile> make(const std::filesystem::path& folder);
  /// A second name in `folder` for a file that nobody writes to any more.
  /// Errors: unavailable, where it lies in another file system; not_found; internal.
  static Result<TemporaryFile> second_name_of(const std::filesystem::path& file,
                                              const std::filesystem::path& folder);
  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile();

  /// Errors: disk_full; unavailable.
  Result<void> write(std::span<const std::byte> bytes);
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  [[nodiscard]] int descriptor() const { return descriptor_.get(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// The name is gone or belongs to another: nothing is left to remove.
  void forget() { path_.clear(); }

 private:
  TemporaryFile(std::filesystem::path path, FileDescriptor descriptor)
      : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

  std::filesystem::path path_;
  FileDescriptor descriptor_;
  std::uint64_t size_bytes_ = 0;
};

/// Makes files durable in rounds: whoever comes while a round runs shares the next one; a single
/// writer waits for nobody. One or two files are fsynced; from three on one syncfs takes them all:
/// 8 files of 10 KiB in 8 new folders took 10 ms against 104 ms (ext4, busy machine, 2026-11-23),
/// because every fsync flushes the disk for itself.
/// Every call that a signal interrupts is made again.
/// A failed fsync fails its whole round and is never tried again on the same file (the kernel has
/// marked its pages clean); after the second one the group takes nothing more until a restart.
/// Threads: safe from many threads.
/// Source: Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020.
class SyncGroup {
 public:
  /// fsync(2) and syncfs(2); tests put failing ones in their place.
  struct Calls {
    std::function<int(int descriptor)> sync_file;
    std::function<int(int descriptor)> sync_file_system;
  };
  SyncGroup();
  explicit SyncGroup(Calls calls);
  SyncGroup(const SyncGroup&) = delete;

  /// Makes `folder` and what is missing above it, durably.
  /// Errors: disk_full; unavailable; internal.
  Result<void> make_folder(const std::filesystem::path& folder);
  /// Makes durable which names `folder` holds.
  /// Errors: not_found; disk_full; unavailable; internal.
  Result<void> sync_folder(const std::filesystem::path& folder);

  enum class Placed { new_file, was_there, replaced };
  /// Says whether the file that has the name already is good: true keeps it, false has it replaced.
  using IsGood = std::function<Result<bool>()>;
  /// Gives `file` the name base/name durably. Where the name is taken, `is_good` decides; it is
  /// asked after the round, so that nobody waits for it, and may take as long as reading the file.
  /// A damaged file is replaced by rename: the name is never without a file.
  /// `base` was made by make_folder; folders between it and the name are made as needed.
  /// Errors: disk_full; unavailable; internal; those of `is_good`. On error the name is not there
  /// (unless it was before).
  Result<Placed> place(TemporaryFile file, const std::filesystem::path& base,
                       const std::filesystem::path& name, const IsGood& is_good);
  /// The same for files that are named by their content: one that is there is good when it has the
  /// same bytes.
  Result<Placed> place(TemporaryFile file, const std::filesystem::path& base,
                       const std::filesystem::path& name);

 private:
  struct Request;
  struct Round;

  void join_round(Request& request);
  void run(Round& round);
  Result<void> sync_files(Round& round);
  Result<void> name_files(Round& round);
  Result<void> name_file(Round& round, Request& request);
  Result<void> want_folder(Round& round, const std::filesystem::path& base,
                           const std::filesystem::path& folder);
  Result<void> sync_folders(Round& round);
  Result<void> sync_file_systems(Round& round);
  using Call = std::function<int(int descriptor)>;
  Result<void> checked(const Call& call, int descriptor, std::string_view what);
  static void undo(Round& round);

  Calls calls_;
  Rounds<Request> rounds_;
  /// Folders whose entry in their parent is durable. Touched by the running round alone.
  std::unordered_set<std::string> known_folders_;
  std::mutex mutex_;
  int failed_syncs_ = 0;
};

}  // namespace khochung::storage
