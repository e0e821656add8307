#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "schemas/result.hpp"

namespace khochung::app {

/// What becomes one material: a file, or the sheets of one document in order; with what is said
/// about it.
struct Shipment {
  std::vector<std::filesystem::path> files;  ///< absolute
  std::map<std::string, std::string> fields;
};

enum class GroupBy { nothing, folder, name };

/// All files under `paths` (folders with everything beneath them, in order of name); pictures are
/// put together as `group_by` says: those of a folder, or those whose names differ only in a last
/// number (A_001, A_002). Errors: not_found for a path that is not there; nothing is listed then.
Result<std::vector<Shipment>> collect(const std::vector<std::string>& paths, GroupBy group_by);

/// The rows of a manifest (.csv with a heading row, or .jsonl): `file` is relative to the manifest,
/// rows of equal `group` become one material in the order of the rows, which takes its fields from
/// the first of them. Errors: bad_input naming the row; not_found, also for a file that a row
/// names.
Result<std::vector<Shipment>> read_manifest(const std::filesystem::path& manifest);

/// The rows of a table by the names of its columns: .jsonl, or .csv with a heading row.
/// Errors: not_found; bad_input "bad_manifest".
Result<std::vector<std::map<std::string, std::string>>> read_rows(
    const std::filesystem::path& table);

/// Whether every field has a value that it can have; units are known to the archive alone.
/// Errors: bad_input naming the field.
Result<void> check_fields(const std::map<std::string, std::string>& fields);

/// A path as text that can be shown and sent as JSON: broken UTF-8 becomes U+FFFD.
std::string shown_path(const std::filesystem::path& path);

}  // namespace khochung::app
