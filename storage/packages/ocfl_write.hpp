#pragma once

#include <boost/json/object.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "schemas/digest.hpp"
#include "schemas/instant.hpp"
#include "schemas/result.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/packages/building_folder.hpp"

namespace khochung::storage {

/// Writes one OCFL 1.1 storage root with objects in it, laid out by extension
/// 0004-hashed-n-tuple-storage-layout. It stands as `<name>.partial` until finish(); what an
/// earlier attempt left is thrown away.
/// Memory: one object's inventory.
/// Threads: one at a time.
/// Source: https://ocfl.io/1.1/spec/
class OcflRootWriter {
 public:
  /// Errors: as BuildingFolder::begin.
  static Result<OcflRootWriter> begin(std::filesystem::path target);
  /// Makes the root durable and gives it its name. Errors: conflict; disk_full; unavailable.
  Result<void> finish() { return folder_.finish(); }

  /// Where the object of this id lies in the root.
  static std::string path_of(std::string_view id);

 private:
  friend class OcflObjectWriter;
  explicit OcflRootWriter(BuildingFolder folder) : folder_(std::move(folder)) {}
  BuildingFolder folder_;
};

/// Writes one object, version by version. Content is addressed by SHA-512 and kept once; a fixity
/// block names its SHA-256, by which our stores know it.
/// Threads: one at a time.
class OcflObjectWriter {
 public:
  /// `id` is a URI that no other object of the root has.
  OcflObjectWriter(OcflRootWriter& root, std::string id);

  /// Puts a file into the version that is being made. `path` is its logical path: plain, and only
  /// once in a version.
  /// Errors: corrupt when the bytes do not have their digest; bad_input; disk_full; unavailable.
  Result<void> add(const std::string& path, const BlobReader& bytes, const Digest& sha256);
  Result<void> add(const std::string& path, std::string_view text);
  /// The same for bytes that an earlier version holds; false when none does.
  bool add_known(const std::string& path, const Digest& sha256);

  struct VersionNote {
    Instant created{};
    std::string message, user_name, user_address;  ///< the address is a URI
  };
  /// Ends the version: its inventory is written, and the next one begins empty.
  Result<void> end_version(const VersionNote& note);
  /// Makes it an object: the inventory of the last version and the declaration at its root.
  Result<void> finish();

 private:
  [[nodiscard]] std::string version() const { return "v" + std::to_string(version_); }
  Result<PackageFile> begin_content(const std::string& path);
  Result<void> end_content(const std::string& path, PackageFile& file, const Digest& sha256);
  Result<void> write_inventory(const std::string& folder);

  OcflRootWriter& root_;
  std::string id_;
  std::string at_;
  int version_ = 1;
  std::map<Digest, std::string> sha512_of_;
  boost::json::object manifest_, fixity_, versions_, state_;
  std::string inventory_;
};

}  // namespace khochung::storage
