#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::storage {

/// What stands in a folder under one name.
struct FolderEntry {
  enum class Kind { file, folder, link, other };
  std::string name;
  Kind kind = Kind::other;
};

/// A folder whose contents nobody vouches for. Paths are relative to it, with `/`; nothing outside
/// it is reached: absolute paths, `.`, `..` and every symbolic link are refused.
/// Threads: safe from many threads.
class ForeignFolder {
 public:
  static constexpr std::size_t max_depth = 64;
  static constexpr std::size_t max_entries_of_folder = 20'000'000;

  /// Errors: not_found; bad_input when it is no folder; unavailable.
  static Result<ForeignFolder> open(const std::filesystem::path& path);

  /// Opens a regular file. Errors: not_found; bad_input for a bad path or anything but a regular
  /// file; unavailable.
  [[nodiscard]] Result<BlobReader> open_file(std::string_view path) const;
  /// All of a file. Errors: as open_file; too_large beyond `limit_bytes`.
  [[nodiscard]] Result<std::string> read_file(std::string_view path,
                                              std::uint64_t limit_bytes) const;
  /// What stands directly in a folder ("" is this one), by name. Errors: as open_file; too_large.
  [[nodiscard]] Result<std::vector<FolderEntry>> list(std::string_view path) const;

  /// Calls `visit` with everything beneath `path`, a folder before what is in it, names ascending.
  /// Links are told of and not followed. Errors: those of `visit`; too_large beyond max_depth.
  using Visit = std::function<Result<void>(const std::string& path, FolderEntry::Kind kind)>;
  Result<void> walk(const std::string& path, const Visit& visit) const;

 private:
  explicit ForeignFolder(FileDescriptor folder) : folder_(std::move(folder)) {}
  [[nodiscard]] Result<FileDescriptor> open_beneath(std::string_view path, int last_flags) const;
  Result<void> walk(const std::string& path, const Visit& visit, std::size_t depth) const;

  FileDescriptor folder_;
};

/// Calls `use` with the bytes of `reader` from first to last, in steps; gives how many there were.
/// Errors: unavailable; those of `use`.
Result<std::uint64_t> for_each_step(
    const BlobReader& reader, const std::function<Result<void>(std::span<const std::byte>)>& use);

/// Whether `path` is relative and made of names joined by single slashes, none of them `.` or `..`.
bool is_plain_path(std::string_view path);

}  // namespace khochung::storage
