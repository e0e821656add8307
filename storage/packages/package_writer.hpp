#pragma once

#include <filesystem>
#include <string>

#include "schemas/instant.hpp"
#include "schemas/result.hpp"
#include "storage/packages/package_source.hpp"

namespace khochung::storage {

/// What a package says of itself.
struct PackageNote {
  std::string identifier;    ///< External-Identifier
  std::string description;   ///< External-Description
  std::string organization;  ///< Source-Organization
  std::string software;      ///< Bag-Software-Agent
  Instant at{};              ///< Bagging-Date is its day, UTC
};

/// What a package holds.
struct PackageTotals {
  std::uint64_t units = 0;
  std::uint64_t materials = 0;
  std::uint64_t files = 0;       ///< originals
  std::uint64_t size_bytes = 0;  ///< of the originals
};

/// Writes everything of `source` as one bag, laid out as schemas/formats.md says ("Archival
/// package, version 1"). Begun again after an interruption, it goes on.
/// Memory: the largest material's records.
/// Errors: corrupt when a history is broken, a file's bytes are not those that its record names or
/// are not there without a deletion; bad_input when materials are not in order; as BagWriter.
Result<PackageTotals> write_bag(PackageSource& source, const std::filesystem::path& target,
                                const PackageNote& note);

/// The same as an OCFL storage root: one object for each unit and material, one version for each
/// revision. Begun again, it starts anew.
/// Errors: as write_bag.
Result<PackageTotals> write_ocfl(PackageSource& source, const std::filesystem::path& target);

}  // namespace khochung::storage
