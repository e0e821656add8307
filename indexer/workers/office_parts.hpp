#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/workers/zip_package.hpp"
#include "schemas/result.hpp"

/// The parts of an office file since 2007, and how they name each other.
/// Source: ISO/IEC 29500-2 (Open Packaging Conventions).
namespace khochung::workers {

/// Its properties and the XML in `folder`. Errors: those of read_package.
Result<ZipPackage> read_parts(std::string_view zip, std::string_view folder);

/// Empty where there is no such part.
std::string_view part(const ZipPackage& package, std::string_view name);

/// A part that a list names.
struct NamedPart {
  std::string name;
  std::string path;
  bool is_hidden = false;
};
/// Parts in the order in which `list` (sheets, slides) names them.
/// Errors: unsupported "damaged_file".
Result<std::vector<NamedPart>> parts_in_order(const ZipPackage& package, std::string_view folder,
                                              std::string_view list, std::string_view element);

/// The texts that cells of sheets name by their place. Errors: unsupported "damaged_file".
Result<std::vector<std::string>> shared_strings(const ZipPackage& package);

/// 0 for "A1", 27 for "AB7"; -1 when there is no column.
int column_of(std::string_view cell);

}  // namespace khochung::workers
