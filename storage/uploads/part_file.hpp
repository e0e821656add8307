#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "storage/blobs/blob_store.hpp"
#include "storage/blobs/content_hasher.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::storage {

/// The bytes of an upload so far, with the hashes of what came by.
/// Threads: one at a time.
class PartFile {
 public:
  /// Makes an empty file, durably. Errors: disk_full; unavailable; internal.
  static Result<PartFile> make(const std::filesystem::path& path);
  /// Opens one of which `size_bytes` are known to be durable; what lies beyond is cut off, unless
  /// the file is whole.
  /// Errors: corrupt when it is shorter than that; not_found; unavailable; internal.
  static Result<PartFile> open(const std::filesystem::path& path, std::uint64_t size_bytes,
                               bool is_whole);

  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  /// Adds to its end. On error the file ends where it did.
  /// Errors: disk_full; unavailable.
  Result<void> append(std::span<const std::byte> bytes);
  /// Forgets what lies behind `size_bytes`. Errors: unavailable.
  Result<void> cut(std::uint64_t size_bytes);
  /// Makes durable what was appended. Errors: disk_full; unavailable; internal.
  Result<void> sync();
  /// Takes the hashes of all bytes; those that did not come by since it was opened are read again.
  /// Nothing is to be appended afterwards, and the file is read-only.
  /// Errors: unavailable.
  Result<StagedFile> stage();
  /// The bytes so far, with a descriptor of its own. Errors: unavailable.
  [[nodiscard]] Result<BlobReader> reader() const;

 private:
  PartFile(std::filesystem::path path, FileDescriptor descriptor, std::uint64_t size_bytes)
      : path_(std::move(path)), descriptor_(std::move(descriptor)), size_bytes_(size_bytes) {}

  std::filesystem::path path_;
  FileDescriptor descriptor_;
  std::uint64_t size_bytes_ = 0;
  ContentHasher hasher_;
  std::uint64_t hashed_bytes_ = 0;
  std::optional<ContentHash> hash_;
};

}  // namespace khochung::storage
