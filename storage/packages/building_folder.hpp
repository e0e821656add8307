#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"
#include "storage/file_descriptor.hpp"
#include "storage/packages/digests.hpp"

namespace khochung::storage {

/// A new file of a package; its digests are taken as it is written. Dropped before finish(), it
/// stays as it is: only the package's last step makes anything count.
/// Threads: one at a time.
class PackageFile {
 public:
  /// Errors: disk_full; unavailable.
  Result<void> write(std::span<const std::byte> bytes);
  Result<void> write(std::string_view text) { return write(std::as_bytes(std::span(text))); }

  struct Written {
    std::uint64_t size_bytes = 0;
    /// By algorithm.
    std::map<std::string, std::string> digests;
  };
  /// Errors: disk_full; unavailable.
  Result<Written> finish();

 private:
  friend class BuildingFolder;
  PackageFile(std::string path, FileDescriptor file, const std::vector<std::string>& algorithms)
      : path_(std::move(path)), file_(std::move(file)), digests_(algorithms) {}
  Result<void> flush();

  std::string path_;
  FileDescriptor file_;
  Digests digests_;
  std::string waiting_;
  std::uint64_t size_bytes_ = 0;
};

/// A folder that comes into being: it stands as `<name>.partial` until finish() makes it durable
/// and gives it its name in one step. One process builds it at a time.
/// Threads: one at a time.
class BuildingFolder {
 public:
  /// What becomes of a `.partial` that an earlier attempt left.
  enum class Earlier { goes, stays };
  /// Errors: conflict when the name is taken; locked when another process builds it; disk_full;
  /// unavailable.
  static Result<BuildingFolder> begin(std::filesystem::path target, Earlier earlier);

  /// Begins a file, with the folders above it; one that is there is replaced.
  /// Errors: bad_input for a path that is not plain; disk_full; unavailable.
  Result<PackageFile> create(const std::string& path, const std::vector<std::string>& algorithms);
  /// A whole small file. Errors: as create and PackageFile.
  Result<PackageFile::Written> add(const std::string& path, std::string_view text,
                                   const std::vector<std::string>& algorithms);
  /// Errors: conflict; disk_full; unavailable.
  Result<void> finish();

  /// Where it stands while it is built.
  [[nodiscard]] const std::filesystem::path& path() const { return partial_; }
  /// Whether an earlier attempt had begun it.
  [[nodiscard]] bool goes_on() const { return goes_on_; }

 private:
  BuildingFolder(std::filesystem::path target, std::filesystem::path partial, FileDescriptor folder,
                 bool goes_on)
      : target_(std::move(target)),
        partial_(std::move(partial)),
        folder_(std::move(folder)),
        goes_on_(goes_on) {}

  std::filesystem::path target_;
  std::filesystem::path partial_;
  FileDescriptor folder_;  // holds the lock
  bool goes_on_;
};

}  // namespace khochung::storage
