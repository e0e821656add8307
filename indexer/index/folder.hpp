#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

/// Where an index lies. The folder holds generations, each a whole Xapian database, and `current`
/// names the one in use:
///     index/current        "g000002"
///     index/g000002/       a Xapian database
/// A new generation is built beside the old one and becomes the current one by renaming `current`,
/// so a crash leaves the one or the other, never half of one.
namespace khochung::index {

/// What a failed system call comes to: disk_full for ENOSPC and EDQUOT, otherwise unavailable.
tl::unexpected<Error> failure(const std::filesystem::path& path, std::string_view what, int error);

/// The generation in use. Errors: not_found when there is none yet; corrupt; unavailable.
Result<std::filesystem::path> current_generation(const std::filesystem::path& folder);

/// The path of the next generation (not made yet). What an interrupted rebuild left there is
/// removed.
Result<std::filesystem::path> next_generation(const std::filesystem::path& folder);

/// Makes `generation` the current one, durably, and removes all others.
Result<void> make_current(const std::filesystem::path& folder,
                          const std::filesystem::path& generation);

/// Puts a file in the place of what has its name, durably: the name has the one or the other,
/// whole. Errors: disk_full; unavailable.
Result<void> replace_file(const std::filesystem::path& file, std::string_view bytes);

/// fsync of a folder. Xapian 1.4.22 renames its version file on commit without this: of 440
/// simulated power cuts 76 left an index that does not open; with it none of 1,550.
/// Errors: unavailable; disk_full.
Result<void> sync_folder(const std::filesystem::path& folder);

/// fsync of each file of a folder, then of the folder.
Result<void> sync_files_of(const std::filesystem::path& folder);

}  // namespace khochung::index
