#pragma once

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "schemas/result.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::storage {

/// write(2), fsync(2) and ftruncate(2); tests put failing ones in their place.
struct AuditCalls {
  std::function<ssize_t(int descriptor, const void* bytes, std::size_t size)> write = ::write;
  std::function<int(int descriptor)> sync = ::fsync;
  std::function<int(int descriptor, off_t size)> truncate = ::ftruncate;
};

/// A file that grows at its end.
/// Threads: one at a time.
class AppendFile {
 public:
  /// Opens the file, or makes it (0644).
  /// Errors: disk_full; unavailable.
  static Result<AppendFile> open(std::filesystem::path path, const AuditCalls& calls);

  /// On error a part of the bytes may stand there: see cut().
  /// Errors: disk_full; unavailable.
  Result<void> append(std::string_view bytes);
  /// Errors: disk_full; unavailable.
  Result<void> sync();
  /// Takes away everything behind the first `size_bytes`. Errors: unavailable.
  Result<void> cut(std::uint64_t size_bytes);

  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  AppendFile(std::filesystem::path path, FileDescriptor descriptor, std::uint64_t size_bytes,
             const AuditCalls& calls)
      : path_(std::move(path)),
        descriptor_(std::move(descriptor)),
        size_bytes_(size_bytes),
        calls_(&calls) {}

  std::filesystem::path path_;
  FileDescriptor descriptor_;
  std::uint64_t size_bytes_ = 0;
  const AuditCalls* calls_;
};

/// Makes the names in `folder` durable. Errors: disk_full; unavailable.
Result<void> sync_folder(const std::filesystem::path& folder, const AuditCalls& calls);

/// Gives a new file its bytes, durably, and nothing to a name that is taken.
/// Errors: conflict when the name is taken; disk_full; unavailable.
Result<void> write_new_file(const std::filesystem::path& path, std::string_view bytes, int mode,
                            const AuditCalls& calls);

}  // namespace khochung::storage
