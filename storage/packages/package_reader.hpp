#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "storage/packages/bag_reader.hpp"
#include "storage/packages/package_source.hpp"

namespace khochung::storage {

/// Something in a sound bag that is not as an archival package is.
struct PackageFinding {
  std::string where;
  std::string what;
};

/// What was found in a package before anything of it is taken.
struct PackageReport {
  static constexpr std::size_t max_findings = 1000;
  BagReport bag;
  std::vector<PackageFinding> findings;  ///< at most max_findings
  std::uint64_t faults = 0;              ///< all of them
  std::uint64_t units = 0;
  std::uint64_t materials = 0;
  [[nodiscard]] bool is_valid() const { return bag.is_valid() && faults == 0; }
};

/// Reads an archival package (a bag, "Archival package, version 1"). Call check() first; what
/// follows holds each history together again as it goes, and whoever stores a file takes its
/// digest anew, so that a package that changes in between is noticed.
/// XML in a package is for others: it is never parsed here.
/// Memory: 48 bytes a file, the names of the fullest folder, all records of units, and the largest
/// material's records.
/// Threads: one at a time.
class PackageReader final : public PackageSource {
 public:
  /// Errors: as BagReader::open.
  static Result<PackageReader> open(const std::filesystem::path& folder);

  /// Checks the bag and then what is in it: every record's seal and chain, every file named by a
  /// record of its material and the other way round (or its deletion told), every unit there.
  /// Errors: unavailable; too_large.
  Result<PackageReport> check();

  Result<void> for_each_unit(const Visit& visit) override;
  Result<void> for_each_material(const Visit& visit) override;
  Result<BlobReader> open_blob(const Digest& sha256) override;

 private:
  class Check;
  /// The files of one unit or material, as the manifest lists them.
  struct Thing {
    std::string folder;  ///< "data/materials/<id>"
    std::vector<BagLine> records, files, metadata;
  };
  enum class Kind { unit, material };
  explicit PackageReader(BagReader bag) : bag_(std::move(bag)) {}
  Result<void> for_each_thing(Kind kind, const std::function<Result<void>(Thing&)>& visit) const;
  Result<PackageItem> item_of(const Thing& thing) const;
  Result<void> for_each_item(Kind kind, const Visit& visit);

  BagReader bag_;
  /// Of the material being visited.
  std::map<Digest, std::string> files_;
};

}  // namespace khochung::storage
