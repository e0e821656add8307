#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/material.hpp"
#include "schemas/record.hpp"
#include "schemas/unit.hpp"
#include "storage/packages/package_source.hpp"

namespace khochung::storage {

/// One revision of a thing in a package.
struct PackagedRevision {
  Record record;
  Digest seal;
  std::string file_name;  ///< <id>.r000001.<seal>.json
};

/// The revisions of one thing, held together by their seals.
struct PackagedHistory {
  Uuid id;
  std::vector<PackagedRevision> revisions;
};

/// The history that `records` are: seals taken, numbers without a gap, one id, each naming the one
/// before, each in its canonical form, so that whoever appends the records gets the same seals.
/// Errors: corrupt.
Result<PackagedHistory> history_of(const std::vector<std::string>& records, RecordKind kind);

/// What each revision says. Errors: corrupt when a body is none or tells of another thing.
Result<std::vector<Material>> materials_of(const PackagedHistory& history);
Result<std::vector<Unit>> units_of(const PackagedHistory& history);

/// One file of a material where it lies in a package.
struct PlacedFile {
  std::string name;      ///< unique in the material's folder, safe everywhere
  MaterialFile file;     ///< as the newest revision that has it says
  int revision = 1;      ///< that revision
  bool is_gone = false;  ///< its bytes were deleted; an event says so
};

/// Every file that any revision holds, once for each digest: the newest revision's first, under
/// their own names; what has a name that is taken gets that of its revision added.
std::vector<PlacedFile> placed_files(const std::vector<Material>& revisions,
                                     const std::vector<PreservationEvent>& events);

/// By the last four hexadecimal digits, then by the id: the order in which a store lies on disk, so
/// that whoever lists one never holds more than a 256th of its ids.
std::string package_order(const Uuid& id);

/// "<id>.r000001.<seal>.json"
std::string record_file_name(const Uuid& id, int revision, const Digest& seal);

}  // namespace khochung::storage
