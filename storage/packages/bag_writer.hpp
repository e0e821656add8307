#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "schemas/digest.hpp"
#include "schemas/result.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/packages/building_folder.hpp"

namespace khochung::storage {

/// Lines of bag-info.txt, in order. Labels have no colon.
using BagInfo = std::vector<std::pair<std::string, std::string>>;

/// Writes one bag of BagIt 1.0 with SHA-256 manifests. It stands as `<name>.partial` and is no bag
/// until finish() has written its declaration and given it its name. The same files in the same
/// order with the same info give the same bytes.
/// Begun again after an interruption, it keeps files that have their bytes already.
/// Memory: the same for any number of files.
/// Threads: one at a time.
/// Source: RFC 8493.
class BagWriter {
 public:
  /// Errors: as BuildingFolder::begin.
  static Result<BagWriter> begin(std::filesystem::path target);

  /// Adds a payload file; `path` is relative to data/ and has not been added before.
  /// Errors: bad_input for a path that is not plain UTF-8; conflict; corrupt when the bytes do not
  /// have their digest; disk_full; unavailable.
  Result<void> add(const std::string& path, const BlobReader& bytes, const Digest& sha256);
  /// The same for what is at hand; gives its digest.
  Result<Digest> add(const std::string& path, std::string_view text);
  /// Begins a payload file that is written piece by piece, others meanwhile.
  Result<PackageFile> open(const std::string& path);
  /// Ends a file begun with open().
  Result<void> close(const std::string& path, PackageFile& file);

  [[nodiscard]] std::uint64_t files() const { return files_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }

  /// Makes it a bag. `info` comes first in bag-info.txt; Payload-Oxum is added.
  /// Errors: disk_full; unavailable; conflict.
  Result<void> finish(const BagInfo& info);

 private:
  BagWriter(BuildingFolder folder, PackageFile manifest)
      : folder_(std::move(folder)), manifest_(std::move(manifest)) {}
  Result<bool> is_there(const std::string& path, std::uint64_t size_bytes,
                        const Digest& sha256) const;
  Result<void> list(const std::string& path, const Digest& sha256, std::uint64_t size_bytes);
  Result<void> remove_what_is_not_listed();

  BuildingFolder folder_;
  PackageFile manifest_;
  std::uint64_t files_ = 0;
  std::uint64_t size_bytes_ = 0;
};

}  // namespace khochung::storage
