#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "schemas/digest.hpp"
#include "schemas/instant.hpp"
#include "schemas/result.hpp"
#include "storage/blobs/blob_store.hpp"

namespace khochung::storage {

/// Something that happened to a material or its files and that its records do not tell: a fixity
/// check, a deletion of bytes, a migration.
struct PreservationEvent {
  std::string id;    ///< unique within the archive, such as the seal of an audit entry
  std::string type;  ///< a term of PREMIS: "fixity check", "deletion", …
  Instant at{};
  std::string agent;
  std::string detail;
  std::string outcome;
  std::optional<Digest> file;  ///< the bytes that it happened to

  bool operator==(const PreservationEvent&) const = default;
};

/// One unit or material: the bytes of all its records, oldest first, and what else happened to it.
struct PackageItem {
  std::vector<std::string> records;
  std::vector<PreservationEvent> events;
};

/// What goes into a package: a store, or another package.
/// Threads: one at a time.
class PackageSource {
 public:
  virtual ~PackageSource() = default;
  using Visit = std::function<Result<void>(const PackageItem&)>;
  /// Every unit that the materials need, with those above it; a unit comes after the one above it.
  virtual Result<void> for_each_unit(const Visit& visit) = 0;
  /// Every material, each once, ascending by package_order().
  virtual Result<void> for_each_material(const Visit& visit) = 0;
  /// The bytes of a file that a record of the material being visited names.
  /// Errors: not_found; unavailable.
  virtual Result<BlobReader> open_blob(const Digest& sha256) = 0;
};

}  // namespace khochung::storage
