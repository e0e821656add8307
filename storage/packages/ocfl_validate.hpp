#pragma once

#include <filesystem>

#include "schemas/result.hpp"
#include "storage/packages/ocfl_report.hpp"

namespace khochung::storage {

/// Judges a folder as one OCFL object by versions 1.0 and 1.1 of the specification: every rule that
/// can be checked in the folder alone, all digests and fixity values taken anew.
/// Whatever stands in the folder is a finding, never an error; no link is followed.
/// Errors: not_found; unavailable (the disk); too_large for folders deeper or fuller than any
/// archive's.
/// Source: https://ocfl.io/1.1/spec/
Result<OcflReport> validate_ocfl_object(const std::filesystem::path& folder);

/// Judges a folder as an OCFL storage root, with every object in it.
/// Memory: 16 bytes an object, beside the largest object's inventories.
/// Errors: as validate_ocfl_object.
Result<OcflReport> validate_ocfl_root(const std::filesystem::path& folder);

}  // namespace khochung::storage
