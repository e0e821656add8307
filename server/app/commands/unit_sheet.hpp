#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "schemas/result.hpp"

namespace khochung::app {

/// The units of the first sheet of an Excel file (xlsx), by the names of their columns; `row` is
/// the number of the row as people see it. The heading row is the first that holds "code"; what
/// stands above it is passed over. `programs`: the folder of the program that reads it.
/// Errors: not_found; bad_input "bad_manifest", naming the cell ("F12"); those of first_sheet.
Result<std::vector<std::map<std::string, std::string>>> read_unit_sheet(
    const std::filesystem::path& file, const std::filesystem::path& programs);

}  // namespace khochung::app
