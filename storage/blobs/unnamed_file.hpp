#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "schemas/result.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::storage {

/// A file without a name: gone with its last descriptor, also when the process is killed.
/// Threads: one at a time.
class UnnamedFile {
 public:
  /// Errors: disk_full; unavailable.
  static Result<UnnamedFile> make(const std::filesystem::path& folder);
  /// In the system's folder for temporary files ($TMPDIR, else /tmp).
  static Result<UnnamedFile> make();

  /// Errors: disk_full; unavailable.
  Result<void> write(std::span<const std::byte> bytes);
  [[nodiscard]] int descriptor() const { return descriptor_.get(); }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }

 private:
  explicit UnnamedFile(FileDescriptor descriptor) : descriptor_(std::move(descriptor)) {}

  FileDescriptor descriptor_;
  std::uint64_t size_bytes_ = 0;
};

}  // namespace khochung::storage
