#pragma once

#include <filesystem>

#include "schemas/result.hpp"

namespace khochung::storage {

/// Writes an SQLite database of ours that is in use, as of one moment, into a new file of its own,
/// without what was deleted from it. Nobody waits for it.
/// Errors: conflict when the file is there; not_found; corrupt; disk_full; unavailable.
Result<void> copy_database(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace khochung::storage
